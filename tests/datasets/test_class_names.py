"""Names of classes as people and programs write them."""

import dataclasses

import pytest

from imagier.datasets import join_test, match_classes, merge_equal_numbers, open_source, split_names
from imagier.datasets.class_names import equal_numbers
from imagier.i18n import use_language


def with_labels(*labels):
    listing = open_source("digits").take(range(len(labels)))
    return dataclasses.replace(listing, labels=labels)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat,dog", ("cat", "dog")),
        (" cat , dog ", ("cat", "dog")),
        ('"red, ripe",green', ("red, ripe", "green")),
        ('green, "red, ripe"', ("green", "red, ripe")),
        ('5" pipe,nail', ('5" pipe', "nail")),
        ("a\nb", ("a b",)),
    ],
)
def test_names_are_taken_apart_at_commas_outside_of_quotes(text, names):
    assert split_names(text) == names


def test_a_comma_in_a_name_is_found_again():
    known = ["green", "red, ripe", "red,raw,old"]
    assert match_classes(["red", "ripe", "green"], known) == ("red, ripe", "green")
    assert match_classes(["green", "red", "raw", "old"], known) == ("green", "red,raw,old")
    assert match_classes(["red", "blue"], known) == ("red", "blue")  # not known: said later


def test_names_that_are_all_known_are_left_apart():
    assert match_classes(["red", "ripe"], ["red", "ripe", "red, ripe"]) == ("red", "ripe")


def test_one_number_written_in_two_ways_is_one_class():
    with use_language("en"):
        listing = merge_equal_numbers(with_labels("0", "1", "1.0", "2.00"))
    assert listing.labels == ("0", "1", "1", "2.00")
    assert "1.0 = 1" in listing.notes[-1]


@pytest.mark.parametrize(
    "labels", [("0", "1"), ("01", "1"), ("1.5", "1"), ("v1.0", "1"), ("a", "b")]
)
def test_other_labels_stay_as_they_are(labels):
    listing = with_labels(*labels)
    assert merge_equal_numbers(listing) is listing


def test_a_test_is_written_as_the_classes_are():
    joined = join_test(with_labels("0", "1"), with_labels("1.0", "0.0"))
    assert joined.labels == ("0", "1", "1", "0")
    assert equal_numbers(["1"], known=["1.0"]) == {"1": "1.0"}


def test_zeros_in_front_are_found_again_where_classes_are_known():
    joined = join_test(with_labels("00000", "00012"), with_labels("12", "0"))
    assert joined.labels == ("00000", "00012", "00012", "00000")
    assert equal_numbers(["1", "01"], known=["1", "01"]) == {}
    assert equal_numbers(["001", "a"], known=["1", "01", "b"]) == {"001": "1"}
