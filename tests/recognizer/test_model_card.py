"""The model's description: complete, checked when made and when read."""

import json
import math

import pytest

from imagier.errors import ModelError
from imagier.i18n import use_language
from imagier.recognizer import FORMAT, ModelCard


def test_a_card_returns_from_its_text(tiny):
    card = tiny.tiny_card(classes=("été", "2", "🐈\n"), other="2", temperature=1.5)
    again = ModelCard.from_text(card.to_text(), path="x")
    assert again == card
    assert again.to_text() == card.to_text()


def test_the_object_is_the_one_of_the_design(tiny):
    assert list(tiny.tiny_card().to_json()) == [
        "format", "classes", "prepare", "network", "parameters", "seed", "plan", "data",
        "temperature", "thresholds", "versions", "other",
    ]  # fmt: skip


def test_what_has_a_default_may_be_absent(tiny):
    data = tiny.tiny_card().to_json()
    for name in ("plan", "data", "temperature", "thresholds", "versions", "other"):
        del data[name]
    card = ModelCard.from_json(data)
    assert card.temperature == 1.0
    assert card.other is None


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 0},
        {"format": "1"},
        {"format": True},
        {"classes": []},
        {"classes": ["one"]},
        {"classes": ["same", "same"]},
        {"classes": ["a", ""]},
        {"classes": ["a", 2]},
        {"classes": "ab"},
        {"classes": ["a", "\ud800"]},
        {"prepare": None},
        {"prepare": {"height": -1}},
        {"network": ""},
        {"network": 5},
        {"parameters": -1},
        {"parameters": 1.5},
        {"seed": "0"},
        {"plan": []},
        {"data": None},
        {"temperature": 0},
        {"temperature": -1},
        {"temperature": math.nan},
        {"temperature": "1"},
        {"temperature": True},
        {"thresholds": 1},
        {"versions": []},
        {"other": "nobody"},
        {"other": 3},
        {"unknown": 1},
    ],
    ids=str,
)
def test_wrong_values_are_refused(tiny, changes):
    data = tiny.tiny_card().to_json() | changes
    with pytest.raises(ModelError) as refused:
        ModelCard.from_json(data, path="thirds/model.json")
    assert refused.value.code in {"model_damaged", "prepare_invalid"}


@pytest.mark.parametrize("name", ["format", "classes", "prepare", "network", "parameters", "seed"])
def test_what_is_needed_is_missed(tiny, name):
    data = tiny.tiny_card().to_json()
    del data[name]
    with use_language("en"), pytest.raises(ModelError) as refused:
        ModelCard.from_json(data)
    assert name in refused.value.message


def test_a_newer_format_names_the_version_to_install(tiny):
    data = tiny.tiny_card().to_json() | {
        "format": FORMAT + 1,
        "versions": {"imagier": "7.1"},
        "new": 1,
    }
    with use_language("en"), pytest.raises(ModelError) as refused:
        ModelCard.from_json(data, path="m")
    assert refused.value.code == "model_newer"
    assert "made by imagier 7.1" in refused.value.message
    assert "imagier ≥ 7.1" in refused.value.next_step


def test_a_newer_format_by_an_unknown_maker(tiny):
    data = tiny.tiny_card().to_json() | {"format": FORMAT + 1, "versions": 5}
    with pytest.raises(ModelError) as refused:
        ModelCard.from_json(data)
    assert refused.value.code == "model_newer"


def test_an_older_format_is_refused_by_name_with_what_to_do(tiny):
    data = tiny.tiny_card().to_json() | {"format": 1, "versions": {"imagier": "0.1.0"}}
    with use_language("en"), pytest.raises(ModelError) as refused:
        ModelCard.from_json(data | {"gone": 1}, path="m")
    assert refused.value.code == "model_older"
    with use_language("en"):
        assert "m was written by imagier 0.1.0 in format 1;" in refused.value.message
        assert refused.value.message.endswith(f"which reads format {FORMAT}.")
        assert "imagier train" in refused.value.next_step


def test_a_wrong_card_cannot_be_made(tiny):
    with pytest.raises(ModelError):
        tiny.tiny_card(classes=("a", "a"))
    with pytest.raises(ModelError):
        tiny.tiny_card(classes=("caf\udce9", "b"))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", "{" * 10_000, '{"a": NaN}', '{"a": 1, "a": 2}', "\ud800"]
)
def test_texts_that_are_no_card(text):
    with pytest.raises(ModelError) as refused:
        ModelCard.from_text(text.encode("utf-8", "surrogatepass"), path="x")
    assert refused.value.code == "model_damaged"


def test_the_text_is_plain_json(tiny):
    assert json.loads(tiny.tiny_card().to_text())["classes"] == ["left", "middle", "right"]
