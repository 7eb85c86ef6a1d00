"""The report's page: complete in itself, safe, in two languages."""

import base64
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from imagier.errors import UsageError
from imagier.i18n import LANGUAGES, catalogue, use_language
from imagier.testing import check_replaceable, report_html
from imagier.testing import html as page_module
from imagier.testing.sections import SECTIONS

TEMPLATES = Path(page_module.__file__).with_name("templates")

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

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

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


def test_the_first_words_are_the_figure_its_n_and_its_interval(full_report):
    text = Page(report_html(full_report)).text
    place = text.index("of 30 unseen pictures named right")
    assert text.index("%") < place < text.index("How to read this")


def test_everything_that_was_found_is_there(full_report):
    page = Page(report_html(full_report))
    for words in (
        "Learning, validation, test",
        "Who is taken for whom",
        "Worst mistakes",
        "Each in its own style",
        "How it learnt",
        "How sure it is",
        "Name by name",
        "Left out",
        "a/b.jpg is cut off.",
        "A note on the parts.",
        "A note on the learning.",
        "1 min 01 s",
        "6,442",
        "Evaluations on these pictures 2",
    ):
        assert words in page.text, words
    assert len(page.all("svg")) == 3
    assert len(page.all("figure")) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_one_language(full_report, language):
    with use_language(language):
        page = Page(report_html(full_report))
    assert page.all("html") == [{"lang": language}]
    assert ("À chacun son style" in page.text) == (language == "fr")
    assert ("Each in its own style" in page.text) == (language == "en")


def test_nothing_is_fetched_and_no_script_is_needed(full_report):
    text = report_html(full_report)
    page = Page(text)
    assert page.all("script") == []
    policy = page.all("meta")[1]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'; img-src data:;")
    for tag, attrs in page.elements:
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "xlink:href", "srcset", "action"}:
                assert value.startswith(("data:", "#")), (tag, value)
    assert "url(http" not in text
    assert "@import" not in text


def test_hostile_names_stay_text(report_of):
    labels, answers = [0, 1, 2, 0, 1], [0, 1, 2, 1, 2]
    report = report_of(labels, answers, classes=HOSTILE, names=tuple(HOSTILE[i] for i in labels))
    many = report_of([0, 1], [1, 0], classes=HOSTILE + tuple(map(str, range(9))))
    for text in (report_html(report), report_html(many)):
        page = Page(text)
        assert page.all("script") == []
        assert len(page.all("style")) == 1
        assert all(attrs["src"].startswith("data:image/png") for attrs in page.all("img"))
        assert HOSTILE[0] in page.text
        assert "{{ 7*7 }}" in page.text


def test_thumbnails_are_pictures_of_what_was_seen(full_report):
    pictures = Page(report_html(full_report)).all("img")
    assert len(pictures) >= 30
    for picture in pictures:
        content = base64.b64decode(picture["src"].removeprefix("data:image/png;base64,"))
        assert content.startswith(b"\x89PNG\r\n")
        assert "alt" in picture


def test_without_pictures_none_is_shown(report_of):
    report = report_of([0, 0, 1], [0, 1, 1], pictures=False)
    page = Page(report_html(report))
    assert page.all("img") == []
    assert "0/1.png" in page.text


def test_a_matrix_of_ten_classes_is_whole_and_its_cells_have_headings(report_of):
    labels = np.repeat(np.arange(10), 4)
    page = Page(report_html(report_of(labels, labels, classes=tuple("0123456789"))))
    assert "All 40 pictures were named right." in page.text
    assert [attrs["scope"] for attrs in page.all("th") if "scope" in attrs].count("row") == 20
    assert all("scope" in attrs for attrs in page.all("th"))


