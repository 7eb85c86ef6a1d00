"""Groups that file names tell."""

import pytest

from imagier.datasets import group_by_name, name_groups, open_source
from imagier.errors import UsageError


def test_the_first_parentheses_name_the_group():
    assert name_groups(["7/12_3.png", "7/x.png"], r"^(\d+)_(\d)") == ["12", ""]


def test_without_parentheses_all_that_is_found_names_it():
    assert name_groups(["12_3.png"], r"^\d+") == ["12"]


def test_a_listing_gets_its_groups():
    listing = group_by_name(open_source("digits"), r"(\d)$")
    assert listing.groups[:12] == (*"0123456789", "0", "1")
    assert group_by_name(listing, None) is listing


@pytest.mark.parametrize(
    ("pattern", "code"),
    [("(", "group_pattern"), ("x" * 300, "group_pattern"), ("q", "group_pattern_unmatched")],
)
def test_a_pattern_that_cannot_serve_is_refused(pattern, code):
    with pytest.raises(UsageError) as error:
        group_by_name(open_source("digits"), pattern)
    assert error.value.code == code
