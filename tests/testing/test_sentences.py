import dataclasses

import numpy as np
import pytest

from imagier.i18n import LANGUAGES, use_language
from imagier.testing import Score, wilson
from imagier.testing import sentences as say


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def score_of(correct, n):
    return Score(
        n=n, correct=correct, interval=wilson(correct, n), balanced_accuracy=correct / n, loss=0.1
    )


def with_learnt(report, correct, n, part="train"):
    return dataclasses.replace(report, scores={**report.scores, part: score_of(correct, n)})


def test_the_headline_has_the_figure_its_n_and_its_interval(report_of):
    report = report_of([0] * 270, [0] * 265 + [1] * 5)
    assert say.headline(report) == (
        "98.1% of 270 unseen pictures named right; between 95.7% and 99.2% (95% interval)"
    )
    with use_language("fr"):
        assert say.headline(report) == (
            "98,1\u202f% des 270 images jamais vues sont bien nommées\u202f; "
            "entre 95,7\u202f% et 99,2\u202f% (intervalle à 95\u202f%)"
        )


def test_pictures_are_called_unseen_only_where_that_is_known(report_of):
    assert "unseen" not in say.headline(report_of([0, 1], [0, 1], leaked=None))


def test_no_share_is_rounded_up_to_all():
    assert say.share(0.99999, 10) == "99.9%"
    assert say.share(0.99999, 60_000) == "99.99%"
    assert say.share(1.0, 10) == "100.0%"
    assert say.share(0.00001, 10) == "0.1%"


def test_a_gap_that_chance_explains_is_no_overfitting(report_of):
    report = with_learnt(report_of([0] * 100, [0] * 97 + [1] * 3), 1000, 1000)
    assert "Chance alone" in say.gap_sentence(with_learnt(report, 990, 1000))
    large = report_of([0] * 300, [0] * 240 + [1] * 60)
    assert "overfitting" in say.gap_sentence(with_learnt(large, 999, 1000))
    with use_language("fr"):
        assert "surapprentissage" in say.gap_sentence(with_learnt(large, 999, 1000))


def test_a_gap_beyond_chance_but_small_is_called_slight(report_of):
    report = report_of([0] * 10_000, [0] * 9_900 + [1] * 100)
    assert "slight" in say.gap_sentence(with_learnt(report, 9_990, 10_000))


def test_what_was_not_even_learnt_is_told(report_of):
    report = report_of([0] * 50 + [1] * 50, [0] * 100)
    assert "hardly known" in say.gap_sentence(with_learnt(report, 390, 1000))


def test_without_a_learning_part_there_is_no_gap(report_of):
    assert say.gap_sentence(report_of([0], [0])) is None


def test_what_does_not_beat_the_baseline_is_told(report_of):
    weak = report_of([0] * 80 + [1] * 20, [0] * 84 + [1] * 16)
    assert "would be right 80.0%" in say.versus_baseline(weak)
    assert "not shown" not in say.versus_baseline(weak)
    useless = report_of([0] * 80 + [1] * 20, [0] * 100)
    assert "not shown to be better" in say.versus_baseline(useless)


def test_the_verdict_tells_how_many_pictures_would_prove_it(report_of):
    report = report_of([0] * 200, [0] * 196 + [1] * 4, accept=0.97)
    assert say.verdict_sentence(report).startswith("Not proven")
    assert "About 930 further test pictures" in say.verdict_sentence(report)
    assert "would prove it" in say.verdict_sentence(report)
    lower = report_of([0] * 200, [0] * 192 + [1] * 8, accept=0.97)
    assert "would refute it" in say.verdict_sentence(lower)
    equal = report_of([0] * 200, [0] * 194 + [1] * 6, accept=0.97)
    assert "no reasonable number" in say.verdict_sentence(equal)
    with use_language("fr"):
        assert "930 images de test de plus" in say.verdict_sentence(report)


