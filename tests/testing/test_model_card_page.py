import dataclasses
import re

import pytest

from imagier.i18n import LANGUAGES, use_language
from imagier.testing import model_card


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def test_the_card_tells_what_how_well_and_where_it_ends(full_report):
    text = model_card(full_report, full_report.card)
    assert text.startswith("# made.imagier\n")
    assert text.count("\n## ") == 6
    assert "of 30 unseen pictures named right" in text
    assert "always answers one of its names" in text
    assert "| Test | 30 |" in text
    assert "imagier predict made.imagier photo.jpg" in text
    assert 'imagier.load("made.imagier")' in text
    assert "1 file could not be used" in text
    assert "- numpy: 2.0" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_model_has_the_same_card_whatever_the_clock(full_report, language):
    slower = dataclasses.replace(
        full_report, history=dataclasses.replace(full_report.history, seconds={"total": 99.0})
    )
    with use_language(language):
        assert model_card(slower, slower.card) == model_card(full_report, full_report.card)
        assert not re.search(r"20\d\d-\d\d", model_card(slower, slower.card))


def test_names_cannot_become_markup(report_of):
    report = report_of([0, 1], [0, 1], classes=("<img src=x>", "a|b`*_"))
    text = model_card(report, report.card)
    assert "<img" not in text.replace("\\<img", "")
    assert "a\\|b\\`\\*\\_" in text


def test_many_names_are_cut_short_and_counted(report_of):
    names = tuple(f"n{row}" for row in range(70))
    report = report_of([0, 1], [0, 1], classes=names)
    text = model_card(report, report.card)
    assert "n59 and 10 more" in text
    assert "n60" not in text


def test_the_class_of_the_rest_is_explained(report_of):
    report = report_of([0, 1], [0, 1])
    card = dataclasses.replace(report.card, other="2")
    assert "The name 2 stands for all the rest" in model_card(report, card)
