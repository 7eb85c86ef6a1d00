import dataclasses
import re

import pytest

from imagier.cost import Cost
from imagier.i18n import LANGUAGES, use_language
from imagier.testing import model_card


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def test_the_card_tells_what_how_well_and_where_it_ends(full_report):
    text = model_card(full_report, full_report.card)
    assert text.startswith("# made.imagier\n")
    assert text.count("\n## ") == 18, "nine sections in two languages"
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
        assert not re.search(r"20(?!18)\d\d-\d\d", model_card(slower, slower.card))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_is_in_both_languages_the_users_first(full_report, language):
    with use_language(language):
        halves = model_card(full_report, full_report.card).split("\n\n---\n\n")
    english, french = halves if language == "en" else halves[::-1]
    assert "## What it must not be used for" in english
    assert "## À quoi il ne doit pas servir" in french
    assert "of 30 unseen pictures named right" in english
    assert "des 30 images jamais vues" in french
    assert "A note on the parts." in halves[0]
    assert "A note on the parts." not in halves[1]


def test_the_card_refuses_what_it_must_not_be_used_for(full_report):
    text = model_card(full_report, full_report.card)
    for words in ("Weapons:", "without a doctor", "Les armes", "sans médecin"):
        assert words in text


def test_the_card_names_gaps_and_counts(report_of):
    labels = [0] * 29 + [1] * 30
    text = model_card(report := report_of(labels, labels), report.card)
    assert "no figure of their own: 0." in text
    assert "no test picture of 2: nothing is known" in text
    assert "Test pictures of each name: 0 (29), 1 (30), 2 (0)" in text
    assert "noise, blur, bad light" in text


def test_the_card_says_what_the_model_cost_and_how_that_is_known(full_report):
    cost = Cost(seconds=60, cpu_seconds=120, peak_memory=10**9, joules=1440, method="estimate")
    history = dataclasses.replace(full_report.history, cost=cost)
    report = dataclasses.replace(full_report, history=history, prediction_cost=cost.scaled(0.1))
    text = model_card(report, report.card)
    assert "took 1 min 00 s (2 min 00 s of processor time), 1,000 MB of memory" in text
    assert "about 0.4 Wh (estimate), and so 0.19 g of CO₂e" in text
    assert "Naming 1,000 prepared pictures takes 6.0 s" in text
    assert "12 W for each busy core" in text
    assert "475 g of CO₂e a kWh, the world's average of 2018 (IEA)" in text
    assert "une estimation, non une mesure" in text


def test_names_cannot_become_markup(report_of):
    report = report_of([0, 1], [0, 1], classes=("<img src=x>", "a|b`*_"))
    text = model_card(report, report.card)
    assert "<img" not in text.replace("\\<img", "")
    assert "a\\|b\\`\\*\\_" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_in_sentences_stay_commands(full_report, language):
    report = dataclasses.replace(full_report, models_tested=3)
    with use_language(language):
        text = model_card(report, report.card)
    assert text.count("`imagier compare`") == 2
    assert "\\`imagier" not in text


def test_what_was_planned_is_in_words(full_report):
    card = dataclasses.replace(full_report.card, plan={"flip": True, "rotation": 0.0})
    english, french = model_card(full_report, card).split("\n\n---\n\n")
    assert "- Left and right exchanged: yes\n" in english
    assert "rotation" not in english
    assert "`model.json` holds every value" in english
    assert "- Pictures in the source: 10\n" in english
    assert "- Images de la source\u00a0: 10\n" in french


def test_names_with_few_pictures_are_said_once(report_of):
    text = model_card(report := report_of([0, 1], [0, 1]), report.card)
    assert text.count("no figure of their own") == 1
    assert "too few for figures of their own" not in text


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
