"""Results show themselves in a notebook: the same content, escaped, self-contained, bounded."""

import importlib
import pkgutil
from html.parser import HTMLParser

import numpy as np
import pytest

import imagier
from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.answers.html import line_html
from imagier.figures import drawing
from imagier.i18n import BOLD, PLAIN, use_language

ROOMS = (
    "auditing", "convolution", "doctor", "explaining", "gradient", "images", "kmeans", "labelling",
    "neurons", "palette", "reading", "recognizer", "regression", "segmentation", "testing",
)  # fmt: skip
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


class Made(Shown):
    """An answer of whatever lines, notes, figures and tables it is given."""

    def __init__(self, lines=(), notes=(), figures=None, tables=None):
        self._lines, self.notes = lines, notes
        self._figures, self._tables = figures or {}, tables or {}

    def lines(self):
        yield from self._lines

    def figures(self):
        return self._figures

    def tables(self):
        return self._tables


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def dots(count):
    with drawing((3, 2)) as figure:
        figure.add_subplot().scatter(*np.random.default_rng(0).random((2, count)))
    return figure


def answers():
    """Give every class of the package that answers like a command."""
    for room in ROOMS:
        package = importlib.import_module(f"imagier.{room}")
        modules = [
            importlib.import_module(f"imagier.{room}.{found.name}")
            for found in pkgutil.iter_modules(package.__path__)
        ]
        for module in (package, *modules):
            for value in vars(module).values():
                is_own = isinstance(value, type) and value.__module__ == module.__name__
                if is_own and set(dir(value)) >= {"lines", "to_json", "figures", "tables"}:
                    yield value


def test_every_answer_shows_itself():
    found = set(answers())
    assert len(found) >= 19
    assert [one.__name__ for one in found if not issubclass(one, Shown)] == []
    own = [one.__name__ for one in found if one.__repr__ is not Shown.__repr__]
    assert sorted(own) == ["LineReport", "Report"], (
        "dataclass(repr=False), or a notebook without HTML shows everything"
    )


def test_lines_notes_figures_and_tables_are_shown_alike():
    answer = Made(
        lines=[f"{BOLD}98%{PLAIN} right", "second line"],
        notes=["A note."],
        figures={"figure": AnswerFigure(label="dots", draw=lambda: dots(3))},
        tables={"rows": AnswerTable(columns=("name", "share"), rows=[("a", 0.5), ("b", None)])},
    )
    text = answer._repr_html_()
    assert "<b>98%</b> right\nsecond line" in text
    for words in ("A note.", "Table: rows", "0.5", "–", 'alt="dots"', "data:image/svg+xml;base64,"):
        assert words in text
    with use_language("fr"):
        assert "0,5" in answer._repr_html_()
    assert repr(answer) == "<Made: 98% right>"


def test_nothing_of_a_stranger_s_becomes_markup():
    answer = Made(
        lines=[HOSTILE, "\x1b[2J" + HOSTILE],
        notes=[HOSTILE],
        figures={HOSTILE: AnswerFigure(label=HOSTILE, draw=lambda: dots(3))},
        tables={HOSTILE: AnswerTable(columns=(HOSTILE,), rows=[(HOSTILE,)])},
    )
    page = Elements(answer._repr_html_())
    assert {"script", "a", "iframe"}.isdisjoint(page.tags)
    assert page.tags.count("img") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert [value[:5] for name, value in page.attributes if name == "src"] == ["data:"]
    assert "\x1b" not in "".join(page.words)


def test_what_is_shown_is_bounded():
    endless = AnswerTable(columns=range(500), rows=(range(500) for _ in iter(int, 1)))
    answer = Made(
        lines=("x" * 10_000 for _ in iter(int, 1)),
        figures={str(k): AnswerFigure(label="dots", draw=lambda: dots(20_000)) for k in range(9)},
        tables={"endless": endless},
    )
    text = answer._repr_html_()
    assert len(text) < 4_000_000
    assert text.count("<img") <= 6
    assert text.count("<tr>") <= 22


def test_a_figure_and_a_table_show_themselves():
    assert "<img" in AnswerFigure(label="dots", draw=lambda: dots(3))._repr_html_()
    assert "<table" in AnswerTable(columns=("a",), rows=[(1,)])._repr_html_()


def test_a_prediction_shows_its_choices_and_says_why_there_is_none():
    good = imagier.Prediction(
        path=f"{HOSTILE}.png", label="cat", probability=0.75, top=(("cat", 0.75), (HOSTILE, 0.25))
    )
    page = Elements(good._repr_html_())
    assert {"script", "img"}.isdisjoint(page.tags)
    assert "75.0%" in page.words
    assert "width:75.0%" in good._repr_html_()
    unsure = imagier.Prediction(path="a.png", label="cat", probability=0.4, abstained=True)
    assert ">?<" in unsure._repr_html_()
    bad = imagier.Prediction(path="", status="error", error={"code": "x", "message": "a is <cut>."})
    assert "a is &lt;cut&gt;." in bad._repr_html_()


def test_a_chapter_s_result_shows_itself():
    from imagier.neurons.network_result import count_network

    result = count_network("cnn:4,8")
    text = result._repr_html_()
    for line in result.lines():
        assert line_html(line) in text
    assert repr(result).startswith("<NetworkResult: ")
    assert len(repr(result)) < 200
