"""What labels a batch: a callable from columns to columns that opens its model once.

It knows neither where its pictures come from nor where its answers go, so that the same callable
runs in this process, in others on this machine, and as an actor of Ray on many machines:

    Labeller(onnx)({"entry": array(['"cats/1.jpg"', '"cats/2.jpg"'])})
    {"path": ..., "status": ..., "label": ..., "probability": ..., ...}
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.files import printable
from imagier.images.opening import stream_number
from imagier.labelling.batch.archives import read_member
from imagier.labelling.batch.entries import Entry, Member, Stamp, from_line, stamp
from imagier.machine import parallel_map
from imagier.recognizer import load
from imagier.recognizer.engine import Answers

__all__ = ["Columns", "Labeller"]

Columns: TypeAlias = dict[str, NDArray[np.generic]]
_Read: TypeAlias = tuple[str, NDArray[np.uint8] | PictureError, Stamp]
TOGETHER = 64  # pictures that run through the network together, by their place in the batch
HELD_BYTES = 64 * 2**20  # of prepared pictures


class _NamedBytes(io.BytesIO):
    """What was read from an archive, with the name that messages call it by."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class Labeller:
    """Names the pictures of a batch.

    Args:
        onnx: The model's ONNX file.
        top: How many choices to give for each picture.
        max_error: The largest share of wrong answers among those given; None lets it always answer.
        threads: How many groups of pictures are read and recognised side by side. A group runs on
            one core, so that its answers are the same whatever this number is.
    """

    def __init__(
        self, onnx: bytes, *, top: int = 2, max_error: float | None = None, threads: int = 1
    ) -> None:
        self.recognizer = load(onnx, threads=1)
        self.top = min(top, len(self.recognizer.classes))
        self.threads = threads
        self._threshold = np.float32(self.recognizer.threshold(max_error))
        self._classes = np.array(self.recognizer.classes, dtype=object)
        height, width, channels = self._size = (
            self.recognizer.prepare.height,
            self.recognizer.prepare.width,
            self.recognizer.prepare.channels,
        )
        self._together = max(1, min(TOGETHER, HELD_BYTES // (height * width * channels)))

    def __call__(self, batch: Mapping[str, NDArray[np.generic]]) -> Columns:
        """Name pictures.

        Args:
            batch: `entry`, an input a place as `entries.to_line` writes it, (N,).

        Returns:
            Columns of N each, in the same order: `path`, `status` ("ok" or "error"), `labels`
            (N, top), `probabilities` (N, top), `abstained`, `stranger` (1, 0 or −1 where the model
            cannot tell), `error_code`, `error_message`, and `size` and `changed` of each file.
        """
        entries = [from_line(str(line)) for line in batch["entry"]]
        groups = [
            entries[start : start + self._together]
            for start in range(0, len(entries), self._together)
        ]
        threads = min(self.threads, len(groups))
        side_by_side = parallel_map(self._named, groups, threads=threads) if threads > 1 else None
        named = list(side_by_side or map(self._named, groups))
        if not named:
            return self._columns([], [])
        return {name: np.concatenate([one[name] for one in named]) for name in named[0]}

    def _named(self, entries: Sequence[Entry]) -> Columns:
        read = [self._read(entry) for entry in entries]
        pixels = [one for _, one, _ in read if isinstance(one, np.ndarray)]
        answers = self.recognizer.answers(np.stack(pixels)) if pixels else None
        return self._columns(read, () if answers is None else _spread(read, answers))

    def _read(self, entry: Entry) -> _Read:
        found = stamp(entry)
        if isinstance(entry, PictureError):
            return str(entry.facts.get("path", "")), entry, found
        try:
            return *self.recognizer.prepared(_picturable(entry)), found
        except PictureError as error:
            path = entry if isinstance(entry, str) else entry.path
            return printable(path), error.released(), found

    def _columns(
        self, read: Sequence[_Read], rows: "Iterable[tuple[int, NDArray[np.float32], float]]"
    ) -> Columns:
        n, top = len(read), self.top
        labels = np.full((n, top), None, dtype=object)
        probabilities = np.full((n, top), np.nan)
        abstained = np.zeros(n, bool)
        stranger = np.full(n, -1, np.int8)
        for place, shares, strangeness in rows:
            best = np.argsort(-shares, kind="stable")[:top]
            labels[place] = self._classes[best]
            probabilities[place] = shares[best].astype(np.float64).round(6)
            abstained[place] = shares[best[0]] < self._threshold
            stranger[place] = -1 if np.isnan(strangeness) else strangeness > 1
        errors = [one if isinstance(one, PictureError) else None for _, one, _ in read]
        stamps = np.array([found for *_, found in read], np.int64).reshape(n, 2)
        return {
            "path": np.array([path for path, *_ in read], dtype=object),
            "status": np.array(["error" if one else "ok" for one in errors], dtype=object),
            "labels": labels,
            "probabilities": probabilities,
            "abstained": abstained,
            "stranger": stranger,
            "error_code": np.array([one and one.code for one in errors], dtype=object),
            "error_message": np.array([one and one.message for one in errors], dtype=object),
            "size": stamps[:, 0],
            "changed": stamps[:, 1],
        }


def _picturable(entry: str | Member) -> str | _NamedBytes:
    if isinstance(entry, Member):
        return _NamedBytes(read_member(entry), entry.path)
    if stream_number(entry) is not None:  # it would be what this process is told by
        raise PictureError("not_a_file", path=printable(entry))
    return entry


def _spread(
    read: Sequence[_Read], answers: Answers
) -> "Iterable[tuple[int, NDArray[np.float32], float]]":
    """Give place, probabilities and strangeness of the pictures that could be read."""
    places = [place for place, (_, one, _) in enumerate(read) if isinstance(one, np.ndarray)]
    strange = answers.strangeness
    for number, place in enumerate(places):
        strangeness = float("nan") if strange is None else float(strange[number])
        yield place, answers.probabilities[number], strangeness
