from xml.etree import ElementTree

import pytest
from PIL import Image

DECK = "0.5*(3*t+4)**2"
TRIP = "time (h),distance (km)\n0,0\n0.5,30\n1,90\n2,220\n2.5,270\n"
COMMAND = "derive"


@pytest.fixture
def derive(command):
    return command


# The deck's formula


def test_the_deck_s_formula(derive):
    code, out, err = derive(DECK, "--at", "1")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:2] == ["g(t) = 0.5*(3*t+4)**2", "g(1) = 24.5"]
    assert lines[4].split()[-2:] == ["21.045", "21.0045"]
    assert "Derivative: g′(1) = 21" in lines
    assert "Tangent: y = 21·t + 3.5" in lines
    assert "Forward, h = 1e-8 is best" in out


def test_the_deck_s_formula_in_french(derive):
    _, out, _ = derive("0,5·(3·t+4)²", "--at", "1", language="fr")
    assert "21,045" in out
    assert "Dérivée\u00a0: g′(1) = 21" in out
    assert "Tangente\u00a0: y = 21·t + 3,5" in out


def test_the_deck_s_formula_for_programs(facts):
    answer = facts(DECK, "--at", "1")
    assert answer["derivative"] == [21.0]
    assert answer["forward"] == pytest.approx([21.045])
    assert (answer["variables"], answer["at"], answer["value"]) == (["t"], [1.0], 24.5)
    assert [answer["table"], answer["speeds"], answer["plot"]] == [None] * 3
    assert len(answer["errors"]) == 16
    assert answer["errors"][2]["forward"] == pytest.approx(21.0045)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("t**2", "It is 0"),
        ("(-t)", "It is below 0"),
        ("t+t**2", "It is above 0"),
        ("abs(t)", "corner"),
    ],
)
def test_the_sign_is_explained(derive, formula, said):
    assert said in derive(formula, "--at", "0")[1]


def test_a_place_at_the_edge_of_the_values(derive, facts):
    answer = facts("sqrt(t)", "--at", "0.001")
    assert answer["central"] == [None]
    assert answer["derivative"][0] == pytest.approx(0.5 / 0.001**0.5)
    assert derive("sqrt(t)", "--at", "0.001")[0] == 0


def test_a_place_may_be_negative(facts):
    assert facts(DECK, "--at", "-4/3")["derivative"] == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize("at", ["0,5", "0.5", "1/2", " .5 ", "cos(pi/3)", "-1/-2"])
def test_a_place_may_be_written_in_many_ways(facts, at):
    assert facts("t**2", f"--at={at}")["at"] == pytest.approx([0.5])


def test_several_variables(derive, facts):
    answer = facts("x**2+3*y**2", "--at", "4,2")
    assert answer["derivative"] == [8.0, 12.0]
    assert answer["forward"] == pytest.approx([8.01, 12.03])
    assert (answer["corner"], answer["errors"]) == (None, None)
    assert facts("x**2+3*y**2", "--at", "0,5;2")["derivative"] == [1.0, 12.0]
    _, out, _ = derive("x**2+3*y**2", "--at", "4,2")
    assert "g(4, 2) = 28" in out
    assert "Gradient: (8, 12)." in out


# A table


def test_a_table_of_times_and_distances(derive, facts, tmp_path):
    (tmp_path / "trip.csv").write_text(TRIP, "utf-8")
    trip = facts("trip.csv")
    assert trip["variables"] == ["time (h)", "distance (km)"]
    assert trip["speeds"]["means"] == [60, 120, 130, 100]
    assert trip["speeds"]["mean"] == 108
    assert [trip["formula"], trip["derivative"], trip["errors"]] == [None] * 3
    assert trip.keys() == facts(DECK, "--at", "1").keys()
    code, out, err = derive("trip.csv")
    assert (code, err) == (0, "")
    assert "Mean speed of the whole: 108" in out


def test_a_french_table(derive, facts, tmp_path):
    (tmp_path / "trip.csv").write_text("nom;t;d\na;0;0\nb;0,5;30\nc;1;90,5\n", "utf-8")
    assert facts("trip.csv", "--columns", "t,d")["speeds"]["means"] == [60, 121]
    assert "decimal commas" in derive("trip.csv", "--columns", "t,d")[2]
    assert derive("trip.csv", "--columns", "t,d", "--quiet")[2] == ""


def test_a_table_without_titles_keeps_its_first_row(derive, facts, tmp_path):
    (tmp_path / "trip.csv").write_text("0,0\n0.5,30\n1,90\n", "utf-8")
    trip = facts("trip.csv")
    assert (trip["variables"], trip["speeds"]["means"]) == (["c1", "c2"], [60, 120])
    assert "columns are called c1, c2" in derive("trip.csv")[2]


