"""How a recogniser looks in a notebook: what it names, its network, its test where one is kept."""

import json

import pytest

from imagier.i18n import LANGUAGES, use_language


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_its_names_and_its_network(recognizer, language):
    with use_language(language):
        text = recognizer._repr_html_()
    assert all(name in text for name in recognizer.classes)
    assert recognizer.card.network in text
    assert "<script" not in text


def test_its_test_is_shown_where_one_is_kept(recognizer):
    report = {"test": {"accuracy": 0.902, "interval": [0.871, 0.926], "n": 459}}
    tested = recognizer.with_artifacts({"report.json": json.dumps(report).encode()})
    with use_language("en"):
        assert "90.2% of 459 pictures named right; between 87.1% and 92.6%" in tested._repr_html_()
        assert "No test is kept" in recognizer._repr_html_()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"test": {"n": "<b>"}}', b"\xff"])
def test_a_spoilt_report_is_no_test(recognizer, content):
    spoilt = recognizer.with_artifacts({"report.json": content})
    with use_language("en"):
        assert "No test is kept" in spoilt._repr_html_()


def test_its_text_is_short(recognizer):
    assert repr(recognizer).startswith("Recognizer(")
    assert len(repr(recognizer)) < 200
