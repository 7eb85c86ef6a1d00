"""The report of a reader: what stands in it, and what is advised."""

import dataclasses
import json

import numpy as np
import pytest

from imagier.answers.html import answer_html
from imagier.i18n import LANGUAGES, use_language
from imagier.reading.line_advice import line_advice
from imagier.reading.line_report import make_line_report
from imagier.recognizer.abstention import ThresholdRow
from imagier.recognizer.history import read_history
from imagier.testing import wilson

CODES = [f"{row * 7919 % 100_000:05d}" for row in range(400)]
WRONG = [code[:4] + "9" if code[4] == "4" else code for code in CODES]  # each 4 at the end is a 9
PROVEN = ThresholdRow(threshold=0.5, n=1000, wrong=0, answered=1.0)


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def advised(report):
    found = line_advice(report)
    return found.use, {step.code: step.sentence for step in found.steps}


def test_the_json_holds_what_was_counted_by_hand(line_report_of):
    true = ["75005", "75005", "13001", "69003"] * 10
    read = ["75005", "7505", "13001", "69008"] * 10
    found = line_report_of(true, read, probability=np.full(40, 0.5)).to_json()
    assert (found["accuracy"], found["n"], found["network"]) == (0.5, 40, "reader")
    assert tuple(found["interval"]) == wilson(20, 40)
    assert (found["baseline"], found["baseline_text"]) == (0.5, "75005")
    assert found["cer"] == 20 / 200
    assert found["length_errors"] == {"short": 10, "long": 0, "by_difference": {"-1": 10}}
    assert sorted(found["confused"], key=str) == [["0", None, 10], ["3", "8", 10]]
    assert found["documents"] is found["abstention"] is None
    assert found["weak_place"] == {"place": 5, "length": 5, "wrong": 10, "of": 10}
    assert found["worst"][0].keys() == {"path", "text", "read", "probability"}
    assert found["rejected"] == {"n": 0, "wrong": 0}
    assert found["evaluations"] == 1


def test_the_report_is_json_whatever_it_holds(full_line_report, line_report_of):
    empty = line_report_of([], [])
    for report in (full_line_report(), empty, line_report_of([""], [""])):
        for answer in (report.to_json(), report.train_json(), report.stored_json()):
            json.loads(json.dumps(answer, allow_nan=False))
        assert answer_html(report)
        assert str(report)
        assert "LineReport(" in repr(report)


def test_the_surest_mistakes_come_first_and_refused_ones_last(line_report_of):
    sure = np.array([0.5, 0.9, 0.99, 0.7])
    report = line_report_of(
        ["1", "2", "3", "4"],
        ["7", "7", "7", "4"],
        probability=sure,
        is_rejected=np.array([False, False, True, False]),
    )
    assert [one.text for one in report.worst] == ["2", "1", "3"]
    assert [one.is_rejected for one in report.worst] == [False, False, True]
    assert report.to_json()["rejected"] == {"n": 1, "wrong": 1}


def test_refused_lines_are_never_answered(line_report_of):
    refused = np.arange(100) < 30
    report = line_report_of(["5"] * 100, ["5"] * 100, is_rejected=refused, thresholds=[PROVEN])
    (row, *_) = report.to_json()["abstention"]["levels"]
    assert (row["answered"], row["error"]) == (0.7, 0.0)


def test_the_promise_is_counted_on_these_lines(line_report_of):
    sure = np.where(np.arange(400) % 4 == 0, 0.4, 0.9)
    report = line_report_of(CODES, WRONG, probability=sure, thresholds=[PROVEN])
    abstention = report.to_json()["abstention"]
    answered = sure > 0.5
    wrong = np.array([a != b for a, b in zip(CODES, WRONG, strict=True)])
    assert abstention["max_error"] == 0.005
    assert abstention["answered"] == answered.mean()
    assert abstention["error"] == (wrong & answered).sum() / answered.sum()


def test_an_accent_may_be_a_character_of_its_own(line_report_of):
    report = line_report_of(["départ"], ["de\u0301part"], characters="adéprt")
    assert report.accuracy == 1


def test_texts_and_answers_that_are_not_as_many_are_a_bug(line_report_of):
    with pytest.raises(ValueError, match="not as many"):
        line_report_of(["1", "2"], ["1", "2"], probability=np.ones(3))


