"""Pictures that are files below one folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from imagier.files import content_hash
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

    def content_hash(self, index: int) -> str:
        """Name a picture by the bytes of its file."""
        return content_hash(self._read(index))

    def picture(self, index: int, wanted: tuple[int, int] | None = None) -> Picture:
        """Read and decode one file."""
        return decode(self._read(index), name=self._names[index], wanted=wanted)

    def _read(self, index: int) -> bytes:
        name = self._names[index]
        return read_bytes(Path(self._links.get(name) or self._root / name))
