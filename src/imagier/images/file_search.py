"""Finds the pictures that the words of a command line mean: files, folders, patterns, a pipe."""

import glob
import heapq
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import chain, islice, takewhile
from pathlib import Path, PurePath

from imagier.errors import PictureError, UsageError, system_reason
from imagier.files import natural_key, open_regular, printable
from imagier.images.filenames import MODEL_KIND, is_clutter, is_companion, is_model, kind
from imagier.images.opening import STDIN, stream_number

__all__ = ["FoundPictures", "PictureStream", "find_pictures", "stream_pictures"]

_NOTHING = {"missing", "nothing_in_folder"}
_FILE, _FOLDER, _LINK = "f", "d", "l"
_HELD_NAMES = 4096  # at a time, each an object
_MOST_NAMED = 20  # of the words that lead to nothing
_TABLES = {".csv", ".tsv", ".jsonl", ".ndjson"}
_ARCHIVES = (b"PK\3\4", b"PK\5\6", b"\x1f\x8b", b"PAR1", b"BZh", b"\x93NUM")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPictures:
    """What was found.

    Attributes:
        paths: File names in order; what cannot be followed stands in its place as an error.
        passed_over: How many files that are no pictures stood beside them, by kind.
    """

    paths: list[str | PictureError]
    passed_over: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStream:
    """What is found, as it is found.

    Attributes:
        paths: File names in order; what cannot be followed stands in its place as an error.
        passed_over: How many files that are no pictures stood beside them so far, by kind.
    """

    paths: Iterator[str | PictureError]
    passed_over: Counter[str] = field(default_factory=Counter)


def find_pictures(words: Sequence[str]) -> FoundPictures:
    """Find all the pictures that words mean, as `stream_pictures` does.

    Raises:
        UsageError: As `stream_pictures`.
    """
    stream = stream_pictures(words)
    return FoundPictures(paths=list(stream.paths), passed_over=stream.passed_over)


def stream_pictures(words: Sequence[str]) -> PictureStream:
    """Find the pictures that words mean one after the other, however many there are.

    A folder means all the files in and below it, in natural order (2 before 10), save hidden
    files, those of the system, texts and tables, and the models that imagier wrote. A word that
    names nothing may be a pattern with `*`, `?`, `[...]` or `**`. A picture named twice is found
    twice. A word that leads to nothing takes its place as an error. `-` is what is piped in. What
    is held at a time are the names in one folder and in those above it.

    Raises:
        UsageError: `nothing_found`, when no word leads to anything; `not_pictures`, when all that
            was named are archives or tables.
    """
    if words and all(_is_data(Path(word)) for word in words):
        raise UsageError("not_pictures", path=words[0])
    passed_over: Counter[str] = Counter()
    rest = (path for word in words for path in _meant(word, passed_over))
    first: list[str | PictureError] = []
    for path in rest:
        first.append(path)
        if not (isinstance(path, PictureError) and path.code in _NOTHING):
            return PictureStream(paths=chain(first, rest), passed_over=passed_over)
    raise UsageError("nothing_found", words=_named(words))


def _named(words: Sequence[str]) -> str:
    some = ", ".join(printable(word) for word in words[:_MOST_NAMED])
    return some + ", …" * (len(words) > _MOST_NAMED)


def _meant(word: str, passed_over: Counter[str]) -> Iterator[str | PictureError]:
    if stream_number(word) is not None:
        yield word
    elif Path(word).is_dir():
        yield from _or(_below(word, passed_over), "nothing_in_folder", word)
    elif os.path.lexists(word):
        yield word
    else:
        matching = _matching(word, passed_over) if glob.has_magic(word) else ()
        yield from _or(map(_no_stream, matching), "missing", word)


def _or(paths: Iterable[str | PictureError], code: str, word: str) -> Iterator[str | PictureError]:
    """Give the paths, or where there is none the error that says so."""
    is_empty = True
    for path in paths:
        is_empty = False
        yield path
    if is_empty:
        yield _nothing(code, word)


def _no_stream(path: str | PictureError) -> str | PictureError:
    """Name a file in this folder that is called `-` so that it is not taken for a pipe."""
    return os.path.join(os.curdir, path) if path == STDIN else path  # noqa: PTH118 - Path drops it


def _nothing(code: str, word: str) -> PictureError:
    return PictureError(code, path=printable(word))


def _matching(pattern: str, passed_over: Counter[str]) -> Iterator[str | PictureError]:
    """Give what a pattern matches; a folder that it matches stands for the files below it."""
    if "**" in PurePath(pattern).parts:
        yield from _matching_anywhere(PurePath(pattern), passed_over)
        return
    found = glob.glob(pattern)  # noqa: PTH207 - Path.glob takes no absolute pattern
    for name in sorted(found, key=natural_key):
        if Path(name).is_dir():
            yield from _below(name, passed_over)
        elif not _passes_over(name, passed_over):
            yield name


