"""Pictures that are files below one folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from imagier.images import Picture, decode, read_bytes

__all__ = ["PictureFiles"]


class PictureFiles:
    """Files below a root, read only when they are asked for.

    Only their names are kept, so that a million files cost what their names cost.
    """

    __slots__ = ("_links", "_names", "_root")

    def __init__(self, root: Path, names: Sequence[str], links: Mapping[str, str]) -> None:
        """Take the names below `root`, and for those that are links the files they lead to."""
        self._root = root
        self._names = names
        self._links = links

    def __len__(self) -> int:
        return len(self._names)

    def read(self, index: int) -> bytes:
        """Read one file."""
        name = self._names[index]
        return read_bytes(Path(self._links.get(name) or self._root / name))

    def decode(self, index: int, content: bytes, wanted: tuple[int, int] | None = None) -> Picture:
        """Decode one file."""
        return decode(content, name=self._names[index], wanted=wanted)
