import csv
import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets import Split
from imagier.recognizer.history import read_history
from imagier.testing import further_pictures, terminal_lines, wilson
from imagier.testing.metrics import stored_score

TRAIN_KEYS = {
    "model", "network", "parameters", "classes", "split", "leak_rate", "skipped", "test",
    "validation", "seconds", "epochs", "plan", "budget", "seed",
}  # fmt: skip
TEST_KEYS = {
    "accuracy", "interval", "n", "baseline", "classes", "confusion", "calibration", "abstention",
    "robustness", "evaluations",
}  # fmt: skip


def test_the_shape_of_train(full_report):
    answer = full_report.train_json()
    assert set(answer) >= TRAIN_KEYS
    assert answer["model"] == "made.imagier"
    assert answer["network"] == "cnn:16,32"
    assert (answer["parameters"], answer["seed"]) == (6442, 7)
    assert answer["split"] == {"train": 40, "validation": 20, "test": 30}
    assert set(answer["test"]) >= {"accuracy", "interval", "n", "baseline"}
    assert answer["test"]["n"] == 30
    assert answer["validation"]["n"] == 20
    assert answer["learning"]["accuracy"] == 1.0
    assert answer["seconds"] == {
        "data": 0.5,
        "fit": 61.0,
        "export": None,
        "test": None,
        "total": 62.0,
    }
    assert answer["epochs"] == 4
    assert answer["history"][2]["kept"]
    assert answer["skipped"] == [
        {"path": "a/b.jpg", "code": "truncated", "message": "a/b.jpg is cut off."}
    ]


def test_the_shape_of_test(full_report):
    answer = full_report.to_json()
    assert set(answer) >= TEST_KEYS
    assert answer["abstention"] is answer["robustness"] is None
    assert set(answer["calibration"]) == {"ece", "floor", "brier", "temperature", "bins"}
    assert sum(one["n"] for one in answer["calibration"]["bins"]) == 30
    assert answer["evaluations"] == 2
    assert answer["baseline"] == pytest.approx(1 / 3)
    assert list(answer["classes"]) == answer["confusion"]["labels"] == ["0", "1", "2"]
    counts = np.array(answer["confusion"]["counts"])
    assert counts.sum() == answer["n"] == 30
    assert counts.trace() / 30 == answer["accuracy"]
    assert answer["interval"] == list(wilson(counts.trace(), 30))
    for index, row in enumerate(answer["classes"].values()):
        assert row["n"] == counts[index].sum()
        assert row["correct"] == counts[index, index]
        assert row["answers"] == counts[:, index].sum()


def test_a_class_of_fewer_than_30_pictures_has_no_figures(report_of):
    labels = np.repeat([0, 1, 2], [29, 30, 40])
    answers = np.r_[labels[:59], [0] * 11, [2] * 29]
    report = report_of(labels, answers)
    rows = report.to_json()["classes"]
    assert rows["0"] == {
        "n": 29,
        "correct": 29,
        "answers": 40,
        "precision": 29 / 40,
        "recall": None,
        "f1": None,
        "interval": None,
    }
    assert rows["1"]["recall"] == rows["1"]["precision"] == rows["1"]["f1"] == 1.0
    assert (rows["2"]["recall"], rows["2"]["precision"]) == (29 / 40, None)
    table = list(csv.DictReader(report.tables()["classes"].csv().splitlines()))
    assert [row["recall"] for row in table] == ["", "1.0", str(29 / 40)]
    assert [row["precision"] for row in table] == [str(29 / 40), "1.0", ""]


def test_the_verdict_and_what_would_decide_are_in_both_answers(report_of):
    report = report_of([0] * 200, [0] * 196 + [1] * 4, accept=0.97)
    for answer in (report.to_json(), report.train_json()):
        assert (answer["accept"], answer["verdict"]) == (0.97, "not_proven")
        assert answer["further_pictures"] == further_pictures(196, 200, 0.97) > 500
    low, high = report.to_json()["exact_interval"]
    assert low < 0.97 < high
    unasked = report_of([0], [0]).to_json()
    assert unasked["verdict"] is unasked["further_pictures"] is None


def test_pictures_that_were_learnt_from_prove_nothing(report_of):
    labels = [0] * 500 + [1] * 500
    report = dataclasses.replace(report_of(labels, labels, accept=0.9), overlap=1)
    assert (report.verdict, report.further_pictures) == ("not_proven", None)
    answer = report.to_json()
    assert answer["overlap"] == 1
    assert answer["warning"].startswith(("NOT A TEST", "PAS UN TEST"))
    assert report_of(labels, labels).to_json()["warning"] is None


def test_both_shapes_are_plain_json(full_report):
    text = json.dumps(full_report.stored_json(), allow_nan=False)
    assert json.loads(text)["format"] == 2


def test_a_class_without_pictures_or_answers_has_no_figure(report_of):
    rows = report_of([0, 0], [0, 0]).to_json()["classes"]
    assert rows["1"]["n"] == 0
    assert rows["1"]["recall"] is rows["1"]["precision"] is None


def test_pictures_left_out_by_the_parts_are_among_the_skipped(report_of, full_report):
    (cut,) = full_report.skipped
    rows = np.arange(2)
    split = Split(
        train=rows[:0], validation=rows[:0], test=rows, groups=rows, leak_rate=0.0, skipped=(cut,)
    )
    assert report_of([0, 1], [0, 1], split=split).skipped == (cut,)


