"""The page of a reader's test: complete in itself, safe, in two languages."""

import base64
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from imagier.i18n import LANGUAGES, catalogue, use_language
from imagier.reading import line_page as page_module
from imagier.reading.line_page import line_report_html
from imagier.reading.line_sections import LINE_SECTIONS
from imagier.reading.worst_lines import aligned, line_picture, shown_character
from imagier.testing.html import check_replaceable

HOSTILE = ("<img src=x onerror=alert(1)>", "</style><script>alert(1)</script>", "&amp;\"'{{ 7*7 }}")
VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Collects what stands in a page, and checks that each element is closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, name):
        return [attrs for tag, attrs in self.elements if tag == name]


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def test_the_figure_and_the_advice_stand_before_the_evidence(full_line_report):
    text = Page(line_report_html(full_line_report(accept=None))).text
    words = (
        "of 600 unseen lines read right from end to end",
        "What to do",
        "Use it with --max-error 0.05",
        "7 → 1 (23)",
        "How to read this",
        "How sure it is",
        "What is misread",
        "Worst lines",
        "Learning, validation, test",
        "Document by document",
        "How it learnt",
        "a/b.png is cut off.",
        "of them made to measure 19,000",
        "Evaluations on these lines 2",
        "A note on the lines.",
        "812,345",
        "Reading 1,000 prepared lines",
    )
    place = 0
    for word in words:  # the titles stand in links too, further up
        assert word in text[place:], word
        place = text.index(word, place)
    assert "`" not in text, "what is typed is set as code"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_one_language(full_line_report, language):
    with use_language(language):
        page = Page(line_report_html(full_line_report()))
    assert page.all("html") == [{"lang": language}]
    assert ("Les pires lignes" in page.text) == (language == "fr")
    assert ("Worst lines" in page.text) == (language == "en")


def test_nothing_is_fetched_and_no_script_is_needed(full_line_report):
    text = line_report_html(full_line_report())
    page = Page(text)
    assert page.all("script") == []
    assert page.all("meta")[1]["content"].startswith("default-src 'none'; img-src data:;")
    for tag, attrs in page.elements:
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "xlink:href", "srcset", "action"}:
                assert value.startswith(("data:", "#")), (tag, value)
    assert "@import" not in text


def test_hostile_texts_and_names_stay_text(line_report_of):
    read = tuple(text[:-1] for text in HOSTILE)
    letters = "".join(sorted(set("".join(HOSTILE))))
    report = line_report_of(HOSTILE, read, characters=letters, paths=HOSTILE, model=HOSTILE[1])
    page = Page(line_report_html(report))
    assert page.all("script") == []
    assert page.all("img") == []
    assert "49" not in page.text
    assert "onerror" in page.text


def test_both_texts_stand_side_by_side_and_differences_have_a_sign(line_report_of):
    report = line_report_of(["75005", "13"], ["7506", "113"])
    page = Page(line_report_html(report))
    labels = {attrs["aria-label"] for attrs in page.all("div") if "aria-label" in attrs}
    assert {"Written 75005, read 7506", "Written 13, read 113"} <= labels
    steps = [attrs["class"] for attrs in page.all("span") if "step" in attrs.get("class", "")]
    kinds = [step.removeprefix("step ") for step in steps]
    assert sorted(set(kinds)) == ["added", "equal", "left_out", "taken"]
    for sign in "≠−+":
        assert sign in page.text.split("Above, what is written")[1]


def test_without_pictures_none_is_shown(full_line_report):
    page = Page(line_report_html(full_line_report(60, pictures=False)))
    assert page.all("img") == []
    assert "Worst lines" in page.text


def test_pictures_are_those_of_the_lines_without_their_filling(full_line_report, drawn_lines):
    report = full_line_report()
    assert len(report.worst) == 24
    contents = {one.content for one in (*report.worst, *report.examples)}
    shown = Page(line_report_html(report)).all("img")
    sources = {base64.b64decode(one["src"].removeprefix("data:image/png;base64,")) for one in shown}
    assert sources == contents
    (line,) = drawn_lines(["1"])
    assert width_of(line_picture(line)) < 40 < width_of(line_picture(drawn_lines(["11111"])[0]))
    assert width_of(line_picture(np.full((32, 90, 1), 7, np.uint8))) == 90


def width_of(png):
    return int.from_bytes(png[16:20], "big")


def test_levels_end_where_white_is(drawn_lines):
    (line,) = drawn_lines(["7"])
    assert line_picture(line // 17, full_scale=15) == line_picture(line // 17 * 17)


def test_of_few_characters_no_share_is_given(line_report_of):
    page = line_report_html(line_report_of(["7"] * 29 + ["1"] * 40, ["1"] * 69))
    section = page.partition('<section id="characters">')[2].partition("</section>")[0]
    assert "29 of 29" in section
    assert "too few" in section
    assert "%" not in section.partition("</table>")[0]


def test_of_few_lines_little_is_said(line_report_of):
    text = Page(line_report_html(line_report_of(["12"] * 3, ["12"] * 3))).text
    assert "3 test pictures are too few" in text
    assert "All 6 characters were read right." in text
    assert "off by" not in text


def test_a_page_of_noise_stays_under_three_megabytes(line_report_of):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (60, 32, 1024, 1)).astype(np.uint8)  # nothing compresses worse
    true = ["0123456789" * 8] * 30 + [f"{row}" for row in range(30)]
    read = ["9876543210" * 8] * 30 + [f"{row}" for row in range(30)]
    page = line_report_html(line_report_of(true, read, pictures=noise))
    assert 500_000 < len(page.encode()) < 3_000_000


def test_ids_are_unique_and_links_lead_somewhere(full_line_report):
    page = Page(line_report_html(full_line_report()))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"] for attrs in page.all("a")}
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_every_section_has_a_title_in_both_languages_and_a_template():
    rooms = (Path(page_module.__file__).parent, Path(page_module.__file__).parents[1] / "testing")
    for section in LINE_SECTIONS:
        for language in LANGUAGES:
            assert f"line_report.{section.name}" in catalogue(language)
        assert any((room / "templates" / section.template).is_file() for room in rooms)


def test_lines_that_were_learnt_from_are_told_on_every_screen(line_report_of):
    clean = line_report_of(["12"] * 40, ["12"] * 40)
    assert 'class="overlap"' not in line_report_html(clean)
    page = line_report_html(dataclasses.replace(clean, overlap=12))
    assert '<p class="overlap" role="alert">NOT A TEST: 12 of these 40' in page


def test_the_page_may_be_replaced_as_reports_are(full_line_report, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(line_report_html(full_line_report(40)), "utf-8")
    check_replaceable(path)


def test_the_same_report_makes_the_same_page(full_line_report):
    assert line_report_html(full_line_report()) == line_report_html(full_line_report())


def test_characters_that_are_not_seen_are_shown():
    assert shown_character("\u0301") == "◌\u0301"
    assert shown_character("\u202e") == "\\u202e"
    assert [step.true for step in aligned("1 2", "12")] == ["1", "␣", "2"]
