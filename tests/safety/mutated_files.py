"""Mutated files of every format: what is spoilt, and how it is opened.

`SUBJECTS` gives each by name. `attack(name, seeds)` spoils and opens one after the other in this
process, and prints what went wrong; it is called in processes of their own (`measuring.py`), with
sound pictures and models in the working folder.
"""

import contextlib
import gzip
import io
import json
import signal
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tests.safety import mutations, nested_mutations
from tests.safety.archive_bytes import IMAGES, LABELS, PICTURES, idx
from tests.safety.model_bytes import FOLDER, card
from tests.safety.mutated_models import (
    cards,
    graphs,
    open_card,
    open_folder,
    open_graph,
    open_part,
    open_weights,
    read,
    run_command,
    weights,
    write_folder,
)
from tests.safety.mutated_pictures import FORMATS, JOINTS, open_picture, pictures
from tests.safety.mutations import Mutate, Random

__all__ = ["SUBJECTS", "Subject", "attack"]

LONGEST = 10.0  # seconds of work for one file


class EndlessError(BaseException):
    """A file keeps its reader busy."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One kind of file that is spoilt.

    Attributes:
        originals: Gives sound files, each as bytes.
        mutate: The ways to spoil one.
        open: Opens a spoilt one; raises what a user would see as a traceback.
    """

    originals: Callable[[], list[bytes]]
    mutate: tuple[Mutate, ...]
    open: Callable[[Random, bytes], str]


def attack(name: str, seeds: range) -> None:
    """Spoil and open a file for each seed; print a line of JSON for each that goes wrong.

    Without seeds, each sound file is opened as it is, until some command takes it.
    """
    subject = SUBJECTS[name]
    with _counted_bugs() as bugs:
        for number, content in enumerate(() if seeds else subject.originals()):
            found = [_opened(subject, np.random.default_rng(seed), content) for seed in range(20)]
            if ("", "") not in found or bugs:
                _say({"seed": number, "reason": f"{found} {bugs}"})
        for seed in seeds:
            _say({"begun": seed})
            random = np.random.default_rng([len(name), *name.encode(), seed])
            originals = subject.originals()
            original = originals[int(random.integers(len(originals)))]
            mutate = subject.mutate[int(random.integers(len(subject.mutate)))]
            try:
                content = mutate(random, original)
            except (ValueError, IndexError, OverflowError, zipfile.BadZipFile):
                content = mutations.spoil(random, original)
            code, reason = _opened(subject, random, content)
            reason = reason or "".join(bugs)
            bugs.clear()
            _say({"seed": seed, "reason": reason[-1500:]} if reason else {"code": code})


def _opened(subject: Subject, random: Random, content: bytes) -> tuple[str, str]:
    """Open a file within bounded time; give the code of its refusal, and what went wrong."""
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        return subject.open(random, content), ""
    except EndlessError:
        return "", f"more than {LONGEST} seconds"
    except Exception:  # noqa: BLE001 - the very thing that is looked for
        return "", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _alarm(*_: object) -> None:
    raise EndlessError


@contextlib.contextmanager
def _counted_bugs() -> Iterator[list[str]]:
    """Note the bugs that the command line would tell its user of."""
    from imagier.cli import running

    bugs: list[str] = []
    usual = running._tell_bug
    running._tell_bug = lambda error: bugs.append("".join(traceback.format_exception(error)))
    try:
        yield bugs
    finally:
        running._tell_bug = usual


def _say(line: dict[str, object]) -> None:
    sys.__stdout__.write(json.dumps(line) + "\n")
    sys.__stdout__.flush()


def _rows() -> list[tuple[str, str, str, float]]:
    labels = ("left", "middle", "right")
    return [
        (f"photos/{labels[n % 3]}/{n}.png", labels[n % 3], ("train", "test")[n % 2], n / 7)
        for n in range(24)
    ]


@cache
def _csv() -> list[bytes]:
    rows = "".join(f"{path},{label},{part},{y}\n" for path, label, part, y in _rows())
    numbers = "".join(f"{n},{n * n / 7:.3f}\n" for n in range(20))
    quoted = "".join(f'"{path}","{label}","a ""b""",{y}\n' for path, label, _, y in _rows())
    return [
        f"path,label,part,y\n{rows}".encode(),
        f"x,y\n{numbers}".encode(),
        f"path,label,remark,y\n{quoted}".encode(),
        numbers.replace(",", ";").encode(),
    ]


@cache
def _json_lines() -> list[bytes]:
    names = ("path", "label", "part", "y")
    rows = [json.dumps(dict(zip(names, row, strict=True))) for row in _rows()]
    return ["\n".join(rows).encode()]


@cache
def _parquet() -> list[bytes]:
    import pyarrow as pa
    from pyarrow import parquet

    columns = dict(zip(("path", "label", "part", "y"), zip(*_rows(), strict=True), strict=True))
    found = []
    for settings in ({}, {"compression": "none"}, {"use_dictionary": False, "compression": "gzip"}):
        file = io.BytesIO()
        parquet.write_table(pa.table(columns), file, **settings)
        found.append(file.getvalue())
    return found