def test_a_test_of_one_class_is_called_so(report_of):
    report = report_of([1] * 40, [1] * 40)
    assert "All test pictures are “1”" in say.versus_baseline(report)
    assert "no test picture of 0, 2" in " ".join(say.cautions(report))


def test_names_without_a_picture_are_said(report_of):
    labels = np.repeat([0, 1], 40)
    report = report_of(labels, labels)
    assert any("no test picture of 2: nothing is known" in one for one in say.cautions(report))
    assert report.to_json()["missing"] == ["2"]
    many = tuple(f"n{row}" for row in range(14))
    said = " ".join(say.cautions(report_of(labels, labels, classes=many)))
    assert "n11 and 2 more" in said


def test_a_small_test_is_called_small(report_of):
    assert any(
        "29 test pictures are too few" in one for one in say.cautions(report_of([0] * 29, [0] * 29))
    )
    assert not any("are too few" in one for one in say.cautions(report_of([0] * 30, [0] * 30)))


def test_a_test_on_learnt_pictures_is_none(report_of):
    labels = [0] * 40 + [1] * 40
    report = dataclasses.replace(report_of(labels, labels, accept=0.5), overlap=3)
    assert "unseen" not in say.headline(report)
    assert say.headline(report).endswith("[3 were learnt from]")
    assert say.cautions(report)[0].startswith("NOT A TEST: 3 of these 80")
    assert "prove nothing" in say.verdict_sentence(report)
    assert say.gap_sentence(with_learnt(report, 990, 1000)) is None


def test_a_good_test_of_known_hands_needs_no_caution(report_of):
    labels = np.repeat([0, 1, 2], 40)
    groups = tuple(f"hand {row}" for row in range(120))
    report = report_of(labels, labels, groups=groups, evaluation_count=1)
    assert say.cautions(report) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"leaked": 12}, "12 pictures were left out"),
        ({"leaked": 1}, "1 picture was left out"),
        ({"leaked": None}, "does not say which pictures"),
        ({"leak_rate": 0.25}, "25.0% of the test pictures have a relative"),
        ({"tested_groups": None}, "may flatter"),
        ({"tested_groups": 9}, "come from 9 groups"),
        ({"evaluation_count": None}, "could not be counted"),
        ({"evaluation_count": 3}, "evaluation number 3"),
    ],
)
def test_each_weakness_is_told(report_of, change, words):
    labels = np.repeat([0, 1, 2], 40)
    groups = tuple(f"hand {row}" for row in range(120))
    report = dataclasses.replace(
        report_of(labels, labels, groups=groups, evaluation_count=1), **change
    )
    (caution,) = say.cautions(report)
    assert words in caution


def test_what_limits_the_parts_is_told_once(full_report):
    cautions = say.cautions(full_report)
    assert cautions[-1] == "A note on the parts."
    assert not any("may flatter" in one for one in cautions)


def test_uneven_classes_bring_the_balanced_accuracy(report_of):
    report = report_of([0] * 90 + [1] * 30 + [2] * 30, [0] * 120 + [2] * 30)
    (caution,) = [one for one in say.cautions(report) if "balanced" in one]
    assert "66.7%" in caution


def test_a_test_worse_than_validation_is_told(report_of):
    report = report_of([0] * 300, [0] * 240 + [1] * 60)
    worse = with_learnt(report, 395, 400, part="validation")
    assert any("differ from those" in one for one in say.cautions(worse))
    equal = with_learnt(report, 330, 400, part="validation")
    assert not any("differ from those" in one for one in say.cautions(equal))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rate", [None, 0.0, 0.3])
def test_the_report_never_says_leak_free(report_of, language, rate):
    report = dataclasses.replace(report_of([0, 1], [0, 1]), leak_rate=rate)
    with use_language(language):
        text = " ".join([say.leak_sentence(report), *say.cautions(report)]).lower()
    assert "leak-free" not in text
    assert "sans fuite" not in text
