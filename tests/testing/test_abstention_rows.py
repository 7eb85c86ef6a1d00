import numpy as np
import pytest

from imagier.i18n import use_language
from imagier.recognizer.abstention import threshold_rows
from imagier.testing.abstention import LEVELS, AbstentionRow, abstention_rows
from imagier.testing.calibration import brier_scores, calibration
from imagier.testing.confidence_report import (
    abstention_sentence,
    abstention_table,
    calibration_sentence,
    calibration_table,
    reliability_figure,
)


class Card:
    def __init__(self, rows):
        self.thresholds = {"held_out": [row.to_json() for row in rows]}


def answers(n, seed):
    generator = np.random.default_rng(seed)
    confidence = generator.beta(8, 1, n)
    return confidence, generator.random(n) < confidence


@pytest.fixture
def rows():
    confidence, right = answers(20_000, 1)
    return abstention_rows(Card(threshold_rows(*answers(20_000, 0))), confidence, right)


def test_what_was_promised_is_kept_on_other_pictures(rows):
    assert len(rows) >= 3
    assert {row.max_error for row in rows} <= set(LEVELS)
    assert all(row.error <= row.max_error * 1.1 for row in rows)
    assert [row.answered for row in rows] == sorted(row.answered for row in rows)
    assert [row.threshold for row in rows] == sorted((r.threshold for r in rows), reverse=True)


def test_a_model_that_was_not_judged_promises_nothing():
    assert abstention_rows(Card(()), *answers(50, 0)) == ()
    with use_language("en"):
        assert "cannot say" in abstention_sentence(())


def test_the_same_is_said_in_words_and_in_numbers(rows):
    row = rows[0]
    values = row.to_json()
    assert values["answered"] == row.answered / row.n
    assert values["error"] == row.wrong / row.answered
    assert abstention_table(rows).rows[0] == (
        row.max_error,
        row.threshold,
        row.n,
        row.answered,
        row.wrong,
    )
    with use_language("en"):
        half = next(one for one in rows if one.answered >= one.n / 2)
        assert f"{half.answered / half.n:.1%} of these pictures" in abstention_sentence(rows)
    with use_language("fr"):
        assert "à une personne" in abstention_sentence(rows)


def test_nothing_tested_divides_by_nothing():
    row = AbstentionRow(max_error=0.01, threshold=0.5, n=0, answered=0, wrong=0)
    assert row.to_json()["error"] is None
    with use_language("en"):
        assert "0 of the 0 answers" in abstention_sentence([row])


def test_calibration_is_said_beside_what_chance_gives():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 3)) * 2
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([generator.choice(3, p=row) for row in shares])
    right = shares.argmax(axis=1) == labels
    good = calibration(shares.max(axis=1), right, brier_scores(shares, labels))
    bad = calibration(np.full(4000, 0.99), right, brier_scores(shares, labels))
    with use_language("en"):
        assert calibration_sentence(good).startswith("Its probabilities can be believed")
        assert calibration_sentence(bad).startswith("Its probabilities are off")
    table = calibration_table(good)
    assert sum(row[2] for row in table.rows) == 4000
    figure = reliability_figure(good)
    assert figure.label.startswith("Its probabilities")
    assert figure.content(".svg").startswith(b"<")