def _matching_anywhere(
    pattern: PurePath, passed_over: Counter[str]
) -> Iterator[str | PictureError]:
    """Match `**` by our own walk: the library's would go round in circles along links."""
    plain = list(takewhile(lambda part: not glob.has_magic(part), pattern.parts))
    root = str(PurePath(*plain))
    wanted = pattern.parts[len(plain) :]
    for path in _below(root, passed_over) if Path(root).is_dir() else ():
        shown = path if isinstance(path, str) else str(path.facts["path"])
        if _fits(PurePath(shown).parts[len(plain) :], wanted):
            yield path if plain or not isinstance(path, str) else str(PurePath(path))


def _fits(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether a path, or a folder above it, is what a pattern wants, part by part."""
    if not wanted:
        return True
    if wanted[0] == "**":
        return _fits(parts, wanted[1:]) or (bool(parts) and _fits(parts[1:], wanted))
    return bool(parts) and fnmatch(parts[0], wanted[0]) and _fits(parts[1:], wanted[1:])


def _below(root: str, passed_over: Counter[str]) -> Iterator[str | PictureError]:
    """Give the files in and below a folder; links that lead out of it are not followed."""
    waiting = [_entries(root, passed_over)]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry, PictureError):
            yield entry
        elif entry[0] == _FOLDER and _is_model(entry[1:], passed_over):
            continue
        elif entry[0] == _FOLDER:
            waiting.append(_entries(entry[1:], passed_over))
        elif entry[0] == _LINK and not _stays_in(root, entry[1:]):
            yield PictureError("link_outside", path=printable(entry[1:]))
        elif entry[0] != _LINK or not Path(entry[1:]).is_dir():  # met by itself in here
            yield entry[1:]


def _stays_in(root: str, link: str) -> bool:
    real = os.path.join(os.path.realpath(root), "")  # noqa: PTH118 - ends with the separator
    return os.path.join(os.path.realpath(link), "").startswith(real)  # noqa: PTH118


def _entries(folder: str, passed_over: Counter[str]) -> Iterator[str | PictureError]:
    """Give what stands in a folder, in natural order: the letter of its kind, then its path."""
    try:
        with os.scandir(folder) as scan:
            kept = (_letter(entry) for entry in scan if not _passes_over(entry.name, passed_over))
            names = _sorted(kept)
    except OSError as error:
        reason = system_reason(error)
        yield PictureError("folder_unreadable", path=printable(folder), reason=reason)
        return
    for name in names:
        yield name[0] + os.path.join(folder, name[1:])  # noqa: PTH118 - as the user began it


def _letter(entry: os.DirEntry[str]) -> str:
    if entry.is_dir(follow_symlinks=False):
        return _FOLDER + entry.name
    return (_LINK if entry.is_symlink() else _FILE) + entry.name


def _sorted(names: Iterable[str]) -> Iterator[str]:
    """Sort names, the letter of their kind in front, as people do.

    What is held of a folder of a million files are the letters of their names, not a million
    objects with a million keys.
    """
    rest, parts = iter(names), []
    while part := sorted(islice(rest, _HELD_NAMES), key=_name_order):
        parts.append("\0".join(part))
    found = ((match[0] for match in re.finditer("[^\0]+", part)) for part in parts)
    return heapq.merge(*found, key=_name_order) if len(parts) > 1 else next(found, iter(()))


def _name_order(name: str) -> str:
    return _order(name[1:])


def _order(name: str) -> str:
    """Write `natural_key` as one text: a million keys then fit where a tenth did."""
    return "".join(
        f"\2{text}\0" if is_text else f"\1{length:06}{text}\0"
        for is_text, length, text in natural_key(name)
    )


def _passes_over(path: str, passed_over: Counter[str]) -> bool:
    """Tell whether a file is clutter or stands beside pictures, and count it if so."""
    name = path.rpartition(os.sep)[2]
    if not (is_clutter(name) or is_companion(name)):
        return False
    passed_over[kind(name)] += 1
    return True


def _is_model(folder: str, passed_over: Counter[str]) -> bool:
    """Tell whether a folder that was met is a model, and count it if so."""
    if not is_model(folder):
        return False
    passed_over[MODEL_KIND] += 1
    return True


def _is_data(file: Path) -> bool:
    """Tell an archive, a table or an IDX file: examples to learn from, not one picture."""
    if not file.is_file():
        return False
    with suppress(OSError), open_regular(file) as opened:
        start = opened.read(4)
        is_idx = start[:2] == b"\0\0" and start[2:3] in b"\x08\x09\x0b\x0c\x0d\x0e" and start[3:]
        return bool(is_idx or start.startswith(_ARCHIVES) or file.suffix.lower() in _TABLES)
    return False
