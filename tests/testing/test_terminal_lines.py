import dataclasses

import numpy as np
import pytest

from imagier.datasets.splitting.part_notes import few_pictures_note, unknown_groups_note
from imagier.i18n import LANGUAGES, use_language
from imagier.testing import report_html, terminal_lines
from imagier.testing.sentences import cautions
from imagier.testing.strangers import Strangers

WIDEST = 100


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def test_the_main_figures_stand_first(full_report):
    lines = terminal_lines(full_report)
    assert "of 30 unseen pictures named right" in lines[0]
    assert lines[1].startswith("Not ")
    text = "\n".join(lines)
    for words in ("Learning", "Validation", "Test", "Most frequent confusions"):
        assert words in text
    assert "a/b.jpg is cut off." in text
    assert "A note on the parts." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_test_is_called_small_once(report_of, language):
    """The advice says it; neither a caution nor each name says it again."""
    labels = [0] * 6 + [1] * 6
    with use_language(language):
        report = report_of(labels, [1, *labels[1:]], classes=("a", "b"))
        notes = (few_pictures_note(12), unknown_groups_note(), "A note on the parts.")
        report = dataclasses.replace(report, part_notes=notes)
        lines = terminal_lines(report)
        page = report_html(report)
        assert len([line for line in lines if "12" in line]) == 3, "headline, advice, parts"
        assert few_pictures_note(12) not in page
        assert unknown_groups_note() in page
        assert unknown_groups_note() in "\n".join(cautions(report))
    assert "· A note on the parts." in lines
    assert next(line for line in lines if line.split()[:1] == ["a"]).split()[1] == "5"
    too_few = "too few" if language == "en" else "trop peu"
    assert sum(line.count(too_few) for line in lines) == 1


def test_how_it_learnt_stands_on_the_page_and_what_happened_here_too(full_report):
    notes = ("Each picture was seen twice.", "It was interrupted.")
    history = dataclasses.replace(full_report.history, notes=notes, manner=notes[:1])
    report = dataclasses.replace(full_report, data_notes=notes, history=history)
    lines = terminal_lines(report)
    assert "· It was interrupted." in lines
    assert "· Each picture was seen twice." not in lines
    assert all(note in report_html(report) for note in notes)
    assert report.train_json()["notes"] == ["A note on the parts.", *notes]


def test_more_strangers_than_promised_are_told(full_report):
    for refused, told in ((1, False), (9, True)):
        strangers = Strangers(n=30, refused=refused, promised=0.02)
        lines = terminal_lines(dataclasses.replace(full_report, strangers=strangers))
        assert any("none of these" in line for line in lines) == told


def test_the_answer_fits_a_screen(full_report):
    assert len(terminal_lines(full_report)) <= 32


def test_lines_are_plain_unless_a_terminal_reads_them(full_report):
    assert not any("\x1b" in line for line in terminal_lines(full_report))
    styled = terminal_lines(full_report, styled=True)
    assert styled[0].startswith("\x1b[1m")
    assert styled[0].endswith("\x1b[0m")


def test_columns_line_up_with_names_of_any_letters(report_of):
    labels = np.repeat([0, 1, 2], 40)
    answers = np.repeat([0, 2, 2], 40)
    report = report_of(labels, answers, classes=("猫", "chien", "e\u0301te\u0301"))
    rows = [line for line in terminal_lines(report) if "100.0%" in line and "interval" not in line]
    cat = next(line for line in rows if "猫" in line)
    other = next(line for line in rows if "te" in line and "été" not in line and "猫" not in line)
    # the wide letter takes two columns, the combining accents none
    assert cat.index("100.0%") + 1 == other.index("100.0%") - 2


def test_of_few_pictures_no_figure_is_given(report_of):
    report = report_of([0] * 29 + [1] * 30, [0] * 29 + [1] * 30, classes=("a", "b"))
    lines = terminal_lines(report)
    few = next(line for line in lines if line.split()[:2] == ["a", "29"])
    assert few.count("too few (29)") == 2
    assert "%" not in few
    many = next(line for line in lines if line.split()[:2] == ["b", "30"])
    assert many.count("100.0%") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_that_were_learnt_from_make_every_figure_red(report_of, language):
    labels = [0] * 40 + [1] * 40
    report = dataclasses.replace(report_of(labels, labels, classes=("a", "b")), overlap=12)
    with use_language(language):
        lines = terminal_lines(report, styled=True)
        plain = terminal_lines(report)
    assert "--allow-overlap" in plain[0]
    assert "12" in plain[0]
    for line in lines:
        assert not line or (line.startswith("\x1b[31;1m") and line.endswith("\x1b[0m"))
    mark = "[12 were learnt from]" if language == "en" else "[dont 12 apprises]"
    assert sum(mark in line for line in plain) == 2
    assert not any("\x1b" in line for line in plain)


def test_a_leak_between_the_parts_of_a_source_is_red(full_report):
    styled = terminal_lines(full_report, styled=True)
    (leak,) = [line for line in styled if "have a relative" in line and "1. " not in line]
    assert leak.startswith("\x1b[31;1m· ")
    clean = terminal_lines(dataclasses.replace(full_report, leak_rate=0.0), styled=True)
    assert not any("\x1b[31;1m" in line for line in clean)


def test_beyond_twenty_classes_the_table_gives_way_to_the_confusions(report_of):
    names = tuple(f"name{row}" for row in range(21))
    labels = np.repeat(np.arange(21), 3)
    answers = labels.copy()
    answers[:2] = 5
    text = "\n".join(terminal_lines(report_of(labels, answers, classes=names)))
    assert "Precision" not in text
    assert "name0 → name5" in text


def test_many_skipped_files_are_counted_and_some_named(full_report):
    report = dataclasses.replace(full_report, skipped=full_report.skipped * 12)
    lines = terminal_lines(report)
    assert "12 files could not be used. They were left where they are." in lines
    assert lines.count("  a/b.jpg is cut off.") == 5
    assert "  … + 7" in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_fit_a_terminal(full_report, language):
    with use_language(language):
        rows = [line for line in terminal_lines(full_report) if line.startswith("  ")]
    assert max(map(len, rows)) <= WIDEST