def test_beyond_ten_classes_a_heat_map_and_the_confusions_are_shown(report_of):
    names = tuple(f"name {row}" for row in range(11))
    report = report_of([0, 0, 1, 10], [0, 1, 1, 3], classes=names)
    page = Page(report_html(report))
    drawing = page.all("svg")[0]
    assert drawing["role"] == "img"
    assert "11 names" in drawing["aria-label"]
    assert "1 time of 2" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_that_were_learnt_from_are_told_on_every_screen(report_of, language):
    labels = [0] * 40 + [1] * 40
    clean = report_of(labels, labels)
    report = dataclasses.replace(clean, overlap=12)
    with use_language(language):
        page = report_html(report)
        assert 'class="overlap"' not in report_html(clean)
    banner = page.partition('<p class="overlap" role="alert">')[2].partition("</p>")[0]
    assert "12" in banner
    assert "--allow-overlap" in banner
    assert "position: sticky" in page
    assert page.count("dont 12 apprises" if language == "fr" else "12 were learnt from") >= 2


def test_how_often_the_pictures_were_opened_is_told(report_of):
    report = dataclasses.replace(report_of([0, 1], [0, 1], evaluation_count=3), models_tested=7)
    page = report_html(report)
    assert re.search(r"Evaluations on these pictures</dt><dd>3<", page)
    assert re.search(r"Models tested on them, on this machine</dt><dd>7<", page)
    assert "evaluation number 3" in page
    assert "7 models have been tested" in page
    assert "<code>imagier compare</code>" in page
    assert "`" not in Page(page).text, "what is typed is set as code"


def test_of_few_pictures_the_page_gives_no_figure(report_of):
    report = report_of([0] * 29 + [1] * 30, [0] * 29 + [1] * 30, classes=("a", "b"))
    section = report_html(report).partition('<section id="classes">')[2]
    few, many = section.split("<tr>")[2:4]
    assert few.count("too few") == 2
    assert "%" not in few.replace("left:", "").partition("29 of 29")[0]
    assert 'class="bar' not in few
    assert 'class="bar' in many


@pytest.mark.parametrize(
    ("accept", "verdict"),
    [(0.5, "acceptable"), (0.9, "not_proven"), (0.999, "not_acceptable")],
)
def test_the_verdict_is_shown(report_of, accept, verdict):
    report = report_of([0] * 100, [0] * 90 + [1] * 10, accept=accept)
    assert f'class="verdict {verdict}"' in report_html(report)


def test_the_same_report_makes_the_same_page(full_report):
    assert report_html(full_report) == report_html(full_report)


def test_ids_are_unique_and_links_lead_somewhere(full_report):
    page = Page(report_html(full_report))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"] for attrs in page.all("a")}
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_ten_classes_of_photos_stay_under_three_megabytes(report_of):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 30)
    noise = rng.integers(0, 256, (300, 96, 96, 3)).astype(np.uint8)  # nothing compresses worse
    noise[:, 0, 0] = ((labels + (np.arange(300) % 7 == 0)) % 10)[:, None]
    noise[:, 0, 1] = 90
    report = report_of(labels, labels, classes=tuple("0123456789"), pixels=noise, channels=3)
    assert len(report.mistakes) == 24
    assert len(report_html(report).encode()) < 3_000_000


def test_a_plan_is_written_for_people(report_of):
    report = report_of([0, 1], [0, 1])
    plan = {
        "class_weights": [1.5, 0.75, 1.0],
        "views": [{"side": 224, "mirrored": True}],
        "cuts": [[3, 8]],
        "patience": None,
        "flip": True,
        "rotation": 0.0,
        "batch_size": 1024,
        "learning_rate": 0.005,
        "unheard_of": {"a": [1, {"b": False}]},
    }
    report = dataclasses.replace(report, card=dataclasses.replace(report.card, plan=plan))
    text = Page(report_html(report)).text
    for words in (
        "What an error counts 0 1.5 · 2 1 · 1 0.75",
        "Each picture seen as 224 pixels, mirrored",
        "Shortened while it ran to 8 in all after 3",
        "Left and right exchanged yes",
        "Pictures between two corrections 1,024",
        "Highest learning rate 0.005",
        "unheard of · a 1, b no",
    ):
        assert words in text, words
    assert "Turned at random" not in text  # not done, not told
    assert not any(sign in text for sign in ("{", "[", "True", "False", "None"))


