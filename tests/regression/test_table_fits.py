"""Tables of measurements: what they hold, what may be asked of them, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.i18n import use_language
from imagier.regression import EXAMPLES, choose_variables, example, fit_table
from imagier.regression.prediction import is_outside
from imagier.regression.result_lines import equation
from imagier.tables import parse_table, read_table


def table(text, name="t.csv"):
    return parse_table(text.encode() if isinstance(text, str) else text, name=name)


@pytest.mark.parametrize(
    ("text", "code", "row", "column"),
    [
        ("a,b\n1,2\n3,\n5,6\n", "table_cell_empty", 3, "b"),
        ("a,b\n1,2\n3,NaN\n5,6\n", "table_cell_empty", 3, "b"),
        ("a,b\n\n1,2\ninf,4\n5,6\n", "table_cell_empty", 4, "a"),
        ("a,b\n1,2\n3,4\n5,6 m\n7,8\n", "table_cell_text", 4, "b"),
        ("a;b\n1;2\n3;1.234,5\n5;6\n", "table_cell_text", 3, "b"),
    ],
)
def test_a_bad_cell_is_named_with_row_and_column(text, code, row, column):
    with pytest.raises(DataError) as error:
        fit_table(table(text), target="b")
    assert error.value.code == code
    assert (error.value.facts["row"], error.value.facts["column"]) == (row, column)
    assert f"row {row}" in error.value.message
    assert f"“{column}”" in error.value.message


def test_a_column_that_is_not_used_may_hold_anything():
    found = fit_table(table("a,b,c\n1,2,x\n3,5,\n4,6,9\n"), target="b", titles=["a"])
    assert found.variables.names == ("a",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table_no_rows"),
        ("a,b\n", "table_no_rows"),
        ("a,b\n1,2,3\n", "table_ragged"),
        ("a,a\n1,2\n3,4\n", "table_column_twice"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "table_encoding"),
        ("a,b\n1,1\n2,1\n3,1\n", None),
    ],
)
def test_what_tables_are_refused(text, code):
    if code is None:
        assert fit_table(table(text), target="b").fit.r2 is None
        return
    with pytest.raises(DataError) as error:
        table(text)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("text", "settings", "kind", "code"),
    [
        ("a,b\n1,2\n3,4\n", {}, UsageError, "fit_no_target"),
        ("a,b\n1,2\n3,4\n", {"target": "c"}, UsageError, "table_unknown_column"),
        ("a,b\n1,2\n3,4\n", {"target": "b", "titles": ["c"]}, UsageError, "table_unknown_column"),
        ("a,b\n1,2\n3,4\n", {"target": "b", "titles": ["b"]}, UsageError, "fit_target_explains"),
        ("a,b\n1,2\n3,4\n", {"target": "b", "titles": []}, UsageError, "fit_no_variable"),
        ("a\n1\n3\n", {"target": "a"}, UsageError, "fit_no_variable"),
        ("a,b\n1,2\n1,4\n1,5\n", {"target": "b"}, DataError, "fit_constant"),
        ("a,b\nx,2\nx,4\nx,5\n", {"target": "b"}, DataError, "fit_constant"),
        ("a,b\nx,2\ny,4\nz,5\n", {"target": "b"}, DataError, "fit_many_words"),
        ("a,b\n1,x\n2,y\n3,z\n", {"target": "b"}, DataError, "fit_label_each"),
        ("a,b\n1,x\n2,x\n3,z\n", {"target": "b", "family": "exp"}, UsageError, "fit_labels_family"),
        ("a,b\n1,x\n2,x\n3,z\n", {"target": "b", "error": "huber"}, UsageError, "fit_labels_error"),
        ("a,b\nx,1\ny,2\nx,3\n", {"target": "b", "family": "k*a"}, UsageError, "fit_formula_words"),
    ],
)
def test_what_cannot_be_asked(text, settings, kind, code):
    with pytest.raises(kind) as error:
        fit_table(table(text), **settings)
    assert error.value.code == code
    assert error.value.message
    assert error.value.next_step


def test_a_title_that_is_nearly_right_is_suggested():
    with pytest.raises(UsageError) as error:
        fit_table(table("surface,price\n1,2\n3,4\n"), target="prise")
    assert "Did you mean “price”?" in error.value.message


def test_numbers_may_be_labels_when_asked():
    found = fit_table(table("a,b\n1,0\n2,0\n8,1\n9,1\n"), target="b", family="softmax")
    assert found.labels.classes == ("0", "1")


def test_a_word_that_was_not_learned_is_refused_by_name():
    learned = table("m,d,p\n1,x,2\n2,y,3\n3,x,4\n4,y,6\n")
    variables = choose_variables(learned, target="p")
    with pytest.raises(DataError) as error:
        variables.read(table("m,d\n1,x\n2,z\n", name="new.csv"))
    assert error.value.code == "fit_new_word"
    assert (error.value.facts["row"], error.value.facts["received"]) == (3, "z")


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(DataError) as error:
            read_table(path)
        assert error.value.code == "table_not_file"


def test_a_formula_chooses_its_columns():
    found = fit_table(example("flats"), target="price", family="a*surface + b*rooms + c")
    assert found.variables.names == ("surface", "rooms")
    assert found.fit.family.parameters == ("a", "b", "c")
    line = fit_table(example("flats"), target="price", titles=["surface", "rooms"]).fit
    assert found.fit.parameters == pytest.approx(line.parameters[[1, 2, 0]], rel=1e-6)


def test_a_formula_that_misses_its_column_is_told_the_nearest():
    with pytest.raises(UsageError) as error:
        fit_table(example("flats"), target="price", family="a*surfac + c")
    assert error.value.code == "fit_formula_no_column"
    assert "Did you mean “surface”?" in error.value.message


# Examples


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_the_same_each_time_marked_and_found(name):
    first, again = example(name), example(name)
    assert first == again
    assert first.synthetic
    found = fit_table(first, target=EXAMPLES[name].target, family=EXAMPLES[name].family)
    assert (found.fit is None) == (name == "animals")
    if found.fit and name not in ("heights", "pressure"):
        assert found.fit.r2 > 0.85


def test_altitude_has_the_eight_stations_of_the_deck():
    assert len(example("altitude")) == 8


# Outside


@given(st.integers(0, 1000))
def test_no_point_learned_from_is_outside(seed):
    known = np.random.default_rng(seed).normal(0, 3, (12, 3))
    assert not is_outside(known, known).any()
    assert is_outside(known, known.mean(axis=0)[None]).tolist() == [False]
    assert is_outside(known, known.max(axis=0)[None] + 1).all()


# Numbers for readers


def test_an_equation_is_written_with_its_signs():
    with use_language("en"):
        assert equation("y", {"a*b": 2.0}) == "y = 2.0000 · a · b"
        assert equation("y", {"intercept": -3.2e-17, "x": 187798294.25}) == (
            "y = −3.2000 × 10⁻¹⁷ + 187,798,294 · x"
        )
        assert equation("y", {"intercept": float("inf"), "x": 0.0}) == "y = – + 0 · x"