def test_json_lines(facts, refusal_code, tmp_path):
    lines = '{"t": 0, "d": 0}\n{"t": 0.5, "d": 30}\n'
    (tmp_path / "trip.jsonl").write_text(lines, "utf-8")
    assert facts("trip.jsonl")["speeds"]["means"] == [60]
    (tmp_path / "trip.jsonl").write_text(lines + '{"t": 1}\n', "utf-8")
    assert refusal_code("trip.jsonl") == (4, "table_cell_empty")


def test_a_long_table_is_cut(derive, tmp_path):
    rows = "".join(f"{n},{n * n}\n" for n in range(500))
    (tmp_path / "long.csv").write_text("t,d\n" + rows, "utf-8")
    _, out, _ = derive("long.csv")
    assert "\n…\n" in out
    assert len(out.splitlines()) < 50


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("t,d\n0,0\n1,a\n", "table_cell_text"),
        ("t,d\n0,0\n1,nan\n", "table_cell_empty"),
        ("t,d\n0,0\n1\n", "table_ragged"),
        ("t\n0\n1\n", "travel_columns"),
        ("t,d\n1,0\n0,1\n", "times_not_rising"),
        ("t,d\n1,0\n", "too_few_times"),
        ("", "table_no_rows"),
    ],
)
def test_a_bad_table_is_refused(refusal_code, tmp_path, content, code):
    (tmp_path / "bad.csv").write_text(content, "utf-8")
    exit_code = 2 if code == "travel_columns" else 4
    assert refusal_code("bad.csv") == (exit_code, code)


def test_columns_that_are_not_there(derive, tmp_path):
    (tmp_path / "trip.csv").write_text(TRIP, "utf-8")
    code, _, err = derive("trip.csv", "--columns", "time (h),distance")
    assert code == 2
    assert "Did you mean “distance (km)”?" in err


# What is refused


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((DECK,), (2, "derive_at")),
        (("3", "--at", "1"), (2, "no_variable")),
        (("2t", "--at", "1"), (2, "formula_sign_missing")),
        (("open('x')", "--at", "1"), (2, "formula_character")),
        (("foo(x)", "--at", "1"), (2, "formula_unknown_function")),
        (("x*y", "--at", "1"), (2, "point_length")),
        (("x*y", "--at", "1,2,3"), (2, "point_length")),
        (("x", "--at", "a"), (2, "point_number")),
        (("x", "--at", ""), (2, "point_number")),
        (("x", "--at", "1/0"), (2, "point_number")),
        (("x", "--at", "nan"), (2, "point_number")),
        (("1/x", "--at", "0"), (2, "no_value")),
        (("exp(x)", "--at", "1000"), (2, "no_value")),
        (("x", "--at", "1", "--step", "0"), (2, "usage")),
        (("x", "--at", "1", "--step", "nan"), (2, "usage")),
        (("x", "--at", "1", "--columns", "a,b"), (2, "derive_columns")),
        (("x", "--at", "1", "--plot", "f.jpg"), (2, "output_kind")),
        (("x*y", "--at", "1,2", "--plot", "f.png"), (2, "derive_plot")),
        (("none.csv",), (4, "table_not_file")),
        (("none.csv", "--at", "1"), (2, "derive_table_at")),
        (("none.csv", "--plot", "f.gif"), (2, "output_kind")),
    ],
)
def test_what_is_refused(refusal_code, words, expected):
    assert refusal_code(*words) == expected


# Figures


@pytest.mark.parametrize("formula", [DECK, "1/t", "log(t)", "5 + 0*t", "tan(t)", "sqrt(t)"])
def test_a_figure_of_a_formula(facts, tmp_path, formula):
    assert facts(formula, "--at", "1", "--plot", "f.png", "--quiet")["plot"] == "f.png"
    with Image.open("f.png") as image:
        assert image.width > 800


def test_a_figure_is_not_replaced_unless_asked(derive, refusal_code, tmp_path):
    assert derive("t", "--at", "1", "--plot", "f.svg")[2] == "Written: f.svg\n"
    root = ElementTree.parse(tmp_path / "f.svg").getroot()  # noqa: S314 - our own file
    assert "tangent at 1" in root.attrib["aria-label"]
    before = (tmp_path / "f.svg").read_bytes()
    assert refusal_code("t", "--at", "2", "--plot", "f.svg") == (2, "output_exists")
    assert (tmp_path / "f.svg").read_bytes() == before
    assert derive("t", "--at", "2", "--plot", "f.svg", "--force")[0] == 0


def test_the_secants_move(derive):
    assert derive(DECK, "--at", "1", "--plot", "f.gif")[0] == 0
    with Image.open("f.gif") as image:
        assert image.n_frames == 27


def test_a_figure_of_a_table(derive, refusal_code, tmp_path):
    (tmp_path / "trip.csv").write_text(TRIP, "utf-8")
    for name in ("f.png", "f.svg"):
        assert derive("trip.csv", "--plot", name)[0] == 0
    assert (tmp_path / "trip.csv").read_text("utf-8") == TRIP
