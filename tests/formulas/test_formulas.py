import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.formulas import CONSTANTS, FUNCTIONS, Formula, parse_formula
from imagier.formulas.operations import OF_TWO
from imagier.i18n import LANGUAGES, use_language

POINTS = {"acos": 0.3, "arccos": 0.3, "arcsin": 0.3, "asin": 0.3}
NUMBERS = st.floats(-50, 50).map(lambda value: round(value, 3))


def value(text, **values):
    return parse_formula(text)(**values)


def refusal(text, **settings):
    with pytest.raises(UsageError) as caught:
        parse_formula(text, **settings)
    return caught.value


# What is understood


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.5*(3*t+4)**2", 24.5),
        ("0,5*(3*t+4)^2", 24.5),
        ("0,5·(3·t + 4)²", 24.5),
        ("1/2 * (3×t+4)³ ÷ 7", 24.5),
        ("-t**2", -1.0),
        ("−t²", -1.0),
        ("2**3**2 * t", 512.0),
        ("2^-1 + t", 1.5),
        ("7 - 2 - t", 4.0),
        ("+t", 1.0),
        ("t/4/2", 0.125),
        ("1e-3*t", 0.001),
        ("2.*t + .5", 2.5),
        ("007*t", 7.0),
        ("exp(0,5*t)", math.exp(0.5)),
        ("ln(e)*t", 1.0),
        ("max(0, t)", 1.0),
        ("max(0,5)*t", 5.0),
        ("max((0,5), t/4)", 0.5),
        ("minimum(t, 3)", 1.0),
        ("\tt\u00a0+\n1 ", 2.0),
        ("cos(π*t)", -1.0),
    ],
)
def test_what_people_type_is_understood(text, expected):
    assert value(text, t=1) == pytest.approx(expected, rel=1e-15)


def test_the_variables_are_the_names_that_need_a_value():
    assert parse_formula("a*exp(-b*x) + c*pi + e").variables == ("a", "b", "c", "x")
    assert parse_formula("3").variables == ()
    assert parse_formula("surface_2 * élan + θ").variables == ("surface_2", "élan", "θ")


def test_names_given_come_before_constants():
    assert parse_formula("e + x", names=["e", "x"])(e=1, x=2) == 3


def test_a_formula_is_a_value():
    one, other = parse_formula("x + 1"), parse_formula("x + 1")
    assert one == other
    assert hash(one) == hash(other)
    assert one != parse_formula("x + 2")
    assert isinstance(one, Formula)
    with pytest.raises(AttributeError):
        one.text = "x"


# Its value: the same as NumPy's


@given(a=NUMBERS, b=NUMBERS, x=NUMBERS)
def test_numbers_arrays_and_points_agree(a, b, x):
    formula = parse_formula("a*x**2 - b*x/7 + min(a, x)")
    expected = a * x**2 - b * x / 7 + min(a, x)
    assert formula(a=a, b=b, x=x) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert formula.at([a, b, x]) == formula(a=a, b=b, x=x)
    many = formula.at(np.array([[a, a], [b, b], [x, 0.0]]))
    assert many[0] == formula.at([a, b, x])
    assert many.shape == (2,)


@given(numbers=st.lists(NUMBERS, min_size=1, max_size=6), data=st.data())
def test_the_grammar_is_that_of_python(numbers, data):
    signs = [data.draw(st.sampled_from("+-*")) for _ in numbers[1:]]
    text = repr(numbers[0]) + "".join(
        f" {s} {n!r}" for s, n in zip(signs, numbers[1:], strict=True)
    )
    assert value(text) == pytest.approx(eval(text), rel=1e-12)  # noqa: S307 - our own text


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - OF_TWO))
def test_every_function_is_numpy_s_and_has_a_complex_step(name):
    formula = parse_formula(f"{name}(x)")
    x, h = POINTS.get(name, 1.3), 1e-30
    same = {"ln": "log"}.get(name, name)
    assert formula(x=x) == pytest.approx(float(getattr(np, same)(x)), rel=1e-15)
    slope = (formula(x=x + 1e-6) - formula(x=x - 1e-6)) / 2e-6
    assert formula(x=complex(x, h)).imag / h == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("x", [-3.0, -0.5, 0.5, 2.0])
@pytest.mark.parametrize("power", [2, 3, 7, -3, 101, 102])
def test_the_complex_step_is_exact_for_whole_powers(x, power):
    slope = value(f"x**({power})", x=complex(x, 1e-40)).imag / 1e-40
    assert slope == pytest.approx(power * x ** (power - 1), rel=1e-13)


@pytest.mark.parametrize(("x", "slope"), [(-3.0, -1.0), (3.0, 1.0)])
def test_corners_are_straight_on_either_side(x, slope):
    assert value("abs(x)", x=complex(x, 1e-40)).imag / 1e-40 == slope
    assert value("max(x, -x)", x=complex(x, 1e-40)).imag / 1e-40 == slope
    assert value("-min(x, -x)", x=complex(x, 1e-40)).imag / 1e-40 == slope


def test_arrays_spread_as_in_numpy():
    formula = parse_formula("x*y")
    assert formula(x=np.ones((3, 1)), y=np.arange(4)).shape == (3, 4)
    assert parse_formula("2").at(np.empty(0)) == 2.0
    constant = parse_formula("0*x + 5")(x=np.zeros(3))
    constant[0] = 1
    assert constant.tolist() == [1, 5, 5]


@pytest.mark.parametrize("text", ["1/x", "log(x)", "x**-2", "x/x", "sqrt(x - 1)", "log(x)*0"])
def test_where_there_is_no_value_there_is_no_warning(text):
    assert not math.isfinite(value(text, x=0))


