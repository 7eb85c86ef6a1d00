"""The measurements of reading: whole lines right, on the same pictures for every reader.

A reader is learnt with the command that a user types; its lines are then read from their files, in
a process of its own. The peers read the same files in theirs.
"""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.environments import PEERS, python_of, versions_of
from benchmarks.line_sets import make_captchas, make_codes, read_labels, take_part
from benchmarks.peer_run import SCRIPTS, run_peer
from benchmarks.processes import IMAGIER, Figures, fill, run_timed, thread_settings
from imagier.learning import TrainOptions
from imagier.learning.progress import silent
from imagier.machine import available_cores
from imagier.reading.line_source import prepare_lines
from imagier.reading.reader_options import ReaderOptions
from imagier.testing.intervals import wilson

__all__ = [
    "answered_share",
    "captchas_by_keras",
    "lines_by_digits",
    "lines_by_peer",
    "read_lines",
    "reading_speed",
]

SMALL_LETTERS = "abcdefghijklmnopqrstuvwxyz"
CHARACTERS = {"codes": "0123456789", "captchas": "0123456789" + SMALL_LETTERS}
LEARNT_FROM = 1000  # the seed of captchas to learn from, beyond those of the tests
ERRORS = (0.001, 0.005, 0.01, 0.02, 0.05)


