"""Names of classes as people and programs write them: `red, ripe` with a comma, 1 and 1.0."""

import csv
import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

from imagier.datasets.listing import Listing
from imagier.files import natural_key
from imagier.i18n import t

__all__ = [
    "equal_numbers",
    "match_classes",
    "merge_equal_numbers",
    "split_names",
    "with_known_numbers",
]

_WHOLE = re.compile(r"(-?\d+)(?:\.0+)?")


def split_names(text: str) -> tuple[str, ...]:
    """Take names apart that are written with commas between them; quotes keep a comma in a name.

    >>> split_names("cat, dog"), split_names('"red, ripe",green')
    (('cat', 'dog'), ('red, ripe', 'green'))
    """
    (names,) = csv.reader([" ".join(text.splitlines())], skipinitialspace=True)
    return tuple(name.strip() for name in names)


def match_classes(names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Put together again the names of classes that were cut at a comma of their own.

    Where all names are known, nothing is put together.

    Args:
        names: What was asked for.
        known: The classes that there are.

    >>> match_classes(["red", "ripe", "green"], ["green", "red, ripe"])
    ('red, ripe', 'green')
    """
    if set(names) <= set(known):
        return tuple(names)
    whole = {tuple(part.strip() for part in name.split(",")): name for name in known}
    longest = max(map(len, whole), default=1)
    found: list[str] = []
    begin = 0
    while begin < len(names):
        ends = range(min(len(names), begin + longest), begin, -1)
        end = next((end for end in ends if tuple(names[begin:end]) in whole), begin + 1)
        found.append(whole.get(tuple(names[begin:end]), names[begin]))
        begin = end
    return tuple(found)


def merge_equal_numbers(listing: Listing) -> Listing:
    """Take labels that are one number for one class: tables write 1 also as 1.0.

    >>> from imagier.datasets import open_source
    >>> merge_equal_numbers(open_source("digits")).notes
    ()
    """
    same = equal_numbers(listing.classes)
    if not same:
        return listing
    pairs = "; ".join(f"{name} = {number}" for name, number in sorted(same.items()))
    labels = tuple(same.get(label, label) for label in listing.labels)
    note = t("datasets.equal_numbers", pairs=pairs)
    return dataclasses.replace(listing, labels=labels, notes=(*listing.notes, note))


def with_known_numbers(listing: Listing, known: Iterable[str]) -> Listing:
    """Write labels that are numbers as the classes that are known: 1.0 where 1 was learnt."""
    same = equal_numbers(listing.classes, known)
    if not same:
        return listing
    return dataclasses.replace(listing, labels=tuple(same.get(one, one) for one in listing.labels))


def equal_numbers(names: Iterable[str], known: Iterable[str] = ()) -> Mapping[str, str]:
    """Give the names to replace, each with the one that is the same number.

    Args:
        names: Names of classes.
        known: Names that stay as they are; with none, that without decimals stays.

    >>> equal_numbers(["0", "1", "1.0", "2.0"]), equal_numbers(["0.0", "1.0"], known=["0", "1"])
    ({'1.0': '1'}, {'0.0': '0', '1.0': '1'})
    >>> equal_numbers(["0", "12"], known=["00000", "00012"])
    {'0': '00000', '12': '00012'}
    """
    kept = set(known)
    wanted: dict[str, str] = {}
    for name in sorted(
        {*kept, *names}, key=lambda one: (one not in kept, len(one), natural_key(one))
    ):
        wanted.setdefault(_number(name, has_zeros=not kept), name)
    found = {name: wanted[_number(name, has_zeros=not kept)] for name in names if name not in kept}
    return {name: number for name, number in found.items() if number != name}


def _number(name: str, *, has_zeros: bool) -> str:
    """Write a whole number in one way; zeros in front of it make another name, or none."""
    whole = _WHOLE.fullmatch(name)
    if whole is None:
        return name
    return whole[1] if has_zeros else whole[1].lstrip("0") or "0"