def _open_table(ending: str) -> Callable[[Random, bytes], str]:
    """Give the function that reads a table by one of the commands."""

    def open_one(random: Random, content: bytes) -> str:
        name = f"mutated.{ending}"
        Path(name).write_bytes(content)
        commands = (
            ("fit", name, "--y", "y"),
            ("fit", "turtles", "--predict", name),
            ("derive", name),
            ("cluster", name, "-k", "2", "--restarts", "1"),
            ("test", "thirds.imagier", name),
            *([("neuron", "--learn", name), ("pixels", name)] if ending == "csv" else []),
        )
        return run_command(*commands[int(random.integers(len(commands)))])

    return open_one


def _open_source(name: str) -> Callable[[Random, bytes], str]:
    """Give the function that tests a model on a source."""

    def open_one(_: Random, content: bytes) -> str:
        Path(name).write_bytes(content)
        return run_command("test", "thirds.imagier", name)

    return open_one


@cache
def _zip() -> list[bytes]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in PICTURES[::3]:
            archive.writestr(name, content)
    return [file.getvalue()]


@cache
def _npz() -> list[bytes]:
    found = []
    for arrays in ({"images": IMAGES, "labels": LABELS}, {"x_train": IMAGES, "y_train": LABELS}):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, content in arrays.items():
                archive.writestr(f"{key}.npy", content)
        found.append(file.getvalue())
    return found


@cache
def _idx() -> tuple[bytes, bytes]:
    pixels = np.random.default_rng(0).bytes(30 * 81)
    images, labels = idx((30, 9, 9), pixels), idx((30,), bytes(range(3)) * 10)
    return gzip.compress(images), gzip.compress(labels)


def _open_idx(which: int) -> Callable[[Random, bytes], str]:
    """Give the function that tests a model on pictures (0) and labels (1), one of them spoilt."""

    def open_one(_: Random, content: bytes) -> str:
        for number, name in enumerate(("images-idx3", "labels-idx1")):
            spoilt = content if number == which else _idx()[number]
            Path(f"x-{name}-ubyte.gz").write_bytes(spoilt)
        write_folder(text=json.dumps(card(classes=["0", "1", "2"])).encode())
        return run_command("test", FOLDER, "x-images-idx3-ubyte.gz")

    return open_one


SUBJECTS: dict[str, Subject] = {
    **{
        form: Subject(
            originals=lambda form=form: pictures(form), mutate=JOINTS[form], open=open_picture
        )
        for form in FORMATS
    },
    "csv": Subject(
        originals=_csv,
        mutate=(mutations.spoil, mutations.spoil_csv, mutations.spoil_csv),
        open=_open_table("csv"),
    ),
    "jsonl": Subject(
        originals=_json_lines,
        mutate=(mutations.spoil, nested_mutations.spoil_lines, nested_mutations.spoil_lines),
        open=_open_table("jsonl"),
    ),
    "parquet": Subject(
        originals=_parquet,
        mutate=(mutations.spoil, mutations.spoil_footer),
        open=_open_table("parquet"),
    ),
    "zip": Subject(
        originals=_zip,
        mutate=(mutations.spoil, mutations.spoil_zip, mutations.spoil_zip),
        open=_open_source("mutated.zip"),
    ),
    "npz": Subject(
        originals=_npz,
        mutate=(mutations.spoil, mutations.spoil_zip, mutations.spoil_npy, mutations.spoil_npy),
        open=_open_source("mutated.npz"),
    ),
    **{
        f"idx.gz, {name}": Subject(
            originals=lambda which=which: [_idx()[which]],
            mutate=(mutations.spoil, mutations.spoil_gzip),
            open=_open_idx(which),
        )
        for which, name in enumerate(("pictures", "labels"))
    },
    "model.onnx": Subject(
        originals=graphs,
        mutate=(mutations.spoil, nested_mutations.spoil_protobuf, nested_mutations.spoil_protobuf),
        open=open_graph,
    ),
    "model.json": Subject(
        originals=cards,
        mutate=(mutations.spoil, *[nested_mutations.spoil_json] * 4),
        open=open_card,
    ),
    "weights.safetensors": Subject(
        originals=weights,
        mutate=(mutations.spoil, nested_mutations.spoil_tensors, nested_mutations.spoil_tensors),
        open=open_weights,
    ),
    "model folder": Subject(originals=lambda: [b"x"], mutate=(mutations.spoil,), open=open_folder),
    "report.json": Subject(
        originals=read("report.json"),
        mutate=(mutations.spoil, *[nested_mutations.spoil_json] * 4),
        open=open_part("report.json"),
    ),
    "split.csv": Subject(
        originals=read("split.csv"),
        mutate=(mutations.spoil, mutations.spoil_csv, mutations.spoil_csv),
        open=open_part("split.csv"),
    ),
}
