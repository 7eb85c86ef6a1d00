import io
import os
import re
import subprocess
import sys
import threading
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from imagier import figures
from imagier.i18n import use_language

LINES = [
    figures.Line(label="learning", values=[2.25, 1.0, np.nan, 0.25]),
    figures.Line(label="<validation> & $x_1$", values=[2.0, 1.1, 0.6, 0.5]),
]


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def chart():
    return figures.line_chart(LINES, x_label="epoch", y_label="loss", mark=(3, "kept"))


def heat(k=12):
    shares = np.eye(k) * 0.8 + 0.2 / k
    names = [f"name {row}" for row in range(k - 1)] + ["<img src=x onerror=alert(1)>"]
    return figures.heat_map(shares, names=names, x_label="answered", y_label="given")


@pytest.mark.parametrize("draw", [chart, heat])
def test_an_svg_is_sound_and_says_what_it_shows(draw):
    text = figures.svg(draw(), label='A "label" <with> marks')
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'A "label" <with> marks'
    assert "<script" not in text
    assert "<!DOCTYPE" not in text


def test_an_svg_keeps_its_words_as_words():
    text = figures.svg(chart(), label="x")
    for word in ("learning", "&lt;validation&gt; &amp; $x_1$", "epoch", "loss", "kept", "0.5"):
        assert f">{word}<" in text


def test_numbers_have_the_decimal_mark_of_the_language():
    with use_language("fr"):
        text = figures.svg(chart(), label="x")
    assert ">0,5<" in text
    assert ">0.5<" not in text


def test_colours_can_be_changed_by_the_page():
    text = figures.svg(chart(), label="x")
    for name in ("ink", "faint", "rule", "right", "wrong"):
        assert f"var(--{name}, #" in text
    bare = text
    for colour in (figures.INK, figures.FAINT, figures.RULE, figures.BLUE, figures.ORANGE):
        bare = bare.replace(f", {colour})", "")
    assert "#1f2430" not in bare


def test_two_figures_on_a_page_share_no_name():
    ids = []
    for figure in (chart(), heat(), figures.line_chart(LINES, x_label="a", y_label="b")):
        root = ElementTree.fromstring(figures.svg(figure, label="x"))  # noqa: S314
        ids += [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    assert ids


def test_names_that_are_referred_to_are_there():
    text = figures.svg(chart(), label="x")
    root = ElementTree.fromstring(text)  # noqa: S314
    ids = {one.attrib["id"] for one in root.iter() if "id" in one.attrib}
    links = {
        one.attrib["{http://www.w3.org/1999/xlink}href"]
        for one in root.iter("{http://www.w3.org/2000/svg}use")
    }
    assert links
    assert {link.removeprefix("#") for link in links} <= ids


@pytest.mark.parametrize("draw", [chart, heat])
def test_the_same_figure_gives_the_same_bytes(draw):
    assert figures.svg(draw(), label="x") == figures.svg(draw(), label="x")
    assert figures.png(draw()) == figures.png(draw())


def test_another_process_gives_the_same_bytes():
    program = (
        "from imagier import figures;"
        "f = figures.line_chart([figures.Line(label='a', values=[1.0, 0.5])],"
        " x_label='x', y_label='y'); print(figures.svg(f, label='z'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "IMAGIER_LANG": "en"},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_the_users_own_settings_change_nothing():
    import matplotlib as mpl

    before = figures.svg(chart(), label="x")
    with mpl.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "path"}):
        assert figures.svg(chart(), label="x") == before
        assert mpl.rcParams["font.size"] == 30


def test_a_png_is_a_picture_without_date():
    shown = Image.open(io.BytesIO(figures.png(chart(), dots_per_inch=100)))
    shown.load()
    assert shown.size == (460, 300)
    assert set(shown.info) <= {"dpi"}


def test_the_heat_map_paints_the_diagonal_blue_and_the_rest_orange():
    shares = np.array([[1.0, 0.0], [0.25, 0.75]])
    tints = figures._tints(shares)
    assert tints[0, 0].tolist() == [0, 114, 178, 255]
    assert tints[1, 0].tolist() == [196, 80, 12, 128]
    assert tints[0, 1, 3] == 0


@pytest.mark.parametrize(
    ("highest", "digits"), [(0.1, 2), (0.7, 1), (1.4, 1), (2.4, 1), (13, 0), (90, 0), (1e-4, 5)]
)
def test_heights_are_written_with_no_more_digits_than_they_need(highest, digits):
    line = figures.Line(label="a", values=[highest, highest / 3])
    text = figures.svg(figures.line_chart([line], x_label="", y_label=""), label="z")
    heights = [number for number in re.findall(r">([\d.]+)</text>", text) if float(number) < 1]
    assert all(len(height.partition(".")[2]) <= digits for height in heights)


def test_one_epoch_and_all_zeros_can_be_drawn():
    for values in ([0.4], [0.0, 0.0], [np.nan, 0.2], [1e-5, 1e-6]):
        line = figures.Line(label="a", values=values)
        figures.svg(figures.line_chart([line], x_label="x", y_label="y"), label="z")


def test_many_names_are_written_in_part():
    text = figures.svg(heat(100), label="x")
    assert ">name 0<" in text
    assert ">name 1<" not in text
    assert len(text) < 100_000


def test_threads_may_draw_at_the_same_time():
    wanted, found = figures.svg(chart(), label="x"), []

    def draw():
        with use_language("en"):
            found.append(figures.svg(chart(), label="x"))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4


def test_letters_of_every_script_stay_letters_and_nothing_is_warned(recwarn):
    drawn = figures.svg(figures.line_chart(LINES, x_label="日本", y_label="loss"), label="日本")
    assert "日本</text>" in drawn
    assert not recwarn.list


def test_a_line_keeps_its_style_where_it_stands_alone():
    alone = figures.line_chart(
        [figures.Line(label="b", values=[1.0, 0.5], style=1)], x_label="", y_label=""
    )
    (line,) = alone.axes[0].get_lines()
    assert line.get_color() == figures.COLOURS[1]


def test_what_is_written_at_a_mark_stands_above_the_lines():
    figure = figures.line_chart(
        [figures.Line(label="a", values=[2.0, 2.45, 2.45])], x_label="", y_label="", mark=(3, "k")
    )
    assert figure.axes[0].get_ylim()[1] >= 1.1 * 2.45
