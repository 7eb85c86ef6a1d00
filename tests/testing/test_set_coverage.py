"""Sets of names on test pictures: what was promised, the band, what happened."""

import dataclasses

import numpy as np
import pytest

from imagier.i18n import use_language
from imagier.testing import evaluate
from imagier.testing.conformal import coverage_band, prediction_sets
from imagier.testing.sections import SECTIONS
from imagier.testing.set_coverage import count_coverage, coverage_sentence

LIMIT = 0.2


class Card:
    def __init__(self, sets):
        self.thresholds = {"sets": sets}


@pytest.fixture
def tested(obedient, dataset_of):
    """Pictures of three classes, some wrong, the true name then with half of what is left."""
    generator = np.random.default_rng(0)
    labels = np.arange(300) % 3
    answers = np.where(generator.random(300) < 0.4, (labels + 1) % 3, labels)
    dataset = dataset_of(labels, answers, sure=generator.integers(40, 99, 300))
    recognizer = obedient(dataset.classes)
    return evaluate(recognizer, dataset), recognizer.probabilities(dataset.pixels), labels


def test_what_is_counted_is_what_the_sets_hold(tested):
    evaluation, probabilities, labels = tested
    sets = prediction_sets(probabilities, LIMIT)
    sets[np.arange(300), probabilities.argmax(axis=1)] = True
    held = int(sets[np.arange(300), labels].sum())
    assert evaluation.score.correct < held < 300
    found = count_coverage(Card([[0.9, LIMIT, 460], [0.95, 0.1, 460]]), evaluation)
    assert (found.n, found.held, found.judged, found.coverage) == (300, held, 460, 0.9)
    assert found.band == coverage_band(460, 1 - 0.9)
    assert found.to_json()["held"] == held / 300


@pytest.mark.parametrize(("language", "share"), [("en", "90%"), ("fr", "90\u202f%")])
def test_it_is_said_with_its_band(tested, language, share):
    found = count_coverage(Card([[0.9, LIMIT, 460]]), tested[0])
    with use_language(language):
        said = coverage_sentence(found)
    assert share in said
    assert "`--coverage 0.9`" in said
    assert str(found.held) in said
    assert ("87.1% to 92.6%" if language == "en" else "87,1\u202f% à 92,6\u202f%") in said


@pytest.mark.parametrize("sets", [[], [[0.5, 0.4, 60]], "nonsense"])
def test_a_model_that_gives_no_such_sets_says_nothing(tested, sets):
    assert count_coverage(Card(sets), tested[0]) is None


def test_the_section_on_sureness_says_it(report_of, tested):
    report = report_of(np.arange(90) % 3, np.arange(90) % 3)
    facts = next(one.facts for one in SECTIONS if one.name == "confidence")
    with use_language("en"):
        before = facts(report)["remarks"]
        sets = count_coverage(Card([[0.9, LIMIT, 460]]), tested[0])
        after = facts(dataclasses.replace(report, sets=sets))["remarks"]
        assert after == [coverage_sentence(sets), *before]
