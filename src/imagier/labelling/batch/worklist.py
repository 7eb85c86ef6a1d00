"""What a batch is asked to label, in order, cut into parts; however many there are.

The words of the command are walked once and what is found is written, a line each, to a temporary
file: memory holds eight bytes for 256 of them, and a folder that changes meanwhile changes nothing
any more. An archive is one line there; it is walked when its turn comes.

A part holds at most 256 inputs, always the same ones whatever the number of processes: which
pictures run through the network together depends on nothing else.
"""

import glob
import hashlib
import re
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imagier.datasets.sources.columns import COLUMN_NAMES
from imagier.errors import PictureError, UsageError
from imagier.files import natural_key, printable
from imagier.images.file_search import PictureStream, stream_pictures
from imagier.images.opening import stream_number
from imagier.labelling.batch.archives import ARCHIVES, PACKED_TARS, members
from imagier.labelling.batch.entries import Entry, Member, from_line, to_line
from imagier.labelling.batch.shares import Share
from imagier.tables import read_records

__all__ = ["PART", "WorkPart", "Worklist"]

PART = 256  # inputs
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_BRACES = re.compile(r"\{([0-9]{1,9})\.\.([0-9]{1,9})\}")
_MOST_BRACED = 1_000_000
_ARCHIVE = b"A"  # begins the line of an archive


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """Some inputs that follow each other.

    Attributes:
        name: Its place in the listing: parts in the order of their names are the listing.
        entries: The inputs.
        done: Share of the whole work that is done with this part, 0..1.
    """

    name: str
    entries: tuple[Entry, ...]
    done: float


