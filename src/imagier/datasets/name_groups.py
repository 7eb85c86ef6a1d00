"""Groups that file names tell: `00012_00003.png` is frame 3 of object 12."""

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from imagier.datasets.listing import Listing
from imagier.datasets.name_patterns import LONGEST_NAME, find_in_names
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t

__all__ = [
    "NameSeries",
    "group_by_name",
    "name_groups",
    "name_series",
    "numbered_series_note",
]

MOST_NUMBERS = 4  # of a name behind which it is cut
LEAST_IN_GROUPS = 0.8  # share of the pictures that stand in groups of several
MOST_READ = 50_000  # names, by which the note is made
SHORT_PATTERNS = (r"^(\d+)_", r"^(\d+)-", r"^(\D*\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSeries:
    """A pattern of names that may tell which pictures belong together.

    Attributes:
        pattern: A regular expression whose first group names the group of a file.
        groups: The group of each picture with its class, (N,); empty where it has none.
        sizes: How many pictures each group has.
    """

    pattern: str
    groups: tuple[str, ...]
    sizes: Counter[str]


def group_by_name(listing: Listing, pattern: str | None) -> Listing:
    """Give each picture the group that its file name tells; None leaves the listing as it is.

    Args:
        listing: The pictures.
        pattern: A regular expression; its first group is the name of the picture's group.

    Raises:
        UsageError: `group_pattern`, `group_pattern_unmatched` or `pattern_slow`.
    """
    if pattern is None:
        return listing
    groups = find_in_names(listing.names, pattern, "group")
    if not any(groups):
        example = printable(PurePosixPath(listing.names[0]).name) if listing.names else ""
        raise UsageError("group_pattern_unmatched", pattern=printable(pattern), name=example)
    return dataclasses.replace(listing, groups=tuple(groups))


def name_groups(names: Sequence[str], pattern: str) -> list[str]:
    r"""Find the group in each file's name by a pattern of ours, which is known to be quick.

    >>> name_groups(["cat/00012_00003.png", "cat/none.png"], r"^(\d+)_")
    ['00012', '']
    """
    regex = re.compile(pattern)
    found = [regex.search(PurePosixPath(name).name[:LONGEST_NAME]) for name in names]
    return ["" if one is None else one[1] for one in found]


def name_series(names: Sequence[str], labels: Sequence[object]) -> Iterator[NameSeries]:
    """Cut names behind each of their numbers, and give the cuts that could be series.

    A cut could be one where most pictures stand in groups of several, and a class at least has
    several such groups.

    Args:
        names: Paths of the pictures.
        labels: Their classes.
    """
    for numbers in range(1, MOST_NUMBERS + 1):
        pattern = r"^(\D*\d+)" if numbers == 1 else rf"^((?:\D*\d+){{{numbers}}})"
        told = name_groups(names, pattern)
        pairs = zip(labels, told, strict=True)
        groups = tuple(f"{label}/{group}" if group else "" for label, group in pairs)
        sizes = Counter(group for group in groups if group)
        several = [group for group, size in sizes.items() if size > 1]
        per_class = Counter(group.rsplit("/", 1)[0] for group in several)
        inside = sum(sizes[group] for group in several)
        if inside >= LEAST_IN_GROUPS * len(names) and max(per_class.values(), default=0) > 1:
            yield NameSeries(pattern=pattern, groups=groups, sizes=sizes)


def numbered_series_note(listing: Listing) -> tuple[str, ...]:
    r"""Say that names look like frames of series, `00012_00003.png`, where no group is given.

    The pictures are not looked at, as `imagier check` does. So the numbers behind the cut must run
    on: in most groups of several, they leave out no more than every second one.
    """
    if any(listing.groups) or not listing.names:
        return ()
    names, labels = listing.names[:MOST_READ], listing.labels[:MOST_READ]
    for series in name_series(names, labels):
        several = {group for group, size in series.sizes.items() if size > 1}
        frames: defaultdict[str, list[int]] = defaultdict(list)
        for name, group in zip(names, series.groups, strict=True):
            behind = PurePosixPath(name).name[len(group.rpartition("/")[2]) :]
            number = re.match(r"\D{0,16}(\d{1,9})(?!\d)", behind)
            if group in several and number is not None:
                frames[group].append(int(number[1]))
        if sum(_run_on(frames[group]) for group in several) > len(several) / 2:
            return (_note(names, series, len(several)),)
    return ()


def _run_on(numbers: Sequence[int]) -> bool:
    """Tell whether numbers are all different and leave out no more than every second one."""
    many = len(set(numbers))
    return many == len(numbers) > 1 and max(numbers) - min(numbers) < 2 * many


def _note(names: Sequence[str], series: NameSeries, count: int) -> str:
    first = next(row for row, group in enumerate(series.groups) if series.sizes[group] > 1)
    example = PurePosixPath(names[first]).name
    group = series.groups[first].rpartition("/")[2]
    facts = {"example": printable(example), "group": printable(group), "count": integer(count)}
    return t("datasets.numbered_series", n=count, pattern=_shortest(names, series), **facts)


def _shortest(names: Sequence[str], series: NameSeries) -> str:
    """Write the pattern as a person would, where that parts the names alike."""
    told = [group.rpartition("/")[2] for group in series.groups]
    for pattern in SHORT_PATTERNS:
        if name_groups(names, pattern) == told:
            return pattern
    return series.pattern