def read_lines(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Learn a reader and read lines: what lines, how many, then the words of `imagier train`.

    The lines are `codes`, of the test digits of MNIST; `captchas:LENGTH`, drawn by the package
    `captcha`; or `part`, the whole test part of the source that is learnt from, whatever the
    number. `{captchas:LENGTH:COUNT}` among the words is a folder of captchas to learn from.
    """
    kind, count, *words = fill(arguments, seed)
    words = [_learnt_from(word, work) for word in words]
    model, learnt = _learn(words, work)
    if kind == "part":
        folder = take_part(Path(words[0]), model, work / "part")
    else:
        folder = _lines(kind, int(count), seed, work)
    found = _answer(_module("imagier_lines", str(model), str(folder)))
    figures = _score(folder, found) | {
        "learnt_accuracy": learnt["test"]["accuracy"],
        "learnt_interval": learnt["test"]["interval"],
        "learnt_n": learnt["test"]["n"],
        "epochs": learnt["epochs"],
        "fit_seconds": round(learnt["seconds"]["fit"], 1),
        "process_seconds": learnt["process_seconds"],
        "cpu_seconds": learnt["cost"]["learning"]["cpu_seconds"],
        "parameters": learnt["parameters"],
        "milliseconds_one_by_one": found["milliseconds_one_by_one"],
        "command": " ".join(("imagier", "train", *map(str, words))),
    }
    return figures | _answered(folder, found)


def lines_by_digits(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Read codes digit by digit: how many, then the words of `imagier train` for the digits."""
    count, *words = fill(arguments, seed)
    model, learnt = _learn(words, work)
    folder = _lines("codes", int(count), seed, work)
    figures = _score(folder, _answer(_module("digit_pipeline", str(model), str(folder))))
    return figures | {"accuracy_of_digits": learnt["test"]["accuracy"]}


def lines_by_peer(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Have a peer read lines: its script, what lines, how many.

    Raises:
        FailedError: It cannot be installed, or it failed.
    """
    script, kind, count, *options = fill(arguments, seed)
    folder = _lines(kind, int(count), seed, work)
    python = str(python_of(PEERS[script]))
    characters = CHARACTERS[kind.partition(":")[0]]
    more = ("--characters", characters, "--threads", str(available_cores()))
    command = (python, str(SCRIPTS / f"{script}.py"), str(folder), *more, *options)
    return _score(folder, _answer(command)) | {
        "threads": available_cores(),
        "versions": versions_of(PEERS[script]),
        "command": " ".join((f"{script}.py", kind, count, *options)),
    }


def captchas_by_keras(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Learn Keras' example on the parts that imagier makes: its script, the folder, its options."""
    script, source, *options = fill(arguments, seed)
    asked = TrainOptions(network="reader", seed=seed)
    lines = prepare_lines(source, asked, ReaderOptions(), silent)
    split = work / "split.csv"
    split.write_text(lines.split_csv, encoding="utf-8")
    command = (script, source, *options, "--split", str(split), "--seed", str(seed))
    figures = run_peer(command, seed, work)
    n = len(lines.test)
    return figures | {"n": n, "interval": list(wilson(round(figures["accuracy"] * n), n))}


def reading_speed(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Compare the speed of reading with that of bare ONNX Runtime: how many lines."""
    (count,) = fill(arguments, seed)
    return _answer(_module("reading_speed", count, str(work)))


def answered_share(
    is_right: NDArray[np.bool_], probability: NDArray[np.float64], most: float
) -> float:
    """Give the largest share of lines that can be answered with at most this share of wrong ones.

    An oracle: the threshold is chosen on the lines themselves. Lines as probable as the last
    answered one are answered too.

    >>> answered_share(np.array([True, True, False]), np.array([0.9, 0.8, 0.7]), 0.0)
    0.6666666666666666
    """
    order = np.argsort(-probability, kind="stable")
    wrong = np.cumsum(~is_right[order])
    answered = np.arange(1, len(order) + 1)
    sorted_ = probability[order]
    is_last = np.append(sorted_[1:] < sorted_[:-1], True)
    allowed = np.flatnonzero(is_last & (wrong <= most * answered))
    return float(answered[allowed[-1]] / len(order)) if len(allowed) else 0.0


def _learn(words: Sequence[str], work: Path) -> tuple[Path, dict[str, Any]]:
    """Learn with the command that a user types, once for all lines that are read with it."""
    name = hashlib.sha256(" ".join(words).encode()).hexdigest()[:12]
    model, told = work / f"model-{name}", work / f"model-{name}.json"
    if not told.exists():
        command = ("train", *words, "--out", str(model), "--force", "--json", "--quiet")
        seconds, output, _ = run_timed((*IMAGIER, *command))
        answer = json.loads(output) | {"process_seconds": round(seconds, 1)}
        told.write_text(json.dumps(answer), encoding="utf-8")
    learnt: dict[str, Any] = json.loads(told.read_text("utf-8"))
    return model, learnt


def _answered(folder: Path, found: dict[str, Any]) -> Figures:
    texts = read_labels(folder)
    is_right = np.array([found["texts"][name] == text for name, text in texts.items()])
    probability = np.array(found["probabilities"])
    return {
        f"answered_at_{error:g}": answered_share(is_right, probability, error) for error in ERRORS
    }


def _score(folder: Path, found: dict[str, Any]) -> Figures:
    texts = read_labels(folder)
    right = sum(found["texts"][name] == text for name, text in texts.items())
    return {
        "accuracy": right / len(texts),
        "interval": list(wilson(right, len(texts))),
        "n": len(texts),
        "right": right,
        "milliseconds": found["milliseconds"],
    }


def _lines(kind: str, count: int, seed: int, work: Path) -> Path:
    name, _, length = kind.partition(":")
    folder = work / f"{name}{length}-{count}-{seed}"
    if name == "codes":
        return make_codes(folder, count, seed=seed)
    return make_captchas(folder, count, length=length, seed=seed)


def _learnt_from(word: str, work: Path) -> str:
    """Make the captchas to learn from, where a word asks for them."""
    if not word.startswith("{captchas:"):
        return word
    _, length, count = word.strip("{}").split(":")
    folder = make_captchas(
        work / f"learnt-{length}-{count}", int(count), length=length, seed=LEARNT_FROM
    )
    return str(folder)


def _module(name: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.{name}", *words)


def _answer(command: Sequence[str]) -> dict[str, Any]:
    """Carry out a command; its last line is a JSON object."""
    root = str(Path(__file__).parents[1])
    place = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    _, output, _ = run_timed(command, settings=thread_settings() | {"PYTHONPATH": place})
    answer: dict[str, Any] = json.loads(output.splitlines()[-1])
    return answer
