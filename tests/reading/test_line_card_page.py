"""MODEL_CARD.md of a reader, and its report without lines."""

import dataclasses
import json

import pytest

from imagier.i18n import LANGUAGES, use_language
from imagier.reading.line_card import line_model_card
from imagier.reading.line_page import line_report_html
from imagier.reading.line_privacy import anonymous_lines


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_is_in_both_languages_the_users_first(full_line_report, language):
    with use_language(language):
        report = full_line_report()
        text = line_model_card(report)
    halves = text.split("\n\n---\n\n")
    english, french = halves if language == "en" else halves[::-1]
    assert text.startswith("# codes.imagier\n")
    assert text.count("\n## ") == 18, "nine sections in two languages"
    assert "## What it must not be used for" in english
    assert "## À quoi il ne doit pas servir" in french
    assert "of 600 unseen lines read right" in english
    assert "des 600 lignes jamais vues" in french
    assert "A note on the lines." in halves[0]
    assert "A note on the lines." not in halves[1]


def test_it_names_counts_mistakes_and_what_it_refuses(full_line_report):
    text = line_model_card(full_line_report())
    for words in (
        "10 characters: 0 1 2 3 4 5 6 7 8 9",
        "32 pixels high and 160 wide",
        "7 → 1 (23)",
        "Lines learnt from: 20,000",
        "| Test | 600 |",
        "imagier read codes.imagier line.png",
        "never against a site",
        "jamais contre un site",
        "Weapons:",
        "1 file could not be used",
        "Reading 1,000 prepared lines takes",
    ):
        assert words in text, words


def test_characters_that_are_seldom_written_are_named(line_report_of):
    true = ["12 "] * 40 + ["13?"] * 5
    report = line_report_of(true, true, characters="123 _", learnt={"1": 90, "2": 90, " ": 90})
    text = line_model_card(report)
    assert "no test line has, so that nothing is known of them: \\_." in text
    assert "fewer than 30 times on the test lines, so no figure of their own: 3." in text
    assert "fewer than 30 times on the lines it learnt from: 3 \\_." in text
    assert "does not know, and so always misreads: ?." in text
    assert "a blank (␣)" in text


def test_the_same_reader_has_the_same_card_whatever_the_clock(full_line_report):
    report = full_line_report()
    slower = dataclasses.replace(report.history, seconds={"total": 99.0})
    assert line_model_card(dataclasses.replace(report, history=slower)) == line_model_card(report)


def test_texts_cannot_become_markup(line_report_of):
    true = ["<img src=x>|*"] * 40
    letters = "".join(sorted(set(true[0])))
    report = line_report_of(true, [text[::-1] for text in true], characters=letters, model="*a|b*")
    text = line_model_card(report)
    assert "<img" not in text.replace("\\<img", "")
    assert text.startswith("# \\*a\\|b\\*\n")


def test_a_report_without_lines_names_none_of_them(full_line_report):
    report = full_line_report()
    report = dataclasses.replace(
        report, data_notes=("In secret/folder all is well.", "A note on the lines.", "Said of it.")
    )
    bare = anonymous_lines(report, private=["secret/folder"], of_source=["Said of it."])
    written = json.dumps(bare.stored_json()) + line_report_html(bare) + line_model_card(bare)
    for hidden in ("a/b.png", "secret", "Said of it", "codes.imagier", "<img"):
        assert hidden not in written, hidden
    for one in report.worst:
        assert one.text not in written
        assert one.path not in written
    assert "A note on the lines." in written
    assert "2 remarks that may name files or folders" in written
    assert bare.to_json()["accuracy"] == report.accuracy
    assert bare.to_json()["confused"] == report.to_json()["confused"]
    assert "lines" not in bare.tables()
    assert str(bare)
