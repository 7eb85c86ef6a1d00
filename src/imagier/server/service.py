"""What the server does with a picture: decode it elsewhere, answer it here, in good time.

The answers are made by the same code as those of `imagier predict` and `imagier read`: one
`prepare()`, one engine, one ranking.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from imagier.errors import MachineError, ModelError, PictureError, UsageError
from imagier.images import MAX_BYTES
from imagier.reading import LineReader, ReadLine, format_rule
from imagier.reading.check_digits import CHECKS
from imagier.reading.formats import NAMED_FORMATS
from imagier.recognizer import Prediction
from imagier.recognizer.engine import Engine
from imagier.recognizer.prediction import rank
from imagier.server.admission import Places
from imagier.server.batcher import Batcher
from imagier.server.decoder_pool import DecoderPool
from imagier.server.metrics import Metrics, Sample
from imagier.server.served_models import ServedModel, choose_model
from imagier.server.settings import ServerSettings

__all__ = ["NamingOptions", "PictureFile", "ReadingOptions", "Service"]

_Row = tuple[NDArray[np.float32], float | None]  # probabilities, strangeness
_KEPT_READERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture as it came.

    Attributes:
        content: The file.
        path: What it is called in the answer; no path of this machine.
    """

    content: bytes
    path: str = "<bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingOptions:
    """What is asked of the names: `Recognizer.predict` tells what these mean."""

    top: int = 5
    max_error: float | None = None
    coverage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What is asked of the texts, and what is known of the lines: see `imagier.load_reader`."""

    top: int = 1
    max_error: float | None = None
    format: str | None = None
    check: str | None = None
    amount: bool = False


class Service:
    """The models at work.

    Args:
        models: The models by name.
        settings: How the server is set.

    Attributes:
        places: Room for requests that are worked on or wait.
        bodies: Room for the bytes of all requests.
        metrics: What was counted.
        pool: The decoders.
    """

    def __init__(self, models: Mapping[str, ServedModel], settings: ServerSettings) -> None:
        self.models, self.settings = models, settings
        self.places = Places(settings.places, code="server_busy")
        self.bodies = Places(settings.max_bodies, code="server_full")
        self.metrics = Metrics()
        self.pool = DecoderPool(settings.decoders)
        self._runner = ThreadPoolExecutor(1, "imagier-network")
        self._pages = ThreadPoolExecutor(1, "imagier-pages")
        self.batchers = {
            name: Batcher(
                partial(_rows, model), self._runner, most=Engine.batch_size(_values(model))
            )
            for name, model in models.items()
            if not model.reads
        }
        self._reader = lru_cache(maxsize=_KEPT_READERS)(self._new_reader)

    async def start(self) -> None:
        """Start the decoders, and each network once.

        Raises:
            MachineError: `no_decoder`, or as `Recognizer.answers`.
            ModelError: As `Recognizer.answers`.
        """
        await self.pool.start()
        loop = asyncio.get_running_loop()
        for model in self.models.values():
            await loop.run_in_executor(self._runner, _warm, model)

    def stop(self) -> None:
        """End the decoders; nothing is answered any more."""
        self.pool.stop()
        self._runner.shutdown(wait=False, cancel_futures=True)
        self._pages.shutdown(wait=False, cancel_futures=True)

    def samples(self) -> Iterator[Sample]:
        """Give all that was counted, and how full it is now."""
        yield from self.metrics.samples()
        for reason, count in sorted(self.pool.replaced.items()):
            yield "imagier_decoders_replaced_total", {"reason": reason}, count
        for name, batcher in self.batchers.items():
            for size, count in sorted(batcher.sizes.items()):
                yield "imagier_batches_total", {"model": name, "size": str(size)}, count
        yield "imagier_places", {}, self.places.most
        yield "imagier_places_taken", {}, self.places.taken
        yield "imagier_body_bytes", {}, self.bodies.taken

    async def name(
        self, picture: PictureFile, model: str | None, options: NamingOptions
    ) -> Prediction:
        """Name one picture.

        Raises:
            PictureError: With the reason why it cannot be read.
            UsageError: `model_unknown`, `model_unnamed`, `model_reads_lines`, or as
                `Recognizer.threshold` and `Recognizer.name_limit`.
            MachineError: `server_late`, when there was no answer in time.
        """
        chosen = choose_model(self.models, model)
        recognizer = chosen.recognizer
        recognizer.check_names()
        threshold = recognizer.threshold(options.max_error)
        least = None if options.coverage is None else recognizer.name_limit(options.coverage)[1]
        async with self._in_time():
            pixels = await self._decode(picture, chosen)
            recognizer.check_page(pixels, path=picture.path)
            row, strangeness = await self.batchers[chosen.name].ask(pixels)
        answer = rank(
            picture.path,
            recognizer.classes,
            row,
            top=options.top,
            threshold=threshold,
            strangeness=strangeness,
            least=least,
        )
        self.metrics.count_named(chosen.name, answer)
        return answer

    async def name_many(
        self, pictures: Sequence[PictureFile], model: str | None, options: NamingOptions
    ) -> list[Prediction]:
        """Name pictures, in the order given; one that cannot be read has an answer that says so.

        Raises:
            UsageError, MachineError: As `name`.
        """
        async with asyncio.TaskGroup() as tasks:
            answers = [
                tasks.create_task(self._safely(picture, model, options)) for picture in pictures
            ]
        return [answer.result() for answer in answers]

    async def read(
        self, picture: PictureFile, model: str | None, options: ReadingOptions, *, lines: bool
    ) -> list[ReadLine]:
        """Read a picture of one line, or the lines of a page.

        Raises:
            PictureError: With the reason why it cannot be read.
            UsageError: `model_unknown`, `model_unnamed`, or as `imagier.load_reader`.
            ModelError: `not_a_reader`.
            MachineError: `server_late`.
        """
        chosen = choose_model(self.models, model)
        if not chosen.reads:
            raise ModelError("not_a_reader", path=chosen.name, blank="∅")
        reader = self._reader(chosen, options)
        runner = self._pages if lines else self._runner
        async with self._in_time():
            pixels = await self._decode(picture, chosen)
            running = partial(copy_context().run, _read, reader, pixels, lines)  # speaks as we do
            try:
                found = await asyncio.get_running_loop().run_in_executor(runner, running)
            except PictureError as error:
                raise PictureError(error.code, **error.facts | {"path": picture.path}) from None
        named = [replace(one, path=picture.path) for one in found]
        self.metrics.count_read(chosen.name, named)
        return named

    async def _safely(
        self, picture: PictureFile, model: str | None, options: NamingOptions
    ) -> Prediction:
        try:
            return await self.name(picture, model, options)
        except PictureError as error:
            self.metrics.count_refused(error.code)
            return Prediction.of_error(error.released())

    async def _decode(self, picture: PictureFile, model: ServedModel) -> NDArray[np.uint8]:
        if len(picture.content) > MAX_BYTES:
            raise PictureError("file_too_large", path=picture.path, megabytes="> 256", limit=256)
        return await self.pool.decode(picture.content, model.job, path=picture.path)

    def _new_reader(self, model: ServedModel, options: ReadingOptions) -> LineReader:
        recognizer = model.recognizer
        if options.format is not None and options.format not in NAMED_FORMATS:
            known = ", ".join(NAMED_FORMATS)
            raise UsageError("format_unknown_name", name=options.format, known=known, hint="")
        if options.check is not None and options.check not in CHECKS:
            known = ", ".join(CHECKS)
            raise UsageError("check_unknown", name=options.check, known=known, hint="")
        rule = format_rule(
            LineReader(recognizer).alphabet,
            pattern=options.format,
            check=options.check,
            amount=options.amount,
        )
        return LineReader(
            recognizer, rule=rule, max_error=options.max_error, alternatives=options.top - 1
        )

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Give a block up when it takes too long."""
        seconds = self.settings.answer_seconds
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            raise MachineError("server_late", seconds=round(seconds)) from None


def _rows(model: ServedModel, pictures: Sequence[NDArray[np.uint8]]) -> list[_Row]:
    answers = model.recognizer.answers(np.stack(pictures))
    strange = answers.strangeness
    return [
        (row, None if strange is None else float(strange[place]))
        for place, row in enumerate(answers.probabilities)
    ]


def _read(reader: LineReader, pixels: NDArray[np.uint8], lines: bool) -> list[ReadLine]:
    return reader.read_page(pixels, scale=255) if lines else [reader.read(pixels, scale=255)]


def _values(model: ServedModel) -> int:
    settings = model.recognizer.prepare
    return settings.height * settings.width * settings.channels


def _warm(model: ServedModel) -> None:
    settings = model.recognizer.prepare
    blank = np.zeros((1, settings.height, settings.width, settings.channels), np.uint8)
    model.recognizer.answers(blank)