def test_names_are_printable_everywhere(report_of):
    report = report_of([0, 1], [1, 1], classes=("a\nb", "c"), names=("x\n.png", "y\udcff.png"))
    assert report.classes == ("a\\nb", "c")
    assert report.mistakes[0].given == "a\\nb"
    json.dumps(report.stored_json()).encode()


@pytest.mark.parametrize(
    ("accept", "verdict"),
    [(None, None), (0.5, "acceptable"), (0.9, "not_proven"), (0.999, "not_acceptable")],
)
def test_the_verdict(report_of, accept, verdict):
    report = report_of([0] * 100, [0] * 90 + [1] * 10, accept=accept)
    assert report.verdict == verdict
    assert report.to_json()["verdict"] == verdict


def test_the_baseline_is_that_of_the_test_part(report_of):
    report = report_of([0] * 10 + [1] * 8 + [2] * 2, [0] * 20, part={"test": np.arange(8, 20)})
    assert (report.most_frequent, report.baseline) == ("1", 8 / 12)


def figures(rows):
    return {row.name: (row.n, row.correct, row.answers, row.interval, row.confused) for row in rows}


@given(st.integers(0, 2**32))
def test_permuting_the_classes_permutes_the_report(report_of, seed):
    rng = np.random.default_rng(seed)
    labels, answers = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    order = rng.permutation(4)
    names = np.array(["cat", "dog", "owl", "elk"])
    first = report_of(labels, answers, classes=tuple(names))
    place = np.argsort(order)
    other = report_of(place[labels], place[answers], classes=tuple(names[order]))
    assert other.test == first.test
    assert figures(other.rows) == figures(first.rows)
    np.testing.assert_array_equal(other.counts, first.counts[np.ix_(order, order)])


def test_groups_given_in_the_test_part_are_counted(report_of):
    assert report_of([0] * 4, [0] * 4).tested_groups is None
    groups = ("ann", "ann", "bob", "")
    assert report_of([0] * 4, [0] * 4, groups=groups).tested_groups == 3
    assert (
        report_of([0] * 4, [0] * 4, groups=groups, part={"test": np.array([0, 1])}).tested_groups
        == 1
    )


def test_the_fingerprint_names_the_pictures_whatever_their_order(report_of):
    first = report_of([0, 1, 2], [0, 1, 2], part={"test": np.array([0, 1, 2])})
    other = report_of([0, 1, 2], [0, 1, 2], part={"test": np.array([2, 0, 1])})
    fewer = report_of([0, 1, 2], [0, 1, 2], part={"test": np.array([2, 0])})
    assert first.fingerprint == other.fingerprint != fewer.fingerprint


def test_an_empty_validation_part_is_no_score(report_of):
    part = {"validation": np.array([], np.int64), "test": np.arange(2)}
    report = report_of([0, 1], [0, 1], part=part)
    assert report.scores["validation"] is None
    assert report.train_json()["validation"] is None


def test_a_report_remembers_its_learning(full_report):
    content = json.dumps(full_report.stored_json()).encode()
    stored = read_history({"report.json": content})
    scores = {part: stored_score(score) for part, score in stored.scores.items()}
    assert scores == {part: full_report.scores[part] for part in ("train", "validation")}
    assert stored.sizes == {"train": 40, "validation": 20}
    assert stored.history.epochs == full_report.history.epochs
    assert stored.fingerprint == full_report.fingerprint
    assert (stored.history.seconds, stored.history.budget) == (full_report.history.seconds, "60s")


def test_an_older_report_is_not_misread(full_report):
    data = full_report.stored_json() | {"format": 1}
    assert read_history({"report.json": json.dumps(data).encode()}) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": 3}',
        b'{"format": 2, "train": {"split": 3}}',
        b"\xff",
        b"null",
    ],
)
def test_a_damaged_memory_is_no_memory(content):
    assert read_history({"report.json": content}) is None


def test_a_report_is_an_answer(full_report):
    assert list(full_report.lines()) == terminal_lines(full_report, styled=True)
    assert full_report.notes == ()
    figures = full_report.figures()
    assert list(figures) == ["loss", "error", "reliability", "confusion"]
    for figure in figures.values():
        assert figure.label
        assert figure.content(".png").startswith(b"\x89PNG")


def test_a_report_gives_its_tables_as_numbers(full_report):
    tables = {
        name: list(csv.DictReader(table.csv().splitlines()))
        for name, table in full_report.tables().items()
    }
    assert [row["part"] for row in tables["parts"]] == ["train", "validation", "test"]
    assert float(tables["parts"][2]["accuracy"]) == full_report.accuracy
    assert [row["class"] for row in tables["classes"]] == list(full_report.classes)
    assert [row["n"] for row in tables["classes"]] == [str(row.n) for row in full_report.rows]
    counts = [[int(row[name]) for name in full_report.classes] for row in tables["confusion"]]
    assert counts == full_report.counts.tolist()


def test_without_a_history_no_curve_is_drawn(report_of):
    assert list(report_of([0, 1], [0, 1]).figures()) == ["reliability", "confusion"]


def test_in_a_notebook_a_report_shows_its_lines_and_figures(full_report):
    text = full_report._repr_html_()
    assert "unseen pictures named right" in text
    assert text.count("<img") == len(full_report.figures())
    assert text.count("<summary>") == len(full_report.tables())
    assert repr(full_report).startswith("Report(")
    assert len(repr(full_report)) < 200
