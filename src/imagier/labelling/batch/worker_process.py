r"""Processes that label parts, one a core: small pictures are decoded in Python, one at a time.

A process is told the model first and then one part a line; it answers each with a line that holds
a length, and the part. Nothing that could run code passes between the two:

    {"path": [...], "onnx": 73000, "top": 2, "max_error": null, "kind": "csv"}   and the ONNX file
    ["\"cats/1.jpg\"", ...]                                                      one part a line

A process writes nothing to the disk, and ends when its input ends: when the process that started it
is gone, however it went.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, Self

from imagier.errors import MachineError, ModelError
from imagier.labelling.batch.labelled_part import LabelledPart, label_part
from imagier.labelling.batch.labeller import Labeller
from imagier.labelling.batch.rows import Kind

__all__ = ["LabelOptions", "WorkerPool", "serve_parts"]

_ALONE = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
told, answers = sys.stdin.buffer, sys.stdout.buffer
sys.stdout = sys.stderr
facts = json.loads(told.readline())
sys.path[:] = facts.pop("path")
from imagier.i18n import use_language
from imagier.labelling.batch.worker_process import serve_parts
with use_language(facts.pop("language")):
    serve_parts(told, answers, facts)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOptions:
    """What a labeller is told beside its model.

    Attributes:
        top: Choices that a row has.
        max_error: The largest share of wrong answers; None for any.
        kind: How rows are written.
    """

    top: int
    max_error: float | None
    kind: Kind


class WorkerPool:
    """Processes that label parts.

    Args:
        onnx: The model's ONNX file.
        options: What else they are told.
        workers: How many processes.

    Raises:
        MachineError: `label_worker_died`, when they cannot be started.
    """

    def __init__(self, onnx: bytes, options: LabelOptions, *, workers: int) -> None:
        from imagier.i18n import language

        path = [one for one in sys.path if one]  # not the current folder, which holds data
        facts = {"path": path, "language": language(), "onnx": len(onnx), **asdict(options)}
        head = json.dumps(facts).encode() + b"\n" + onnx
        self._all: list[subprocess.Popen[bytes]] = []
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for _ in range(workers):
            process = _start()
            self._all.append(process)
            _send(process, head)
            self._free.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._all:
            if kind is not None:
                process.kill()
            for pipe in (process.stdin, process.stdout):
                try:
                    if pipe:
                        pipe.close()
                except OSError:  # what was still to be said to one that is gone
                    continue
        for process in self._all:
            process.wait()

    def label(self, lines: Sequence[str]) -> LabelledPart:
        """Have a part labelled by the next process that is free; for several threads.

        Raises:
            MachineError: `label_worker_died`.
            ModelError: `model_fails`, as the process told.
        """
        process = self._free.get()
        try:
            _send(process, json.dumps(list(lines)).encode() + b"\n")
            return _receive(process)
        finally:
            self._free.put(process)


def serve_parts(told: BinaryIO, answers: BinaryIO, facts: dict[str, object]) -> None:
    """Label the parts that come in, until none comes any more.

    Args:
        told: The model, then a part a line.
        answers: Where a line and a part are written for each.
        facts: How long the model is, and the options.
    """
    onnx = told.read(int(str(facts.pop("onnx"))))
    options = LabelOptions(**facts)  # type: ignore[arg-type]
    labeller = Labeller(onnx, top=options.top, max_error=options.max_error)
    for line in told:
        try:
            content = label_part(labeller, json.loads(line), options.kind).to_bytes()
            answers.write(b"%d\n" % len(content) + content)
        except ModelError as error:
            answers.write(f"{error.code} {error.facts.get('reason', '')}\n".encode())
        answers.flush()


def _start() -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", _ALONE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    except OSError as error:
        raise MachineError("label_worker_died", reason=str(error)) from error


def _send(process: "subprocess.Popen[bytes]", content: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    try:
        process.stdin.write(content)
        process.stdin.flush()
    except OSError:
        raise _death(process) from None


def _receive(process: "subprocess.Popen[bytes]") -> LabelledPart:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    line = process.stdout.readline().decode("utf-8", "replace").strip()
    if line and not line.isdigit():
        code, _, reason = line.partition(" ")
        raise ModelError(code, path="<bytes>", reason=reason, seconds=8)
    part = LabelledPart.from_bytes(process.stdout.read(int(line or 0)))
    if part is None:
        raise _death(process)
    return part


def _death(process: "subprocess.Popen[bytes]") -> MachineError:
    process.kill()
    return MachineError("label_worker_died", reason=f"code {process.wait()}")
