"""The saved thing: a network, the names of its classes, and how a picture becomes its input.

A recogniser predicts with NumPy, Pillow and ONNX Runtime; it needs neither torch nor the pictures
it was learnt from. Making one checks everything in it, wherever its parts come from.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import InitVar, dataclass, field, fields
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imagier.arguments import number, whole
from imagier.errors import PictureError, UsageError
from imagier.i18n import integer, percent, plain_percent
from imagier.images import Prepare
from imagier.log import log
from imagier.machine import available_cores
from imagier.onnx_io.graph import Graph, embed_card, read_graph
from imagier.recognizer.abstention import choose_threshold, least_error, stored_rows
from imagier.recognizer.card import ModelCard
from imagier.recognizer.engine import Answers, Engine, held_batch, prefetch
from imagier.recognizer.folder_contents import ONNX_FILE, WEIGHTS_FILE
from imagier.recognizer.inputs import Picturable, check_many, read_picture
from imagier.recognizer.model_folder import save_folder
from imagier.recognizer.name_sets import NameLimit, choose_limit, stored_limits
from imagier.recognizer.prediction import Prediction, rank
from imagier.recognizer.weights import read_weights

__all__ = ["Found", "Recognizer"]

MAX_READERS = 4

Found: TypeAlias = str | os.PathLike[str] | PictureError
_Limits: TypeAlias = tuple[float, float | None]  # of an answer, of a name in a set
_Prepared: TypeAlias = tuple[str, NDArray[np.uint8]]
_Read: TypeAlias = tuple[str, NDArray[np.uint8] | PictureError]


def _none() -> Mapping[str, bytes]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Recognizer:
    """A network that names pictures.

    Attributes:
        card: What the model says about itself.
        onnx: The network as ONNX, the card inside: this alone, written to a file, predicts too.
        weights: The network's numbers as safetensors, to learn further; none when opened from a
            single ONNX file.
        artifacts: The other files of its folder, by relative name: report, split, golden
            pictures.
        name: What it is called in messages.
        threads: How many cores to use; None for all that this process may use.
        graph: What `read_graph` gave for `onnx`; None lets it be read now.
    """

    card: ModelCard
    onnx: bytes = field(repr=False)
    weights: bytes = field(default=b"", repr=False)
    artifacts: Mapping[str, bytes] = field(default_factory=_none, repr=False)
    name: str = "model"
    threads: int | None = None
    graph: InitVar[Graph | None] = None
    _engine: Engine = field(init=False, repr=False)

    def __post_init__(self, graph: Graph | None) -> None:
        if graph is None or graph.content is not self.onnx:
            graph = read_graph(self.onnx, path=self.name)
        self.card.check_graph(graph, path=self.name)
        read_weights(self.weights, path=self.name)
        if graph.card != self.card.to_text() or not graph.has_checksum:
            onnx = embed_card(self.onnx, self.card.to_text(), path=self.name)
            object.__setattr__(self, "onnx", onnx)
        engine = Engine(
            self.onnx,
            classes=graph.classes,
            name=self.name,
            threads=self.threads,
            reused=graph.reused,
            tells_strangers=graph.tells_strangers,
            columns=graph.columns,
        )
        object.__setattr__(self, "_engine", engine)

    def __copy__(self) -> "Recognizer":
        """Give another recogniser of the same parts; the two share one engine."""
        other = object.__new__(Recognizer)
        for item in fields(self):
            object.__setattr__(other, item.name, getattr(self, item.name))
        return other

    def __reduce__(self) -> tuple[Callable[..., "Recognizer"], tuple[object, ...]]:
        """Give what makes it again elsewhere, checked there as a file would be: bytes, no code."""
        parts = self.onnx, self.weights, dict(self.artifacts), self.name, self.threads
        return _remade, parts

    def __repr__(self) -> str:
        """Say in one line what it is."""
        names = ", ".join(self.classes[:5]) + (", …" if len(self.classes) > 5 else "")
        height, width, channels = self._size
        return (
            f"Recognizer({self.name!r}, network={self.card.network!r}, "
            f"input=({height}, {width}, {channels}), {len(self.classes)} classes: {names})"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the probabilities."""
        return self.card.classes

    @property
    def prepare(self) -> Prepare:
        """How a picture becomes the network's input."""
        return self.card.prepare

    @property
    def columns(self) -> int | None:
        """For how many columns of a line it answers; None where it names whole pictures."""
        return self._engine.columns

    def predict(
        self,
        picture: Picturable,
        *,
        top: int = 5,
        scale: float | None = None,
        max_error: float | None = None,
        coverage: float | None = None,
    ) -> Prediction:
        """Name one picture.

        Args:
            picture: A file's name, a file's content, a file opened for reading bytes, a Pillow
                image, or an array of levels, (H, W), (H, W, 1) or (H, W, 3).
            top: How many choices to give.
            scale: The level that is white in an array; None for the scale the network learnt on.
            max_error: As `threshold` takes it; None lets it always answer.
            coverage: As `name_limit` takes it; None for no set of names.

        Raises:
            UsageError: `bad_argument`, `scale_without_array`, as `threshold` or `name_limit`.
            PictureError: With the reason why the picture cannot be read; `missing` when there is
                no such file.
            ModelError: When the engine cannot run the network.
        """
        top = whole("top", top, least=1)
        self.check_names()
        path, pixels = self.prepared(picture, scale)
        limits = self._limits(max_error, coverage)
        answers = self.answers(pixels[np.newaxis])
        return self._ranked([path], answers, top, limits)[0]

    def predict_many(
        self,
        pictures: Iterable[Found | Picturable],
        *,
        top: int = 5,
        batch: int = 64,
        scale: float | None = None,
        max_error: float | None = None,
        coverage: float | None = None,
    ) -> Iterator[Prediction]:
        """Name many pictures, in the order given, however many they are.

        A picture that cannot be read gets an answer with the status "error"; the others go on.

        Args:
            pictures: Pictures as `predict` takes them; an array of arrays, (N, H, W) or
                (N, H, W, C), too. An error found while looking for them takes its place in the
                row.
            top: How many choices to give.
            batch: How many pictures to recognise together, fewer where they are large; twice as
                many are held at a time, 128 MB at most.
            scale: As `predict` takes it.
            max_error: As `threshold` takes it; None lets it always answer.
            coverage: As `name_limit` takes it; None for no set of names.

        Raises:
            UsageError: `bad_argument`, `one_for_many`, or as `threshold`: at once, before the
                first picture is asked for.
        """
        top, batch = whole("top", top, least=1), whole("batch", batch, least=1)
        self.check_names()
        if scale is not None:
            number("scale", scale, above=0, most=None)
        limits = self._limits(max_error, coverage)
        return self._answers(check_many(pictures), top, batch, scale, limits)

    def _answers(
        self,
        pictures: Iterable[Found | Picturable],
        top: int,
        batch: int,
        scale: float | None,
        limits: _Limits,
    ) -> Iterator[Prediction]:
        threads = min(MAX_READERS, self.threads or available_cores())
        batch = held_batch(math.prod(self._size), most=batch)
        read = partial(self._read, scale=scale)
        for some in prefetch(pictures, read, batch=batch, threads=threads):
            yield from self._named(some, top, limits)

    def threshold(self, max_error: float | None) -> float:
        """Give the least probability of an answer that promises so few errors.

        Args:
            max_error: The largest share of wrong answers among those given, 0..1; None for any.

        Raises:
            UsageError: `max_error_unknown`, when the model was not judged for that;
                `max_error_unproven`, when the pictures that judged it cannot promise it.
        """
        if max_error is None:
            return 0.0
        max_error = number("max_error", max_error, most=1)
        rows = stored_rows(self.card.thresholds)
        if not rows:
            raise UsageError("max_error_unknown", path=self.name)
        row = choose_threshold(rows, max_error)
        if row is None:
            least = least_error(rows)
            facts = {"asked": percent(max_error), "n": rows[-1].n, "count": integer(rows[-1].n)}
            shown = "—" if least is None else percent(least)
            raise UsageError("max_error_unproven", path=self.name, least=shown, **facts)
        return row.threshold

    def name_limit(self, coverage: float) -> NameLimit:
        """Give the coverage, the least probability of a name in a set, and who judged: n pictures.

        Args:
            coverage: How often a set is to hold the true name, 0..1.

        Raises:
            UsageError: `coverage_unknown`, when the model was not judged for that;
                `coverage_unproven`, when too few pictures judged it for so much.
        """
        coverage = number("coverage", coverage, above=0, most=1)
        rows = stored_limits(self.card.thresholds)
        if not rows:
            raise UsageError("coverage_unknown", path=self.name)
        found = choose_limit(rows, coverage)
        if found is None:
            most, _, n = rows[-1]
            facts = {"asked": plain_percent(coverage), "count": integer(n), "most": percent(most)}
            raise UsageError("coverage_unproven", path=self.name, n=n, **facts)
        return found

    def _limits(self, max_error: float | None, coverage: float | None) -> _Limits:
        least = None if coverage is None else self.name_limit(coverage)[1]
        return self.threshold(max_error), least

    @property
    def tells_strangers(self) -> bool:
        """Whether it can say that a picture is of none of its classes."""
        return len(self._engine.outputs) > 1

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give what `answers` gives, the probabilities alone: (N, K), or of lines (N, T, K)."""
        return self.answers(pixels).probabilities

    def answers(self, pixels: NDArray[np.uint8]) -> Answers:
        """Give probabilities and strangeness of pictures already prepared, (N, H, W, C).

        Raises:
            ModelError: `model_fails` or `model_answers`, when the network does not do its work.
            ValueError: When the pictures are not of the network's size.
        """
        if pixels.dtype != np.uint8 or pixels.shape[1:] != self._size:
            wanted = ", ".join(map(str, self._size))
            message = f"expected uint8 (N, {wanted}), received {pixels.dtype} {pixels.shape}"
            raise ValueError(message)
        return self._engine.answer(pixels)

    def prepared(self, picture: Picturable, scale: float | None = None) -> _Prepared:
        """Give a picture's name and the network's input, (H, W, C), as for an answer.

        Args:
            picture: As `predict` takes it.
            scale: As `predict` takes it.

        Raises:
            PictureError: As `read_picture`; `empty_page`, a page without the sign it is to show.
        """
        path, pixels = read_picture(picture, self.prepare, scale=scale)
        self.check_page(pixels, path=path)
        return path, pixels

    def save(self, folder: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the model folder, whole or not at all.

        Args:
            folder: Where it will stand.
            force: Whether a model already there gives way.

        Raises:
            UsageError: `output_exists`; `not_a_model_folder` or `folder_holds_others`, when
                `force` would remove something else than a model as imagier wrote it.
            MachineError: `disk_full` or `cannot_write`.
        """
        parts = {ONNX_FILE: self.onnx}
        if self.weights:
            parts[WEIGHTS_FILE] = self.weights
        save_folder(Path(folder), self.card, parts, self.artifacts, force=force)

    def with_artifacts(self, files: Mapping[str, bytes]) -> "Recognizer":
        """Give this recogniser with these other files in its folder; the two share one engine."""
        other = copy(self)
        object.__setattr__(other, "artifacts", MappingProxyType(dict(files)))
        return other

    def _repr_html_(self) -> str:
        from imagier.recognizer.notebook import recognizer_html

        return recognizer_html(self)

    def _named(self, read: Sequence[_Read], top: int, limits: _Limits) -> list[Prediction]:
        good = [(path, pixels) for path, pixels in read if isinstance(pixels, np.ndarray)]
        named: Iterator[Prediction] = iter(())
        if good:
            answers = self.answers(np.stack([pixels for _, pixels in good]))
            named = iter(self._ranked([path for path, _ in good], answers, top, limits))
        return [
            Prediction.of_error(pixels) if isinstance(pixels, PictureError) else next(named)
            for _, pixels in read
        ]

    def _ranked(
        self, paths: Sequence[str], answers: Answers, top: int, limits: _Limits
    ) -> list[Prediction]:
        strange = answers.strangeness
        return [
            rank(
                path,
                self.classes,
                answers.probabilities[place],
                top=top,
                threshold=limits[0],
                least=limits[1],
                strangeness=None if strange is None else float(strange[place]),
            )
            for place, path in enumerate(paths)
        ]

    def _read(self, picture: Found | Picturable, *, scale: float | None) -> _Read:
        if isinstance(picture, PictureError):
            return "", picture
        try:
            return self.prepared(picture, scale)
        except PictureError as error:
            log("picture_refused", path=error.facts.get("path", ""), code=error.code)
            return "", error.released()

    def check_page(self, pixels: NDArray[np.uint8], *, path: str) -> None:
        """Refuse a prepared page without ink (`empty_page`), unless a name was learnt for that."""
        if self.prepare.ink is not None and not pixels.any() and not self.card.data.get("blank"):
            raise PictureError("empty_page", path=path)

    def check_names(self) -> None:
        """Refuse to name pictures (`model_reads_lines`) where the model reads lines."""
        if self.columns is not None:
            raise UsageError("model_reads_lines", path=self.name)

    @property
    def _size(self) -> tuple[int, int, int]:
        return self.prepare.height, self.prepare.width, self.prepare.channels


def _remade(
    onnx: bytes, weights: bytes, artifacts: Mapping[str, bytes], name: str, threads: int | None
) -> Recognizer:
    """Make a recogniser of the parts that `__reduce__` gave."""
    graph = read_graph(onnx, path=name)
    return Recognizer(
        card=ModelCard.from_text(graph.card or "", path=name),
        onnx=onnx,
        weights=weights,
        artifacts=MappingProxyType(artifacts),
        name=name,
        threads=threads,
        graph=graph,
    )
