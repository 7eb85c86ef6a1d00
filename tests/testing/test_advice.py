"""What a test advises follows from its counts, and is said alike on every surface."""

import dataclasses

import numpy as np
import pytest

from imagier.i18n import LANGUAGES, catalogue, use_language
from imagier.testing import terminal_lines
from imagier.testing.abstention import AbstentionRow
from imagier.testing.advice import advice


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def answered(labels, wrong):
    """Give answers of which the first `wrong` are not the labels."""
    answers = np.array(labels)
    answers[:wrong] = (answers[:wrong] + 1) % 3
    return answers


def promising(report, max_error, share):
    n = report.test.n
    row = AbstentionRow(max_error=max_error, threshold=0.9, n=n, answered=int(share * n), wrong=0)
    return dataclasses.replace(report, abstention=(row,))


def codes(report):
    return [step.code for step in advice(report).steps]


def test_too_few_pictures_decide_nothing(report_of):
    found = advice(report_of([0, 1, 2], [0, 1, 2]))
    assert found.use == "undecided"
    assert "3 test pictures are too few" in found.sentence


def test_what_does_not_beat_one_name_is_not_used(report_of):
    found = advice(report_of([0] * 80 + [1] * 20, [0] * 100))
    assert found.use == "no"
    assert "always answering “0”" in found.sentence


def test_a_small_promise_is_used_and_what_it_costs_is_said(report_of):
    labels = [0, 1, 2] * 40
    report = promising(report_of(labels, answered(labels, 6)), 0.02, 0.9)
    found = advice(report)
    assert found.use == "yes"
    assert "`--max-error 0.02`" in found.sentence
    assert "answers 90.0%" in found.sentence
    assert "at most 2% of its answers wrong" in found.sentence


def test_a_large_promise_needs_a_person(report_of):
    labels = [0, 1, 2] * 40
    report = report_of(labels, answered(labels, 30))
    assert advice(promising(report, 0.2, 0.9)).use == "with_care"
    assert advice(promising(report, 0.02, 0.3)).use == "with_care"  # most are left to a person
    assert "one answer in 4 is wrong" in advice(report).sentence


@pytest.mark.parametrize(("accept", "use"), [(0.5, "yes"), (0.9, "undecided"), (0.999, "no")])
def test_what_was_asked_for_decides(report_of, accept, use):
    labels = [0, 1, 2] * 40
    assert advice(report_of(labels, answered(labels, 12), accept=accept)).use == use


def test_a_figure_that_copies_raise_counts_without_them(report_of):
    labels = [0, 1, 2] * 40
    report = promising(report_of(labels, labels), 0.02, 1.0)
    leaking = dataclasses.replace(report, leak_rate=0.8)
    assert (advice(report).use, advice(leaking).use) == ("yes", "no")
    assert codes(leaking)[0] == "copies"


def test_sure_mistakes_are_looked_at_first(report_of):
    labels = [0, 1, 2] * 40
    report = report_of(labels, answered(labels, 4), sure=[99, 99, 60, 60] + [90] * 116)
    found = advice(report)
    assert found.steps[0].code == "labels"
    assert "0/0.png, 1/1.png)" in found.steps[0].sentence
    assert "2 pictures" in found.steps[0].sentence


def test_names_below_the_rest_by_more_than_chance_want_pictures(report_of):
    labels = [0] * 100 + [1] * 100 + [2] * 100
    answers = [0] * 100 + [1] * 100 + [2] * 60 + [0] * 40
    found = advice(report_of(labels, answers))
    (step,) = [step for step in found.steps if step.code == "pictures"]
    assert "2 (60.0%)" in step.sentence
    assert "1 (" not in step.sentence
    assert [step.code for step in found.steps][-1] == "pair"
    assert "“2” from “0”: 40 of the 40" in found.steps[-1].sentence


def test_chance_alone_asks_for_nothing(report_of):
    labels = [0, 1, 2] * 40
    assert codes(report_of(labels, answered(labels, 3))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_terminal_and_programs_hear_the_same(report_of, language):
    labels = [0, 1, 2] * 40
    report = report_of(labels, answered(labels, 5), sure=[99] * 120)
    with use_language(language):
        found, lines = advice(report), terminal_lines(report)
        assert found.sentence in lines
        assert f"1. {found.steps[0].sentence}" in lines
        assert report.to_json()["advice"] == found.to_json()


def test_every_step_has_its_sentence_in_both_languages():
    for language in LANGUAGES:
        steps = {key for key in catalogue(language) if key.startswith("testing.advice.step.")}
        assert {key.rpartition(".")[2] for key in steps} == {
            "labels", "labels_many", "copies", "pictures", "more", "learn", "pair",
        }  # fmt: skip