def test_the_names_in_the_explanations_are_the_report_s_own(report_of):
    with use_language("fr"):
        text = Page(report_html(report_of([0, 1], [0, 1], classes=("lys", "rose")))).text
    assert "parmi les images de « lys »" in text
    assert "vrais 7" not in text


def test_the_advice_stands_before_the_evidence(report_of):
    report = report_of([0] * 60 + [1] * 40, [0] * 55 + [1] * 45, sure=[99] * 100)
    page = Page(report_html(report))
    first = page.text.index("What to do")
    assert page.text.index("100 unseen pictures") < first < page.text.index("How to read this")
    assert "Look first at the names of 5 pictures" in page.text
    assert "`" not in page.text  # what is typed is set as code


def test_each_cell_of_the_matrix_leads_to_its_pictures(report_of):
    report = report_of([0, 0, 0, 1, 2], [0, 1, 1, 1, 0])
    page = Page(report_html(report))
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    links = [attrs["href"] for attrs in page.all("a")]
    cells = ["#style-0", "#style-1", "#pair-0-1", "#pair-2-0"]
    assert all(cell in links and cell.removeprefix("#") in ids for cell in cells)
    shown = [attrs.get("title") for attrs in page.all("img")]
    assert {"0/1.png · sure to 90.0%", "0/2.png · sure to 90.0%"} <= set(shown)


def test_without_pictures_the_cells_lead_to_their_names(report_of):
    page = Page(report_html(report_of([0, 0, 1], [0, 1, 1], pictures=False)))
    assert "#pair-0-1" in [attrs["href"] for attrs in page.all("a")]
    assert "#style-0" not in [attrs["href"] for attrs in page.all("a")]


def test_no_bar_is_filled_where_nothing_is_wrong(full_report):
    (learnt,) = [
        attrs["style"]
        for tag, attrs in Page(report_html(full_report)).elements
        if attrs.get("class") == "fill" and attrs["style"] == "width:0.00%"
    ]
    assert learnt  # the training part was named right throughout


def test_the_bars_of_the_errors_end_at_a_round_number(full_report):
    text = Page(report_html(full_report)).text
    assert "Mean loss 0% 50%" in text


def test_every_section_has_a_title_and_a_template_in_both_languages():
    for section in SECTIONS:
        for language in LANGUAGES:
            assert f"testing.{section.name}" in catalogue(language)
        assert (TEMPLATES / f"{section.name}.html.j2").is_file()


def test_photos_of_many_classes_stay_under_three_megabytes(report_of):
    rng = np.random.default_rng(0)
    names = tuple(f"name {row}" for row in range(30))
    labels = np.repeat(np.arange(30), 20)
    smooth = rng.integers(0, 256, (600, 12, 12, 3)).astype(np.uint8)
    photos = smooth.repeat(8, axis=1).repeat(8, axis=2)
    photos[:, 0, 0] = ((labels + (np.arange(600) % 3 == 0)) % 30)[:, None]
    photos[:, 0, 1] = 90
    report = report_of(labels, labels, classes=names, pixels=photos, channels=3)
    assert sum(len(pair.pictures) for pair in report.pairs) >= 200
    assert len(report_html(report).encode()) < 3_000_000


def test_an_older_report_may_be_replaced_and_nothing_else(full_report, tmp_path):
    page = tmp_path / "report.html"
    check_replaceable(page)
    page.write_text(report_html(full_report), "utf-8")
    check_replaceable(page)
    for name, content in (("photo.jpg", b"\xff\xd8"), ("page.html", b"<!doctype html>")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError) as caught:
            check_replaceable(tmp_path / name)
        assert caught.value.code == "report_exists"
    with pytest.raises(UsageError):
        check_replaceable(tmp_path)


def test_a_report_without_learning_has_no_curve_and_no_gap(report_of):
    report = dataclasses.replace(report_of([0, 1], [0, 1]), leaked=None, evaluation_count=None)
    text = Page(report_html(report)).text
    assert "How it learnt" not in text
    assert "Learning, validation, test" not in text
    assert "not known" in text