def test_documents_stand_beside_lines(line_report_of):
    documents = [str(row // 8) for row in range(400)]
    report = line_report_of(CODES, WRONG, documents=documents)
    found = report.to_json()["documents"]
    right = np.array([a == b for a, b in zip(CODES, WRONG, strict=True)]).reshape(50, 8)
    assert (found["n"], found["lines"]) == (50, 400)
    assert found["accuracy"] == right.all(axis=1).mean()
    low, high = found["line_interval"]
    assert low <= report.accuracy <= high


# What to do


def test_too_few_lines_decide_nothing(line_report_of):
    use, _ = advised(line_report_of(CODES[:29], CODES[:29], thresholds=[PROVEN]))
    assert use == "undecided"


def test_a_reader_that_always_says_the_same_is_not_to_be_used(line_report_of):
    true = ["75005"] * 60 + CODES[:40]
    use, _ = advised(line_report_of(true, ["75005"] * 100, thresholds=[PROVEN]))
    assert use == "no"


def test_what_can_be_promised_is_advised(line_report_of):
    report = line_report_of(CODES, CODES, thresholds=[PROVEN])
    assert advised(report) == ("yes", {})
    assert "`--max-error 0.005`" in line_advice(report).sentence
    report = line_report_of(CODES, CODES)
    assert advised(report)[0] == "with_care"
    assert "judges" in advised(report)[1]


def test_confused_characters_and_wrong_texts_are_named(line_report_of):
    _, steps = advised(line_report_of(CODES, WRONG, thresholds=[PROVEN]))
    n = sum(a != b for a, b in zip(CODES, WRONG, strict=True))
    assert f"4 → 9 ({n})" in steps["characters"]
    assert f"the texts of {n} lines" in steps["texts"]
    assert "format" not in steps


def test_a_format_is_proposed_where_it_would_have_helped(line_report_of):
    read = [code[:4] if code[4] == "4" else code for code in CODES]
    report = line_report_of(CODES, read, thresholds=[PROVEN])
    _, steps = advised(report)
    assert r"--format '\d{5}'" in steps["format"]
    assert "cut off" in steps["length"]
    assert line_report_of(["1", "22"], ["1", "2"]).rule is None


@pytest.mark.parametrize(("accept", "use"), [(0.5, "yes"), (0.99, "no"), (0.9, "undecided")])
def test_what_was_asked_for_decides(line_report_of, accept, use):
    report = line_report_of(CODES, WRONG, fields={"accept": accept})
    assert advised(report)[0] == use
    assert report.to_json()["verdict"] is not None


def test_lines_that_were_learnt_from_prove_nothing(line_report_of):
    report = line_report_of(CODES, CODES, fields={"accept": 0.5, "overlap": 3})
    assert report.verdict == "not_proven"
    assert advised(report)[0] == "undecided"
    assert next(report.lines()).startswith("\x1b[31;1mNOT A TEST")
    assert report.to_json()["warning"].startswith("NOT A TEST")


# Parts and the model's folder


def test_the_gap_to_what_was_learnt_is_told(full_line_report):
    report = full_line_report()
    text = str(report)
    assert "Learning" in text
    assert "more" in advised(report)[1]
    train, parts = report.train_json(), ("learning", "validation", "test")
    assert [train[part]["n"] for part in parts] == [1000, 400, 600]


def test_a_folder_remembers_how_the_reader_was_learnt(full_line_report):
    content = json.dumps(full_line_report().stored_json()).encode()
    stored = read_history({"report.json": content})
    assert len(stored.history.epochs) == 12
    assert stored.sizes == {"train": 20_000, "validation": 2000}
    assert stored.fingerprint == "c0ffee" * 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_says_the_figure_first(full_line_report, language):
    with use_language(language):
        lines = str(full_line_report()).splitlines()
    assert "600" in lines[0]
    assert lines[0].startswith("82.7%" if language == "en" else "82,7\u202f%")
    assert len(lines) < 60


def test_tables_hold_the_numbers(full_line_report):
    tables = full_line_report().tables()
    assert set(tables) == {
        "parts", "confused", "lengths", "characters", "abstention", "calibration", "lines",
    }  # fmt: skip
    rows = list(tables["lines"].rows)
    assert len(rows) == 600
    assert sum(row[-1] == 0 for row in rows) == full_line_report().test.correct
    for table in tables.values():
        assert table.csv()


def test_figures_are_those_that_are_known(full_line_report, line_report_of):
    figures = full_line_report().figures()
    assert set(figures) == {"answered", "reliability", "loss", "error"}
    assert all(figure.content(".png").startswith(b"\x89PNG") for figure in figures.values())
    assert set(line_report_of([], []).figures()) == set()


def test_characters_are_counted_as_written_and_as_learnt(line_report_of):
    report = line_report_of(["12?", "1"], ["17?", "1"], learnt={"1": 5})
    rows = {row.character: (row.tested, row.wrong, row.learnt) for row in report.characters}
    assert rows["1"] == (2, 0, 5)
    assert rows["2"] == (1, 1, 0)
    assert rows["?"] == (1, 0, 0), "not among those it knows, and told all the same"
    assert "∅" not in rows


def test_the_same_answers_give_the_same_report(full_line_report):
    one, other = full_line_report(), full_line_report()
    assert one.to_json() == other.to_json()


def test_pictures_do_not_stay_in_the_report(full_line_report):
    report = full_line_report()
    assert report.evaluation.pictures is None
    assert dataclasses.replace(report, accept=None).verdict is None


def test_it_is_made_of_evaluations_alone(full_line_report):
    report = full_line_report()
    again = make_line_report(report.card, {"test": report.evaluation}, model="m", source="s")
    assert again.to_json()["accuracy"] == report.accuracy
    assert again.to_json()["split"] == {"train": None, "validation": None, "test": 600}
