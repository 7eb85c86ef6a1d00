"""One ONNX file that is enough to predict, anywhere: floats, or whole numbers of eight bits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from imagier.datasets import TableOptions, load, open_source, with_known_numbers
from imagier.export.calibration_rows import choose_rows, without_test_part
from imagier.export.eight_bits import loss_on_rows, loss_on_test, measure_speed, quantised
from imagier.export.opset import opset_of, reference_pixels, with_opset
from imagier.export.results import EightBits, ExportedOnnx
from imagier.files import printable
from imagier.recognizer import Recognizer, check_export
from imagier.recognizer import load as load_recognizer
from imagier.testing.leakage import known_pictures

__all__ = ["EightBitOptions", "export_onnx"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EightBitOptions:
    """What eight bits are made and judged with.

    Attributes:
        calibrate: The source whose pictures the scales are read off, and whose validation judges.
        test: A source whose test part judges instead; None for that validation.
        table: What is said about the columns and paths of tables.
        max_loss: The loss of accuracy that must be proven not to be exceeded, 0..1; None to write
            the file whatever the loss.
    """

    calibrate: str
    test: str | None = None
    table: TableOptions | None = None
    max_loss: float | None = None


def export_onnx(
    model: str,
    out: str,
    *,
    opset: int | None = None,
    eight_bits: EightBitOptions | None = None,
    progress: Progress | None = None,
) -> ExportedOnnx:
    """Make the one file; nothing is written.

    Args:
        model: The model's folder, or its single file.
        out: Where the file will be written.
        opset: The version of its operators; None for that of the model.
        eight_bits: How it becomes whole numbers of eight bits; None for floats.
        progress: Called with the pictures done and the pictures in all.

    Raises:
        UsageError: `opset_range`; `model_reads_lines`, when a reader is wanted in eight bits.
        ModelError: `opset_impossible`; `export_differs`, when the same graph in another version
            answers otherwise; or the model cannot be used.
        DataError: `calibrate_too_few`, `calibrate_nothing_judges`, or as `imagier test` says.
    """
    recognizer = load_recognizer(model)
    name = printable(model)
    if opset is not None:
        recognizer = _in_opset(recognizer, opset)
    if eight_bits is None:
        made = recognizer.with_artifacts({})
        return ExportedOnnx(recognizer=made, model=name, out=out, opset=opset_of(made.onnx))
    recognizer.check_names()
    return _in_eight_bits(recognizer, name, Path(model), out, eight_bits, progress)


def _in_opset(recognizer: Recognizer, opset: int) -> Recognizer:
    """Write a recogniser's graph in another version, and compare the answers."""
    onnx = with_opset(recognizer.onnx, opset, path=recognizer.name)
    if onnx is recognizer.onnx:
        return recognizer
    made = replace(recognizer, onnx=onnx, graph=None)
    settings = recognizer.prepare
    shape = settings.height, settings.width, settings.channels
    pixels = reference_pixels(shape, settings.full_scale)
    check_export(made.probabilities(pixels), recognizer.probabilities(pixels))
    return made


def _in_eight_bits(
    recognizer: Recognizer,
    name: str,
    model: Path,
    out: str,
    asked: EightBitOptions,
    progress: Progress | None,
) -> ExportedOnnx:
    listing = open_source(asked.calibrate, table=asked.table)
    listing = with_known_numbers(without_test_part(listing), recognizer.classes)
    dataset = load(listing, recognizer.prepare, progress=progress)
    known = known_pictures(recognizer.artifacts, key=recognizer.card.key)
    chosen = choose_rows(dataset, known, recognizer.card.plan)
    validation = chosen.judging if chosen.judges == "validation" else None
    made = quantised(recognizer, dataset, chosen.calibrating, validation)
    if asked.test is None:
        loss = loss_on_rows(
            recognizer,
            made.recognizer,
            dataset,
            chosen.judging,
            judges=chosen.judges,
            progress=progress,
        )
    else:
        loss = loss_on_test(
            model, made.recognizer, asked.test, table=asked.table, progress=progress
        )
    speed = measure_speed(recognizer, made.recognizer, dataset, chosen.calibrating)
    return ExportedOnnx(
        recognizer=made.recognizer,
        model=name,
        out=out,
        opset=opset_of(made.recognizer.onnx),
        eight_bits=EightBits(
            calibrated_on=len(chosen.calibrating),
            bytes_before=len(recognizer.onnx),
            loss=loss,
            speed=speed,
            max_loss=asked.max_loss,
            keeps_thresholds=made.keeps_thresholds,
            had_thresholds=bool(recognizer.card.thresholds),
        ),
        skipped=len(dataset.skipped),
    )
