"""What `imagier export` answers: what was written, how it is called, what eight bits cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.export.call_instructions import calling_lines, preparation_sentences
from imagier.i18n import BOLD, FAINT, PLAIN, decimal, integer, storage, t
from imagier.recognizer import Recognizer
from imagier.testing.comparison import Comparison
from imagier.testing.sentences import share

__all__ = ["AccuracyLoss", "EightBits", "ExportedOnnx", "ExportedPage", "Speed"]

Part = Literal["validation", "learnt", "new", "unknown", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyLoss:
    """What eight bits cost, on pictures that did not calibrate.

    Attributes:
        part: `validation`, the model's own; `learnt`, where it has learnt from that too; `new`
            pictures; `unknown`, where the model does not say; `test`, of a source given for it.
        source: Name of the pictures.
        before: Accuracy before, 0..1.
        after: Accuracy after.
        comparison: The pictures that only one of the two named right.
        changed: Pictures that are named otherwise.
        strangers: Pictures taken for none of the classes, before and after; None where not told.
    """

    part: Part
    source: str
    before: float
    after: float
    comparison: Comparison
    changed: int
    strangers: tuple[int, int] | None

    @property
    def n(self) -> int:
        """Pictures."""
        return self.comparison.n

    @property
    def loss(self) -> float:
        """Accuracy before less accuracy after, −1..1."""
        return 0.0 - self.comparison.gain

    @property
    def interval(self) -> tuple[float, float]:
        """The losses that agree with the counts (95 %)."""
        low, high = self.comparison.interval()
        return -high, -low

    def to_json(self) -> dict[str, Any]:
        """Give the values as other programs read them."""
        return {
            "part": self.part,
            "source": self.source,
            "n": self.n,
            "before": self.before,
            "after": self.after,
            "loss": self.loss,
            "interval": list(self.interval),
            "only_before": self.comparison.only_first,
            "only_after": self.comparison.only_second,
            "p_value": self.comparison.p_value,
            "changed": self.changed,
            "strangers": None if self.strangers is None else list(self.strangers),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """The median time of one prepared picture alone, the two graphs by turns.

    Attributes:
        before: Seconds.
        after: Seconds.
    """

    before: float
    after: float

    @property
    def ratio(self) -> float:
        """How many times as quick it became; below 1 it became slower."""
        return self.before / self.after

    def to_json(self) -> dict[str, Any]:
        """Give the values as other programs read them."""
        seconds = {"before": round(self.before, 7), "after": round(self.after, 7)}
        return {**seconds, "ratio": round(self.ratio, 3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EightBits:
    """What whole numbers of eight bits cost and brought.

    Attributes:
        calibrated_on: Pictures that the scales were read off.
        bytes_before: Of the file with floats.
        loss: Of accuracy.
        speed: By turns.
        max_loss: The loss that was allowed; None where none was said.
        keeps_thresholds: Whether thresholds were read off the new answers; without them
            `--max-error` and `--coverage` are refused.
        had_thresholds: Whether the model had some.
    """

    calibrated_on: int
    bytes_before: int
    loss: AccuracyLoss
    speed: Speed
    max_loss: float | None
    keeps_thresholds: bool
    had_thresholds: bool

    @property
    def is_accepted(self) -> bool:
        """Whether the loss is proven to be as small as was asked; always, where nothing was."""
        return self.max_loss is None or self.loss.interval[1] <= self.max_loss

    def lines(self, size: int) -> Iterator[str]:
        """Say it for a terminal.

        Args:
            size: Bytes of the file in eight bits.
        """
        loss, n = self.loss, self.loss.n
        counts = {"n": n, "count": integer(n), "source": loss.source}
        said = {"before": share(loss.before, n), "after": share(loss.after, n)}
        yield t(f"export.loss_{loss.part}", **counts, **said)
        low, high = map(_points, loss.interval)
        facts = {"loss": _points(loss.loss), "low": low, "high": high}
        yield t("export.loss", **facts)
        yield t("export.changed", n=loss.changed, count=integer(loss.changed), all=integer(n))
        if loss.strangers is not None:
            before, after = map(integer, loss.strangers)
            yield t("export.strangers", before=before, after=after)
        yield t("export.smaller", before=storage(self.bytes_before), after=storage(size))
        ratio = self.speed.ratio
        key = "quicker" if ratio >= 1.05 else "slower" if ratio <= 0.95 else "as_quick"
        milliseconds = {
            "before": decimal(1000 * self.speed.before, 2),
            "after": decimal(1000 * self.speed.after, 2),
        }
        yield t(f"export.{key}", ratio=decimal(ratio, 2), **milliseconds)
        if self.max_loss is not None:
            key = "accepted" if self.is_accepted else "not_accepted"
            yield t(f"export.{key}", most=_points(self.max_loss), high=high)

    def notes(self) -> Iterator[str]:
        """Say what the promise of thresholds became."""
        if self.keeps_thresholds:
            yield t("export.thresholds_read_again", n=self.loss.n, count=integer(self.loss.n))
        elif self.had_thresholds:
            yield t("export.thresholds_left_out")

    def to_json(self) -> dict[str, Any]:
        """Give the values as other programs read them."""
        return {
            "calibrated_on": self.calibrated_on,
            "bytes_before": self.bytes_before,
            "loss": self.loss.to_json(),
            "max_loss": self.max_loss,
            "accepted": self.is_accepted,
            "speed": self.speed.to_json(),
            "thresholds": self.keeps_thresholds,
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExportedOnnx(Shown):
    """One file that is enough to predict, as an answer (`imagier.answers`).

    Attributes:
        recognizer: What stands in it.
        model: The name of the model it was made from.
        out: Where it is to be written.
        opset: The version of its operators.
        eight_bits: What eight bits cost; None where its numbers are floats.
        skipped: Pictures of the sources that could not be used.
    """

    recognizer: Recognizer = field(repr=False)
    model: str
    out: str
    opset: int
    eight_bits: EightBits | None = None
    skipped: int = 0

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.recognizer.onnx

    @property
    def is_accepted(self) -> bool:
        """Whether it is to be written: the loss is as small as was asked."""
        return self.eight_bits is None or self.eight_bits.is_accepted

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what became of the thresholds, and what could not be read."""
        said = tuple(self.eight_bits.notes()) if self.eight_bits else ()
        if self.skipped:
            said += (t("export.skipped", n=self.skipped, count=integer(self.skipped)),)
        return said

    def lines(self) -> Iterator[str]:
        """Give the file, what goes in and comes out, and the lines that call it."""
        size = len(self.content)
        head = t("export.head", out=self.out, size=storage(size), opset=self.opset)
        yield f"{BOLD}{head}{PLAIN}"
        for one in (self._input(), *self._outputs()):
            yield "  " + "  ".join((one["name"], one["type"], _shape(one["shape"])))
        yield t("export.batch")
        if self.eight_bits:
            yield ""
            yield from self.eight_bits.lines(size)
        if not self.is_accepted:
            return
        yield ""
        yield t("export.prepared")
        yield from (f"  {one}" for one in preparation_sentences(self.recognizer.prepare))
        yield ""
        yield t("export.call")
        yield from (f"  {line}" for line in calling_lines(self.out, self.recognizer))
        yield f"{FAINT}{t('export.more')}{PLAIN}"

    def to_json(self) -> dict[str, Any]:
        """Give what `imagier export --out --json` prints."""
        return {
            "model": self.model,
            "out": self.out if self.is_accepted else None,
            "bytes": len(self.content),
            "opset": self.opset,
            "dynamic_batch": True,
            "input": self._input(),
            "outputs": self._outputs(),
            "classes": list(self.recognizer.classes),
            "prepare": self.recognizer.prepare.to_json(),
            "int8": None if self.eight_bits is None else self.eight_bits.to_json(),
            "skipped": self.skipped,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give none."""
        return {}

    def _input(self) -> dict[str, Any]:
        settings = self.recognizer.prepare
        shape = ["N", settings.height, settings.width, settings.channels]
        return {"name": "pixels", "type": "uint8", "shape": shape}

    def _outputs(self) -> list[dict[str, Any]]:
        columns = [] if self.recognizer.columns is None else [self.recognizer.columns]
        shape = ["N", *columns, len(self.recognizer.classes)]
        found: list[dict[str, Any]] = [{"name": "probabilities", "type": "float32", "shape": shape}]
        if self.recognizer.tells_strangers:
            found.append({"name": "strangeness", "type": "float32", "shape": ["N", 1]})
        return found


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExportedPage(Shown):
    """A folder with one page that predicts offline, as an answer (`imagier.answers`).

    Attributes:
        model: The name of the model it was made from.
        folder: Where it is to be written.
        files: The content of each file, by name.
        runtime: The version of onnxruntime-web in it.
        draws: Whether one can draw on it.
    """

    model: str
    folder: str
    files: Mapping[str, bytes] = field(repr=False)
    runtime: str
    draws: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing stands beside the answer."""
        return ()

    def lines(self) -> Iterator[str]:
        """Give the folder, its size, and how it is opened."""
        size = storage(sum(map(len, self.files.values())))
        head = t("export.page_head", folder=self.folder, size=size, version=self.runtime)
        yield f"{BOLD}{head}{PLAIN}"
        for name, content in self.files.items():
            yield f"  {name}  {storage(len(content))}"
        yield t("export.page_open", path=f"{self.folder}/index.html")
        yield t("export.page_serve", folder=self.folder)
        yield t("export.page_alone")

    def to_json(self) -> dict[str, Any]:
        """Give what `imagier export --page --json` prints."""
        return {
            "model": self.model,
            "page": self.folder,
            "files": {name: len(content) for name, content in self.files.items()},
            "runtime": self.runtime,
            "draws": self.draws,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give none."""
        return {}


def _shape(sides: list[Any]) -> str:
    return f"({', '.join(map(str, sides))})"


def _points(value: float) -> str:
    """Write a difference of shares in points, with its sign."""
    text = decimal(abs(100 * value), 2)
    return f"{'−' if value < 0 else '+'}{text}" if text.strip("0.,") else text
