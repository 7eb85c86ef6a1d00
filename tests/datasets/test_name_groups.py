"""Groups that file names tell."""

import dataclasses

import pytest

from imagier.datasets import group_by_name, numbered_series_note, open_source
from imagier.datasets.name_groups import name_groups
from imagier.errors import UsageError
from imagier.i18n import use_language


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


def named(*names, labels=None, groups=None):
    listing = open_source("digits").take(range(len(names)))
    labels = listing.labels if labels is None else labels
    groups = ("",) * len(names) if groups is None else groups
    return dataclasses.replace(listing, names=names, labels=labels, groups=groups)


def frames(form, *, classes=2, objects=3, count=4):
    rows = [(c, o, f) for c in range(classes) for o in range(objects) for f in range(count)]
    names = [form.format(c=c, o=classes * c + o, f=f) for c, o, f in rows]
    return named(*names, labels=tuple(str(c) for c, _, _ in rows))


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("{c}/{o:05d}_{f:05d}.png", r"^(\d+)_"),
        ("{c}/{o}-{f}.jpg", r"^(\d+)-"),
        ("{c}/video{o}_frame{f}.png", r"^(\D*\d+)"),
        ("{c}/patient{o} slice{f} (1).png", r"^(\D*\d+)"),
        ("{c}/s1_{o}_{f}.png", r"^((?:\D*\d+){2})"),
    ],
)
def test_names_that_look_like_frames_are_said_with_their_pattern(form, pattern):
    listing = frames(form)
    with use_language("en"):
        (note,) = numbered_series_note(listing)
    assert f"--group-from '{pattern}'" in note
    assert "6 of them" in note
    grouped = group_by_name(listing, pattern)
    assert len(set(zip(grouped.labels, grouped.groups, strict=True))) == 6
    assert numbered_series_note(grouped) == ()


@pytest.mark.parametrize(
    "form",
    [
        "{c}/IMG_2024_{o}{f:02d}.jpg",  # one group a class
        "{c}/n0153{c}_{o}{f:02d}.jpg",
        "{c}/{o}{f:02d}.jpg",
        "{c}/cat.{o}{f:02d}.jpg",
        "{c}/{o}_{f}0170116174525.jpg",  # times: no running numbers
    ],
)
def test_other_numbers_in_names_are_no_series(form):
    assert numbered_series_note(frames(form)) == ()


def test_names_without_numbers_are_no_series():
    assert numbered_series_note(named("a.png", "b.png")) == ()
    assert name_groups(["a.png"], r"^(\d+)") == [""]
