"""The answers of the room, made without the command line: the same for a page and a notebook."""

import json

import numpy as np
import pytest

from imagier.convolution import (
    KERNELS,
    InputPicture,
    KernelList,
    Pool,
    Relu,
    convolve_picture,
    parse_kernel,
    typed_picture,
)
from imagier.errors import UsageError
from imagier.i18n import use_language

DECK = typed_picture("; ".join(" ".join(map(str, range(6 * r + 1, 6 * r + 7))) for r in range(5)))
AFTER = (Relu(), Pool(size=2))


@pytest.fixture
def answer():
    return convolve_picture(DECK, [parse_kernel("1 2; 3 0")], after=AFTER, place=(0, 0))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_answer_has_lines_json_and_figures(answer, language):
    with use_language(language):
        assert any("1·1 + 2·2 + 3·7 + 0·8 = 26" in line for line in answer.lines())
        figure = answer.figures()["figure"]
        assert figure.content(".svg").startswith(b"<svg")
        assert figure.content(".gif").startswith(b"GIF89a")
    facts = json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert facts["at"]["sum"] == 26
    assert (facts["out"], facts["plot"]) == (None, None)
    assert list(facts) == list(KernelList().to_json())


def test_the_tables_are_bare_numbers(answer):
    (table,) = answer.tables().values()
    assert table.csv() == "68,80\n140,152\n"


def test_the_list_has_every_kernel():
    assert {kernel["name"] for kernel in KernelList().to_json()["kernels"]} == set(KERNELS)
    with use_language("en"):
        assert sum(line.startswith("  [ ") for line in KernelList().lines()) == 3 * len(KERNELS)
    assert KernelList().figures() == KernelList().tables() == {}


def test_a_film_needs_a_kernel_and_few_places():
    without = convolve_picture(DECK, [], after=AFTER)
    large = InputPicture(name="large", levels=np.zeros((50, 50, 1)))
    for one in (without, convolve_picture(large, [parse_kernel("1 2; 3 0")])):
        with pytest.raises(UsageError) as refused:
            one.figures()["figure"].content(".gif")
        assert refused.value.code == "convolve_gif"


def test_nearly_nothing_has_no_minus_sign():
    answer = convolve_picture(DECK, [parse_kernel("-0.00001")])
    with use_language("en"):
        assert "from 0 to 0" in "\n".join(answer.lines())


def test_pixel_by_pixel_white_is_told_where_it_is_not_255():
    levels, told = convolve_picture(DECK, [], after=[Pool(size=1)]).last_maps()
    assert (levels.shape, levels.max()) == ((5, 6, 1), 255)
    assert "30" in told
    photo = InputPicture(name="photo", levels=np.full((2, 2, 1), 9), scale=255)
    levels, told = convolve_picture(photo, [parse_kernel("identity")], padding=1).last_maps()
    assert (levels[0, 0, 0], told) == (9, None)


def test_a_word_that_is_no_table_is_left_to_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert typed_picture("photo.jpg") is None
    (tmp_path / "5 3").touch()
    assert typed_picture("5 3") is None, "a file of this name is opened"
    assert typed_picture("5 3; 2 1").levels.shape == (2, 2, 1)
