"""A share of the work, for one of several jobs: `--shard 3/10` is the third of ten equal stretches.

The stretches follow each other in the order of the listing, so that the files of all jobs, laid one
behind the other in the order of their names, are the file of the whole.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import UsageError

__all__ = ["MOST_SHARDS", "Share", "shard_path"]

MOST_SHARDS = 99_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of several stretches of a listing.

    Attributes:
        number: Which one, from 1.
        total: Of how many.
    """

    number: int = 1
    total: int = 1

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read `3/10`.

        >>> Share.parse("3/10")
        Share(number=3, total=10)

        Raises:
            UsageError: `bad_shard`.
        """
        found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise UsageError("bad_shard", received=text[:40])
        return cls(number=int(found[1]), total=int(found[2]))

    def stretch(self, n: int) -> range:
        """Give the places that are its own of a listing of n.

        >>> [list(Share(number=i, total=3).stretch(7)) for i in (1, 2, 3)]
        [[0, 1], [2, 3], [4, 5, 6]]
        """
        return range(n * (self.number - 1) // self.total, n * self.number // self.total)

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


def shard_path(out: Path, share: Share) -> Path:
    """Name the file that a job writes.

    >>> shard_path(Path("names.csv"), Share(number=3, total=10)).name
    'names-00003-of-00010.csv'
    """
    if share.total == 1:
        return out
    return out.with_name(f"{out.stem}-{share.number:05}-of-{share.total:05}{out.suffix}")
