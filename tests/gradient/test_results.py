"""Derivatives, journeys and descents as answers, without a command line."""

import csv
import json

import pytest

from imagier.errors import DataError, UsageError
from imagier.formulas import parse_formula
from imagier.gradient import (
    Recipe,
    derive_formula,
    descend_formula,
    descend_formula_from_many,
    read_journey,
)
from imagier.i18n import LANGUAGES, use_language
from imagier.tables import parse_table

DECK = parse_formula("0.5*(3*t+4)**2")
BOWL = parse_formula("x**2 + 3*y**2")
TRIP = "time,distance\n0,0\n0.5,30\n1,90\n2,220\n2.5,270\n"


def journey(text=TRIP, columns=None):
    return read_journey(parse_table(text.encode(), name="trip.csv"), columns)


ANSWERS = {
    "derivative": lambda: derive_formula(DECK, (1.0,), step=0.01),
    "corner": lambda: derive_formula(parse_formula("abs(t)"), (0.0,), step=0.01),
    "several variables": lambda: derive_formula(BOWL, (4.0, 2.0), step=0.01),
    "journey": journey,
    "descent": lambda: descend_formula(DECK, (0.0,), Recipe(rate=0.2)),
    "compared": lambda: descend_formula(BOWL, (4.0, 2.0), Recipe(), compare=True),
    "many starts": lambda: descend_formula_from_many(
        parse_formula("(t**2-1)**2 + 0.3*t"), [(-2.0,), (0.1,), (2.0,)], Recipe(rate=0.05)
    ),
    "all lost": lambda: descend_formula_from_many(parse_formula("-t**2"), [(1.0,)], Recipe()),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_shown_in_every_way(name, language):
    with use_language(language):
        answer = ANSWERS[name]()
        lines = list(answer.lines())
        assert len(lines) > 2
        assert not any("{" in line for line in lines)
        assert json.loads(json.dumps(answer.to_json(), allow_nan=False))
        for figure in answer.figures().values():
            assert figure.content(".svg").decode().startswith('<svg role="img"')
            assert figure.content(".png")[:4] == b"\x89PNG"
    for table in answer.tables().values():
        rows = list(csv.reader(table.csv().splitlines(), strict=True))
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > 2


def test_answers_without_figure_or_table():
    assert (ANSWERS["all lost"]().figures(), ANSWERS["all lost"]().tables()) == ({}, {})
    assert ANSWERS["several variables"]().figures() == {}


def test_formulas_and_tables_have_the_same_keys():
    assert ANSWERS["derivative"]().to_json().keys() == journey().to_json().keys()


def test_what_moves_and_what_does_not():
    flat = descend_formula(parse_formula("x**2+y**2+z**2"), (1.0, 1.0, 1.0), Recipe())
    for answer in (journey(), flat):
        with pytest.raises(UsageError) as error:
            answer.figures()["figure"].content(".gif")
        assert error.value.code == "nothing_moves"
    assert ANSWERS["descent"]().figures()["figure"].frames is not None


def test_the_lowest_of_many_starts_is_the_descent_that_is_told():
    answer = ANSWERS["many starts"]()
    facts = answer.to_json()
    assert facts["start"] == facts["valleys"][0]["start"]
    assert facts["point"] == facts["valleys"][0]["point"]
    assert answer.multistart.starts == ((-2.0,), (0.1,), (2.0,))


def test_starts_are_taken_one_by_one():
    taken = []

    def starts():
        for place in (-2.0, 2.0):
            taken.append(place)
            yield (place,)

    stream = starts()
    assert taken == []
    assert descend_formula_from_many(DECK, stream, Recipe()).to_json()["lost"] == {}
    assert taken == [-2.0, 2.0]


def test_a_descent_that_comes_to_a_place_without_value_is_refused():
    with pytest.raises(DataError) as error:
        descend_formula(parse_formula("log(t)"), (1.0,), Recipe(rate=2.0))
    assert error.value.code == "descend_undefined"


def test_a_journey_is_written_with_its_speeds():
    rows = list(csv.DictReader(journey().tables()["table"].csv().splitlines()))
    assert [row["mean_speed"] for row in rows] == ["", "60.0", "120.0", "130.0", "100.0"]
    assert [row["time"] for row in rows] == ["0.0", "0.5", "1.0", "2.0", "2.5"]


def test_a_journey_needs_two_columns():
    assert journey("n,t,d\n1,0,0\n2,1,7\n", "t,d").titles == ("t", "d")
    for text, columns in ((TRIP, "time"), ("t\n0\n1\n", None)):
        with pytest.raises(UsageError) as error:
            journey(text, columns)
        assert error.value.code == "travel_columns"