class Worklist:
    """The inputs of a batch.

    Args:
        words: Files, folders, patterns, tables of paths, tar shards and zip archives.
        paths: A list of paths instead of words; None for the words.

    Raises:
        UsageError: `nothing_found`, `not_pictures`, `shard_compressed`, `table_without_paths`,
            `label_pipe`.
        DataError: What reading a table tells.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        paths: Iterable[str | PictureError] | None = None,
    ) -> None:
        self.passed_over = 0
        self.has_archives = False
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the list
        self._places = array("q")
        self._hash = hashlib.sha256()
        self._size = 0
        with ExitStack() as stack:
            stack.callback(self.close)
            for entry in paths if paths is not None else self._found(words):
                archive = _archive(entry)
                self.has_archives |= archive is not None
                self._add(archive or to_line(entry).encode())
            stack.pop_all()

    def __len__(self) -> int:
        return self._size

    @property
    def fingerprint(self) -> str:
        """Name the listing by what is named in it: 32 hexadecimal digits."""
        return self._hash.hexdigest()[:32]

    def close(self) -> None:
        """Forget the listing."""
        self._file.close()

    def parts(self, share: Share) -> Iterator[WorkPart]:
        """Cut a share of the listing into parts, in order."""
        stretch = share.stretch(len(self))
        waiting: list[Entry] = []
        first = stretch.start
        for place, line in zip(stretch, self._lines(stretch), strict=True):
            if line.startswith(_ARCHIVE):
                if waiting:
                    yield self._part(stretch, first, place, waiting)
                yield from self._archive_parts(stretch, place, line)
                waiting, first = [], place + 1
                continue
            waiting.append(from_line(line))
            if len(waiting) == PART:
                yield self._part(stretch, first, place + 1, waiting)
                waiting, first = [], place + 1
        if waiting:
            yield self._part(stretch, first, stretch.stop, waiting)

    @staticmethod
    def _part(stretch: range, first: int, end: int, entries: Sequence[Entry]) -> WorkPart:
        done = (end - stretch.start) / len(stretch)
        return WorkPart(name=f"{first:012}", entries=tuple(entries), done=done)

    @staticmethod
    def _archive_parts(stretch: range, place: int, line: bytes) -> Iterator[WorkPart]:
        path = str(from_line(line[1:]))
        size = max(1, _size(path))
        found = members(path)
        number = 0
        while some := tuple(islice(found, PART)):
            last = some[-1]
            inside = min(1.0, (last.start + last.size) / size) if isinstance(last, Member) else 1.0
            done = (place - stretch.start + inside) / len(stretch)
            yield WorkPart(name=f"{place:012}-{number:09}", entries=some, done=done)
            number += 1

    def _add(self, line: bytes) -> None:
        if self._size % PART == 0:
            self._places.append(self._file.tell())
        self._file.write(line + b"\n")
        self._hash.update(line + b"\n")
        self._size += 1

    def _lines(self, stretch: range) -> Iterator[bytes]:
        if not stretch:
            return
        block, rest = divmod(stretch.start, PART)
        at = self._places[block]
        for number in range(rest + len(stretch)):
            self._file.seek(at)
            line = self._file.readline()
            at = self._file.tell()
            if number >= rest:
                yield line.rstrip(b"\n")

    def _found(self, words: Sequence[str]) -> Iterator[Entry]:
        plain: list[str] = []
        for word in (one for some in words for one in _expanded(some)):
            if word.lower().endswith(PACKED_TARS) and Path(word).is_file():
                raise UsageError("shard_compressed", path=printable(word))
            if _is_table(word):
                yield from self._streamed(plain)
                plain = []
                yield from _of_table(Path(word))
            elif _archive(word):
                yield from self._streamed(plain)
                plain = []
                yield word if Path(word).is_file() else _missing(word)
            elif stream_number(word) is not None:
                raise UsageError("label_pipe", path=printable(word))
            else:
                plain.append(word)
        yield from self._streamed(plain)

    def _streamed(self, words: Sequence[str]) -> Iterator[Entry]:
        """Give the shards that stand directly in folders, then the pictures in and below them."""
        if not words:
            return
        shards = [shard for word in words for shard in _shards_in(Path(word))]
        yield from shards
        try:
            stream: PictureStream = stream_pictures(words)
        except UsageError:
            if shards:
                return
            raise
        for path in stream.paths:
            is_nothing = isinstance(path, PictureError) and path.code == "nothing_in_folder"
            if not (shards and is_nothing):
                yield path
        self.passed_over += max(0, stream.passed_over.total() - len(shards))


def _archive(entry: Entry) -> bytes | None:
    """Give the line of an archive; None for another input."""
    if isinstance(entry, str) and entry.lower().endswith(ARCHIVES):
        return _ARCHIVE + to_line(entry).encode()
    return None


def _is_table(word: str) -> bool:
    return word.lower().endswith(TABLES) and Path(word).is_file()


def _missing(word: str) -> PictureError:
    return PictureError("missing", path=printable(word))


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _shards_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    try:
        names = [one.name for one in folder.iterdir() if one.suffix.lower() in ARCHIVES]
    except OSError:
        return []
    return [str(folder / name) for name in sorted(names, key=natural_key)]


def _expanded(word: str) -> Iterator[str]:
    """Write out `data-{0000..0099}.tar` and patterns of archives; other words stay as they are."""
    found = _BRACES.search(word)
    if found:
        first, last = int(found[1]), int(found[2])
        if last - first >= _MOST_BRACED:
            raise UsageError("nothing_found", words=printable(word))
        for number in range(first, last + 1):
            digits = f"{number:0{len(found[1])}}"
            yield from _expanded(word[: found.start()] + digits + word[found.end() :])
    elif word.lower().endswith(ARCHIVES) and glob.has_magic(word) and not Path(word).exists():
        matching = glob.glob(word)  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not matching:
            raise UsageError("nothing_found", words=printable(word))
        yield from sorted(matching, key=natural_key)
    else:
        yield word


def _of_table(table: Path) -> Iterator[Entry]:
    """Give the paths of a table, which stand for files beside it unless they are absolute.

    Raises:
        UsageError: `table_without_paths`.
        DataError: What reading a table tells.
    """
    records = read_records(table)
    usual = {name.casefold().replace("_", "") for name in COLUMN_NAMES["path"]}
    columns = [one for one in records.columns if one.casefold().replace("_", "") in usual]
    if not columns:
        known = ", ".join(map(printable, records.columns[:10]))
        raise UsageError("table_without_paths", path=printable(table), columns=known)
    for record in records.rows:
        cell = "" if record.cells is None else record.cells[columns[0]]
        yield str(table.parent / cell) if cell else _missing(f"{table}:{record.line}")
