"""Labels parts on this machine: a process a core, or none beside this one for a few pictures."""

from collections.abc import Iterable, Iterator
from itertools import chain

from imagier.labelling.batch.entries import to_line
from imagier.labelling.batch.labelled_part import LabelledPart, label_part
from imagier.labelling.batch.labeller import Labeller
from imagier.labelling.batch.worker_process import LabelOptions, WorkerPool
from imagier.labelling.batch.worklist import PART, WorkPart
from imagier.machine import available_cores, parallel_map

__all__ = ["label_here"]


def label_here(
    parts: Iterable[WorkPart], onnx: bytes, options: LabelOptions, *, workers: int | None = None
) -> Iterator[tuple[WorkPart, LabelledPart]]:
    """Label parts, in their order.

    Args:
        parts: What is to be labelled; looked for while others are labelled.
        onnx: The model's ONNX file.
        options: What is asked for.
        workers: How many processes; None for one a core.

    Yields:
        Each part with its rows.

    Raises:
        MachineError: `label_worker_died`.
        ModelError: As `Recognizer.answers`.
    """
    rest = iter(parts)
    first = _few(rest)
    workers = workers or available_cores()
    if sum(len(part.entries) for part in first) <= PART:
        labeller = Labeller(onnx, top=options.top, max_error=options.max_error, threads=workers)
        for part in first:
            yield part, label_part(labeller, _lines(part), options.kind)
        return
    with WorkerPool(onnx, options, workers=workers) as pool:

        def label(part: WorkPart) -> tuple[WorkPart, LabelledPart]:
            return part, pool.label(_lines(part))

        yield from parallel_map(label, chain(first, rest), threads=workers)


def _few(rest: Iterator[WorkPart]) -> list[WorkPart]:
    """Give the first parts: all there are, or as many as are worth a process."""
    found: list[WorkPart] = []
    while sum(len(part.entries) for part in found) <= PART:
        part = next(rest, None)
        if part is None:
            break
        found.append(part)
    return found


def _lines(part: WorkPart) -> list[str]:
    return [to_line(entry) for entry in part.entries]
