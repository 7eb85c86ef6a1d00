import numpy as np
import pytest
from PIL import Image, ImageFilter

from imagier.convolution import KERNELS, convolve, parse_kernel, parse_matrix
from imagier.errors import UsageError
from imagier.i18n import LANGUAGES, t, use_language

KEEP_BRIGHTNESS = {"emboss", "sharpen", "blur", "gauss", "identity"}


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_answers_nothing_or_the_level_itself_where_all_is_even(name):
    even = np.full((5, 5), 90.0)
    expected = 90.0 if name in KEEP_BRIGHTNESS else 0.0
    assert convolve(even, KERNELS[name].numbers) == pytest.approx(np.full((3, 3), expected))


@pytest.mark.parametrize("name", KERNELS)
def test_each_is_found_by_its_name_and_says_what_it_looks_for(name):
    assert parse_kernel(f" {name.upper()} ") is KERNELS[name]
    for language in LANGUAGES:
        with use_language(language):
            assert t(f"convolution.kernel.{name}")


@pytest.mark.parametrize("name", KERNELS)
def test_each_can_be_typed_again(name):
    kernel = KERNELS[name]
    typed = parse_kernel(str(kernel).partition("× (")[2].rstrip(")") or str(kernel))
    assert np.array_equal(typed.numbers, kernel.rows)


LINES = {
    "horizontal": [[0, 0, 0], [1, 1, 1], [0, 0, 0]],
    "vertical": [[0, 1, 0], [0, 1, 0], [0, 1, 0]],
    "falling": np.eye(3),
    "rising": np.eye(3)[::-1],
}


@pytest.mark.parametrize("name", LINES)
def test_a_detector_of_lines_answers_most_to_its_own(name):
    answers = {other: convolve(line, KERNELS[name].numbers)[0, 0] for other, line in LINES.items()}
    assert max(answers, key=answers.get) == name
    assert sorted(answers.values())[-2] <= 0


def test_blur_is_that_of_pillow():
    levels = np.random.default_rng(0).integers(0, 256, (9, 9)).astype(np.uint8)
    blurred = np.asarray(Image.fromarray(levels).filter(ImageFilter.BoxBlur(1)))[1:-1, 1:-1]
    assert np.abs(convolve(levels, KERNELS["blur"].numbers) - blurred).max() <= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2; 3 0", [[1, 2], [3, 0]]),
        ("1,2;3,0", [[1, 2], [3, 0]]),
        ("1, 2; 3, 0;", [[1, 2], [3, 0]]),
        ("1 2\n3 0", [[1, 2], [3, 0]]),
        ("0,5 1; −1 .25", [[0.5, 1], [-1, 0.25]]),
        ("1/4 1/2 +1/4", [[0.25, 0.5, 0.25]]),
        ("7", [[7]]),
    ],
)
def test_ways_to_type_a_table(text, expected):
    assert parse_matrix(text).tolist() == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 2; 3", "row 2 has length 1, the first one 2"),
        ("1 2;; 3 0", "row 2 is empty"),
        ("", "row 1 is empty"),
        ("1 x; 3 0", "“x” is not a number"),
        ("1 1e999999999", "“1e999999999” is not a number"),
        ("1 1/0", "“1/0” is not a number"),
        ("1 nan", "“nan” is not a number"),
        (" ".join(["1"] * 100), "it has more than 99 rows or columns"),
    ],
)
def test_a_malformed_table_says_where(text, reason):
    with pytest.raises(UsageError) as refused:
        parse_matrix(text)
    assert refused.value.code == "kernel_malformed"
    assert refused.value.facts["reason"] == reason


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(UsageError) as refused:
        parse_kernel("horizontl")
    assert refused.value.code == "unknown_kernel"
    assert "“horizontal”" in refused.value.message
