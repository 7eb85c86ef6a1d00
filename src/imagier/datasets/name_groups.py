"""Groups that file names tell: `00012_00003.png` is frame 3 of object 12."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from imagier.datasets.listing import Listing
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["group_by_name", "name_groups"]

LONGEST_PATTERN, LONGEST_NAME = 200, 255


def group_by_name(listing: Listing, pattern: str | None) -> Listing:
    """Give each picture the group that its file name tells; None leaves the listing as it is.

    Args:
        listing: The pictures.
        pattern: A regular expression; its first group is the name of the picture's group.

    Raises:
        UsageError: `group_pattern` or `group_pattern_unmatched`.
    """
    if pattern is None:
        return listing
    groups = name_groups(listing.names, pattern)
    if not any(groups):
        example = printable(PurePosixPath(listing.names[0]).name) if listing.names else ""
        raise UsageError("group_pattern_unmatched", pattern=printable(pattern), name=example)
    return dataclasses.replace(listing, groups=tuple(groups))


def name_groups(names: Sequence[str], pattern: str) -> list[str]:
    r"""Find the group in each file's name: the pattern's first group, else all that it finds.

    Raises:
        UsageError: `group_pattern`.

    >>> name_groups(["cat/00012_00003.png", "cat/none.png"], r"^(\d+)_")
    ['00012', '']
    """
    shown = printable(pattern[:80])
    if len(pattern) > LONGEST_PATTERN:
        reason = t("datasets.group_pattern_long", most=LONGEST_PATTERN)
        raise UsageError("group_pattern", pattern=shown, reason=reason)
    try:
        regex = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError("group_pattern", pattern=shown, reason=str(error)) from None
    found = [regex.search(PurePosixPath(name).name[:LONGEST_NAME]) for name in names]
    return ["" if one is None else one[1 if regex.groups else 0] or "" for one in found]
