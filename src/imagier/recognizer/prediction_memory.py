"""How much memory naming pictures needs at its peak: asked of a process that does nothing else.

A process that has learnt or tested holds its pictures and its libraries still, and its peak is that
of learning. So another one is started, which is given the ONNX file and a batch of prepared
pictures, names them, and says how far its memory grew:

    {"path": [...], "shape": [N, H, W, C], "threads": 2}   one line
    the length of model.onnx in 8 bytes, the file, the pictures

Linux alone tells the peak of one process as it began; `getrusage` would give that of its parent
where this is larger (`fork` hands it on). Elsewhere nothing is told, and nothing is started.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from imagier.recognizer.loading import load
from imagier.recognizer.recognizer import Recognizer

__all__ = ["name_and_measure", "prediction_memory"]

SECONDS = 5.0  # after which the process is given up; on an idle machine it takes half of one
_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_LENGTH = 8  # bytes in which the file's length is written
_ALONE = """
import json, sys
facts = json.loads(sys.stdin.buffer.readline())
sys.path[:] = facts["path"]
from imagier.recognizer.prediction_memory import name_and_measure
print(name_and_measure(sys.stdin.buffer, facts["shape"], facts["threads"]))
"""


def prediction_memory(recognizer: Recognizer, pixels: NDArray[np.uint8]) -> int | None:
    """Measure the peak memory of a process that opens the recogniser and names these pictures.

    Args:
        recognizer: Who names them.
        pixels: Prepared pictures, (N, H, W, C), as many as run together.

    Returns:
        Bytes, Python and the libraries among them; None where the system does not tell.
    """
    if not _STATUS.exists() or not sys.executable:
        return None
    path = [one for one in sys.path if one]  # not the current folder, which holds data
    facts = {"path": path, "shape": pixels.shape, "threads": recognizer.threads}
    sent = [
        json.dumps(facts).encode() + b"\n",
        len(recognizer.onnx).to_bytes(_LENGTH, "big"),
        recognizer.onnx,
        np.ascontiguousarray(pixels).tobytes(),
    ]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", _ALONE],
            input=b"".join(sent),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return int(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None  # a sandbox, or too busy a machine: the cost is told without its memory


def name_and_measure(sent: BinaryIO, shape: Sequence[int], threads: int | None) -> int:
    """Name the pictures that follow a model; give the peak of this process in bytes.

    Args:
        sent: The length of the ONNX file, the file, the pictures.
        shape: Of the pictures, (N, H, W, C).
        threads: How many cores to use; None for all.
    """
    onnx = sent.read(int.from_bytes(sent.read(_LENGTH), "big"))
    pixels = np.frombuffer(sent.read(), np.uint8).reshape(shape)
    load(onnx, threads=threads).probabilities(pixels)
    found = _PEAK.search(_STATUS.read_text("ascii", "replace"))
    if found is None:
        raise OSError
    return int(found[1]) * 1024
