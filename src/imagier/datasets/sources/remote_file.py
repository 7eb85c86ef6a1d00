"""A file of a published data set, known by its size and its hash before it is downloaded."""

from dataclasses import dataclass

__all__ = ["RemoteFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that mirrors hold: its name there, its length in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str