def test_what_is_not_a_number_stays_so():
    for name in OF_TWO:
        assert math.isnan(value(f"{name}(sqrt(x), 1)", x=-1))
        assert math.isnan(value(f"{name}(1, sqrt(x))", x=-1))
    assert math.isnan(value("abs(sqrt(x))", x=-1))


# What is refused


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "formula_empty", None),
        ("  ", "formula_empty", None),
        ("3t", "formula_sign_missing", 2),
        ("2(x+1)", "formula_sign_missing", 2),
        ("(x+1)(x-1)", "formula_sign_missing", 6),
        ("x y", "formula_sign_missing", 3),
        ("2e*x", "formula_sign_missing", 2),
        ("x + ", "formula_syntax", 3),
        ("x +* 2", "formula_syntax", 4),
        ("(x", "formula_syntax", 1),
        ("x)", "formula_syntax", 2),
        ("sin x", "formula_sign_missing", 5),
        ("sin + x", "formula_function_alone", 1),
        ("1 + sine(x)", "formula_unknown_function", 5),
        ("x(2)", "formula_unknown_function", 1),
        ("__import__(x)", "formula_unknown_function", 1),
        ("max(x)", "formula_arguments", 1),
        ("2*sin(x, x)", "formula_arguments", 3),
        ("exp()", "formula_arguments", 1),
        ("x, 2", "formula_not_allowed", 1),
        ("max(*x)", "formula_arguments", 1),
        ("max(*x, 1)", "formula_not_allowed", 5),
        ("exp(**x)", "formula_not_allowed", 1),
        ("x // 2", "formula_syntax", 4),
        ("1,000*x", "formula_comma", 1),
        ("1,2.5", "formula_comma", 1),
        ("1e999", "formula_number", 1),
        ("lambda*x", "formula_reserved", 1),
        ("x if x else 1", "formula_reserved", 3),
        ("True", "formula_reserved", 1),
        ("é*3t", "formula_sign_missing", 4),
        ("π + foo(θ)", "formula_unknown_function", 5),
        *((f"x{c}x", "formula_character", 2) for c in "=<>[]{}.:;'\"@%&|~!?\\`#$"),
        ("x.real", "formula_character", 2),
        ("y = 2*x", "formula_character", 3),
        ("x +\0 1", "formula_character", 4),
    ],
)
def test_what_is_refused(text, code, place):
    error = refusal(text)
    assert (error.code, error.facts.get("place"), error.exit_code) == (code, place, 2)
    for language in LANGUAGES:
        with use_language(language):
            assert error.message
            assert error.next_step
            assert "{" not in error.message.replace(text, "") or "{" in text


def test_a_name_that_is_not_among_those_given_is_refused():
    error = refusal("a*surfac", names=["surface", "a"])
    assert (error.code, error.facts["place"]) == ("formula_unknown_name", 3)
    with use_language("en"):
        assert error.message.endswith("Did you mean “surface”?")
        assert "a, surface" in error.next_step


def test_a_near_miss_is_named():
    with use_language("en"):
        assert refusal("Sqrt(x)").message.endswith("Did you mean “sqrt”?")
        assert refusal("3*x + 2t").next_step == "If it is a product, write 2*t."
        assert refusal("1,000").next_step == "Write 1.000 with a point, or 1000 without a comma."


@pytest.mark.parametrize(
    ("values", "received"), [({}, "–"), ({"x": 1}, "x"), ({"t": 1, "x": 1}, "t, x")]
)
def test_values_must_fit_the_variables(values, received):
    with pytest.raises(UsageError) as caught:
        parse_formula("2*t")(**values)
    assert (caught.value.code, caught.value.facts["received"]) == ("formula_values", received)


@pytest.mark.parametrize("point", [[1.0], [1.0, 2.0, 3.0], 1.0])
def test_a_point_must_have_as_many_values_as_variables(point):
    with pytest.raises(UsageError) as caught:
        parse_formula("x*y").at(point)
    assert caught.value.code == "formula_point"


# A hostile formula neither hangs nor fills the memory


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9**9",
        "9" * 900,
        "(" * 400 + "x" + ")" * 400,
        "-" * 900 + "x",
        "x" + "**x" * 300,
        "x" + "+x" * 400,
        "sin(" * 90 + "x" + ")" * 90,
        "1" * 5000,
        "x" * 10**6,
        "1,1" * 300,
    ],
)
def test_a_hostile_formula_is_answered_at_once(text):
    start = time.monotonic()
    try:
        formula = parse_formula(text)
        formula(**dict.fromkeys(formula.variables, 1.0))
    except UsageError as error:
        assert error.code.startswith("formula_")  # noqa: PT017 - either answer will do
    assert time.monotonic() - start < 5


def test_the_largest_formula_that_is_allowed_is_computed():
    assert value("x" + "+x" * 100, x=1) == 101
    assert refusal("x" + "+x" * 101).code == "formula_too_deep"
    assert refusal("x" * 1001).code == "formula_too_long"


@given(st.text(max_size=40))
def test_no_text_makes_it_fail_otherwise(text):
    try:
        formula = parse_formula(text)
    except UsageError as error:
        assert error.code.startswith("formula_")  # noqa: PT017 - either answer will do
    else:
        formula(**dict.fromkeys(formula.variables, 0.5))


@given(st.text("0123456789.,xe+-*/^() sinmax²", max_size=30))
def test_no_text_made_of_its_signs_makes_it_fail_otherwise(text):
    test_no_text_makes_it_fail_otherwise.hypothesis.inner_test(text)


def test_constants_are_their_values():
    assert {name: value(name) for name in CONSTANTS} == {"e": math.e, "pi": math.pi, "π": math.pi}
