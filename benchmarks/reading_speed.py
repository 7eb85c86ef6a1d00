"""Started as a process of its own: reading lines against bare ONNX Runtime on the same network.

Both sides are given the same lines, prepared already: theirs runs the network on batches as large
as ours and throws the answers away; ours gives texts with their probabilities and the places of
their characters. They take turns, and the median of the rounds counts, so that whatever else the
machine does hits both. Prints one JSON object.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks.processes import IMAGIER, run_timed
from imagier import load as load_model
from imagier.datasets.synthetic import STYLES, compose_line, line_generator, source_glyphs
from imagier.images.line_fit import fit_line
from imagier.machine import available_cores
from imagier.reading.line_reader import BATCH, LineReader

__all__ = ["main"]

ROUNDS = 15
SIZE = 48, 210  # rows and columns of a line


def main(count: str, work: str) -> None:
    """Compare on so many lines; a model that hardly learnt reads as fast as one that did."""
    model = Path(work) / "speed-reader"
    if not model.exists():
        words = ("train", "mnist", "--network", "reader", "--format", r"\d{5}", "--epochs", "3")
        run_timed((*IMAGIER, *words, "--out", str(model), "--quiet"))
    recognizer = load_model(model)
    reader = LineReader(recognizer)
    lines = _lines(int(count), recognizer.prepare.height, recognizer.prepare.width)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_cores()
    session = onnxruntime.InferenceSession(recognizer.onnx, options)
    asked = session.get_inputs()[0]
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    if asked.type == "tensor(float)":
        batches = [batch.astype(np.float32) for batch in batches]

    def bare() -> None:
        for batch in batches:
            session.run(None, {asked.name: batch})

    def ours() -> None:
        reader.read_prepared(lines)

    bare()
    ours()
    seconds: dict[str, list[float]] = {"bare": [], "ours": []}
    for turn in range(ROUNDS):
        sides = [("bare", bare), ("ours", ours)]
        for name, run in sides[:: 1 if turn % 2 else -1]:
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    ratios = [one / other for one, other in zip(seconds["bare"], seconds["ours"], strict=True)]
    print(
        json.dumps(
            {
                "share": statistics.median(ratios),
                "lowest": min(ratios),
                "highest": max(ratios),
                "share_of_fastest": min(seconds["bare"]) / min(seconds["ours"]),
                "milliseconds": 1000 * statistics.median(seconds["ours"]) / len(lines),
                "lines": len(lines),
                "width": recognizer.prepare.width,
            }
        )
    )


def _lines(count: int, height: int, width: int) -> np.ndarray:
    glyphs = source_glyphs("mnist", most=200)
    prepared = []
    for number in range(count):
        generator = line_generator(0, 1, number)
        text = "".join(map(str, generator.integers(0, 10, 5)))
        line = compose_line(text, glyphs, STYLES["codes"], generator, height=SIZE[0], width=SIZE[1])
        prepared.append(fit_line(line[:, :, np.newaxis], height, width, name=text))
    return np.stack(prepared)


if __name__ == "__main__":
    main(*sys.argv[1:])
