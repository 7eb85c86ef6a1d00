r"""What a regular expression finds in file names, and how long it may search."""

import time

import pytest

from imagier.datasets import name_patterns
from imagier.datasets.name_patterns import find_in_names, propose_label_pattern
from imagier.errors import MachineError, UsageError


def test_the_first_parentheses_are_what_is_looked_for():
    assert find_in_names(["7/12_3.png", "7/x.png"], r"^(\d+)_(\d)", "group") == ["12", ""]
    assert find_in_names(["12_3.png"], r"^\d+", "group") == ["12"]
    assert find_in_names(["a.png"], r"^(\d)?a", "label") == [""]


def test_a_slash_searches_the_whole_path():
    names = ["animals/cat/1.png", "plants/oak/2.png"]
    assert find_in_names(names, "([^/]+)/[^/]+$", "label") == ["cat", "oak"]
    assert find_in_names(names, r"^(\w+)", "label") == ["1", "2"]


@pytest.mark.parametrize("name", ["é_1.png", "caf\udce9_1.png", "😀_1.png", "a\nb_1.png"])
def test_any_name_is_searched(name):
    (found,) = find_in_names([name], r"(?s)^(.+)_1", "label")
    assert found == name.removesuffix("_1.png")


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(a|aa)+$", r"(.*a){25}$"])
def test_a_pattern_without_end_is_stopped(pattern, monkeypatch):
    monkeypatch.setattr(name_patterns, "SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(UsageError) as caught:
        find_in_names(["a" * 60 + "!"], pattern, "label")
    assert caught.value.code == "pattern_slow"
    assert "--label-from" in caught.value.next_step
    assert time.monotonic() - began < 30


def test_python_that_does_not_start_is_said(monkeypatch):
    monkeypatch.setattr(name_patterns.sys, "executable", "/nowhere/python")
    with pytest.raises(MachineError) as caught:
        find_in_names(["a.png"], "(a)", "label")
    assert caught.value.code == "process_failed"


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ("cat.0.jpg dog.1.jpg cat.2.jpg dog.3.jpg", ("cat", "dog")),
        ("great_dane_1.jpg great_dane_2.jpg pug_1.jpg pug_2.jpg", ("great_dane", "pug")),
        ("01_cat.jpg 02_cat.jpg 03_dog.jpg 04_dog.jpg", ("cat", "dog")),
        ("chêne1.png chêne2.png rose1.png rose2.png", ("chêne", "rose")),
    ],
)
def test_classes_in_names_are_proposed_by_a_pattern_that_finds_them(names, labels):
    found = propose_label_pattern(names.split())
    assert found.labels == labels
    assert sorted(set(find_in_names(names.split(), found.pattern, "label"))) == list(labels)


@pytest.mark.parametrize(
    "names",
    [
        "IMG_1.jpg IMG_2.jpg IMG_3.jpg",
        "1.jpg 2.jpg 3.jpg",
        "cat.jpg dog.jpg",
        "cat1.jpg dog1.jpg dog2.jpg",
        "",
    ],
)
def test_no_class_is_made_up(names):
    assert propose_label_pattern(names.split()) is None
