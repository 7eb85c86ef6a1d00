"""Copies pictures into folders of their predicted names: nothing is moved, nothing is replaced."""

import os
import re
import secrets
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from imagier.errors import PictureError
from imagier.files import content_hash, read_regular, storage_errors
from imagier.i18n import integer, t
from imagier.images import read_named
from imagier.recognizer.prediction import Prediction

__all__ = ["SortedCopies", "folder_names"]

Found: TypeAlias = str | PictureError

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\ud800-\udfff\u2028-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")  # by Windows
_LONGEST = 100  # letters of a folder's name
_BYTES = 200  # of the same in UTF-8; a name may have 255
_HASH = 12  # digits of a content that tell files of one name apart


class SortedCopies:
    """Copies each picture into the folder of its predicted name, as answers come.

    A name that stands there already is kept: the same content is not copied twice, another one
    stands beside it with digits of its hash in its name. Pictures that were not read are left.

    Args:
        folder: Where the folders of the names stand or will stand.
        classes: The names.
        unsure: The name of the folder for what the recogniser would rather not say.
        stranger: The name of the folder for what is of none of the classes.

    Attributes:
        copied: How many files were copied into each folder.
        present: How many stood there already.
        vanished: How many could not be read a second time.
    """

    def __init__(self, folder: Path, classes: Sequence[str], *, unsure: str, stranger: str) -> None:
        *names, unsure, stranger = folder_names([*classes, unsure, stranger])
        self._folder = folder
        self._unsure, self._stranger = folder / unsure, folder / stranger
        self._places = {label: folder / name for label, name in zip(classes, names, strict=True)}
        self.copied: Counter[str] = Counter()
        self.present = self.vanished = 0
        self._waiting: deque[Found] = deque()

    def record(self, paths: Iterable[Found]) -> Iterator[Found]:
        """Give the paths on to what answers them, and keep them until their answers come."""
        for path in paths:
            self._waiting.append(path)
            yield path

    def copy(self, answers: Iterable[Prediction]) -> Iterator[Prediction]:
        """Copy each picture by its answer, and give the answer on.

        Args:
            answers: Those to the recorded paths, in their order.

        Raises:
            MachineError: `disk_full` or `cannot_write`.
        """
        for answer in answers:
            path = self._waiting.popleft()
            if not isinstance(path, PictureError) and answer.label is not None:
                self._copy_one(path, self._place(answer, answer.label))
            yield answer

    def sentences(self) -> Iterator[str]:
        """Say what was copied, and what was not."""
        total = self.copied.total()
        names = ", ".join(f"{name} × {integer(count)}" for name, count in self.copied.most_common())
        if total:
            facts = {"folder": self._folder, "names": names}
            yield t("recognizer.copied", n=total, count=integer(total), **facts)
        else:
            yield t("recognizer.copied_none", folder=self._folder)
        for key, number in (("present", self.present), ("vanished", self.vanished)):
            if number:
                yield t(f"recognizer.copies_{key}", n=number, count=integer(number))

    def _place(self, answer: Prediction, label: str) -> Path:
        if answer.stranger:
            return self._stranger
        return self._unsure if answer.abstained else self._places[label]

    def _copy_one(self, source: str, place: Path) -> None:
        try:
            content, times = read_named(source), Path(source).stat()
        except (PictureError, OSError):
            self.vanished += 1
            return
        with storage_errors(place):
            place.mkdir(parents=True, exist_ok=True)
        if _copy(content, place, Path(source).name, times):
            self.copied[place.name] += 1
        else:
            self.present += 1


def folder_names(labels: Iterable[str]) -> list[str]:
    """Give each name of a class a folder of its own, on any system, and none that leads elsewhere.

    >>> folder_names(["cat", "Cat", "../etc", "a/b", "", "nul"])
    ['cat', 'Cat (2)', '_._etc', 'a_b', '_', '_nul']
    """
    taken: dict[str, str] = {}
    for label in labels:
        name = _folder_name(label)
        free, number = name, 1
        while (key := unicodedata.normalize("NFC", free).casefold()) in taken:
            number += 1
            free = f"{name} ({number})"
        taken[key] = free
    return list(taken.values())


def _folder_name(label: str) -> str:
    name = _FORBIDDEN.sub("_", label)[:_LONGEST]
    name = name.encode()[:_BYTES].decode(errors="ignore").strip().rstrip(". ")
    if name.startswith("."):
        name = "_" + name[1:]
    return f"_{name}" if not name or _RESERVED.match(name) else name


def _copy(content: bytes, folder: Path, name: str, times: os.stat_result) -> bool:
    """Write a file under its name, or one beside it; False where the same one is there already."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - Path has no word for both
    digits = content_hash(content)
    for free in (name, f"{stem[:_BYTES]}-{digits[:_HASH]}{ending}", f"{digits}{ending[:20]}"):
        target = folder / free
        if _write_new(target, content, times):
            return True
        if _holds(target, content):
            return False
    return False


def _write_new(target: Path, content: bytes, times: os.stat_result) -> bool:
    """Write a file whole, unless something bears its name already."""
    if os.path.lexists(target):
        return False
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    with storage_errors(target):
        try:
            part.write_bytes(content)
            if not _take_name(part, target):
                return False
        finally:
            part.unlink(missing_ok=True)
        os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    return True


def _take_name(part: Path, target: Path) -> bool:
    """Give a file its name if nothing bears it, not even since a moment ago."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:  # a disk without such links
        if os.path.lexists(target):
            return False
        part.rename(target)
    return True


def _holds(file: Path, content: bytes) -> bool:
    with suppress(OSError):
        return read_regular(file, limit=len(content)) == content
    return False
