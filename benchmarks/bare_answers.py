"""Started as a process of its own: a picture decoded, prepared and answered with nothing around.

    python -m benchmarks.bare_answers MODEL PICTURE

reads a number a line, answers the picture so many times, one after the other, and writes the
seconds of each as a JSON list. It is what a server is measured against: `decode`, `prepare` and
`session.run` of ONNX Runtime, on one thread of one process.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

from imagier import load as load_model
from imagier.recognizer.inputs import read_picture

__all__ = ["main"]


def main(model: str, picture: str) -> None:
    """Answer as often as each line says."""
    recognizer = load_model(model, threads=1)
    content, settings = Path(picture).read_bytes(), recognizer.prepare
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        recognizer.onnx, options, providers=["CPUExecutionProvider"]
    )
    (asked,) = session.get_inputs()
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            _, pixels = read_picture(content, settings)
            session.run(None, {asked.name: pixels[np.newaxis]})
            seconds.append(time.perf_counter() - start)
        print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
