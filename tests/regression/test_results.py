"""The result of a fit as an answer: lines, JSON, figures and tables without a command line."""

import csv
import json

import pytest
from rich.cells import cell_len

from imagier.i18n import LANGUAGES, use_language
from imagier.regression import EXAMPLES, FitResult, example, fit_table
from imagier.tables import parse_table


def result(name, new=None, **settings):
    found = fit_table(example(name), target=EXAMPLES[name].target, **settings)
    return FitResult(found=found, new=new and parse_table(new.encode(), name="new.csv"))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_answers_in_every_way(name, language):
    with use_language(language):
        answer = result(name, family=EXAMPLES[name].family)
        assert len(list(answer.lines())) > 8
        assert not any("{" in line for line in answer.lines())
        facts = json.loads(json.dumps(answer.to_json(), allow_nan=False))
        assert facts["n"] == len(example(name))
        assert facts["notes"] == list(answer.notes)
        content = answer.figures()["figure"].content(".svg").decode()
        assert EXAMPLES[name].target in content
    rows = list(csv.DictReader(answer.tables()["table"].csv().splitlines()))
    assert len(rows) == facts["n"]
    assert rows[0]["outside"] == "0"


def test_lines_json_and_table_tell_the_same_of_new_points():
    answer = result("turtles", "year\n3\n99\n")
    facts, rows = answer.to_json(), list(csv.DictReader(answer.tables()["table"].csv().split("\n")))
    assert [one["outside"] for one in facts["predictions"]] == [False, True]
    assert [float(row["predicted"]) for row in rows] == [one["y"] for one in facts["predictions"]]
    assert [float(row["mean_low"]) for row in rows] == [
        one["mean"][0] for one in facts["predictions"]
    ]
    with use_language("en"):
        last = list(answer.lines())[-1]
        assert last.split()[0] == "99"
        assert last.endswith("outside")
    assert any("row 3" in note for note in answer.notes)


def test_what_is_not_asked_for_is_null():
    facts = result("turtles").to_json()
    assert (facts["predictions"], facts["choice"], facts["labels"]) == ([], None, None)
    labels = result("animals").to_json()
    assert labels.keys() == facts.keys()
    assert labels["labels"].keys() >= {"accuracy", "left_out", "baseline"}


def test_wide_letters_keep_the_columns_under_each_other():
    text = "長さ,種類\n" + "".join(f"{n},{'猫' if n < 5 else 'dog'}\n" for n in range(10))
    table = parse_table(text.encode(), name="t.csv")
    answer = FitResult(found=fit_table(table, target="種類"), new=table)
    with use_language("en"):
        lines = list(answer.lines())
    start = next(place for place, line in enumerate(lines) if line.startswith("長さ  種類"))
    rows = lines[start + 2 : start + 12]
    assert {cell_len(row) for row in rows} == {cell_len(lines[start])}
    assert {row.count("%") for row in rows} == {2}
