"""The measurements. Each starts the product as a user does and gives named numbers."""

import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.kill_and_resume import kill_and_resume
from benchmarks.labelling import kill_label, label_memory, label_pace
from benchmarks.memory import learn_watched
from benchmarks.peer_run import run_peer
from benchmarks.processes import (
    IMAGIER,
    FailedError,
    Figures,
    fill,
    run_timed,
    thread_settings,
)
from benchmarks.quantizers import quantize
from benchmarks.reading import (
    captchas_by_keras,
    lines_by_digits,
    lines_by_peer,
    read_lines,
    reading_speed,
)
from benchmarks.serving import serve_latency, serve_overload
from benchmarks.synthetic import write_photos, write_small_pictures
from benchmarks.transfer import transfer

__all__ = [
    "TASKS",
    "FailedError",
    "colour_contest",
    "first_step",
    "predict_many",
    "predict_one",
    "sgemm_share",
    "train",
    "train_cold",
    "train_cold_beside_others",
    "train_few",
]

FIRST_STEP = Path(__file__).with_name("first_step.py")
COLOUR_CONTEST = Path(__file__).with_name("colour_contest.py")
SGEMM_SHARE = Path(__file__).with_name("sgemm_share.py")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
# The memory of a process is read by the process itself, at its end.
WATCHED = (
    "import sys; from imagier.cli import imagier; from imagier.cli.running import run;"
    "code = run(imagier, sys.argv[1:]);"
    "print(open('/proc/self/status').read(), file=sys.stderr); sys.exit(code)"
)


Task = Callable[[Sequence[str], int, Path], Figures]


def train(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Run `imagier train` and read its answer; the clock is that of the whole process."""
    words = fill(arguments, seed)
    command = ("train", *words, "--out", str(work / "model"), "--force", "--json", "--quiet")
    seconds, output, _ = run_timed((*IMAGIER, *command))
    return _figures_of(json.loads(output), words, seconds)


def train_cold(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Run `imagier train` with an empty cache, as a new user does."""
    words = fill(arguments, seed)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        out = ("--out", str(Path(folder) / "model"), "--json", "--quiet")
        settings = {"XDG_CACHE_HOME": str(Path(folder) / "cache")}
        command = (*IMAGIER, "train", *words, *out)
        seconds, output, _ = run_timed(command, settings=settings)
    return _figures_of(json.loads(output), words, seconds)


def train_cold_beside_others(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Do the same while two other processes keep both cores busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        return train_cold(arguments, seed, work)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def train_few(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Learn from a few pictures of each class, drawn by the seed, and test on some others."""
    source, few, others, *options = fill(arguments, seed)
    chance = random.Random(seed)  # noqa: S311 - a draw of files, no secret
    with tempfile.TemporaryDirectory(dir=work) as folder:
        for place in sorted(path for path in Path(source).iterdir() if path.is_dir()):
            files = sorted(place.iterdir())
            chance.shuffle(files)
            for part, some in (
                ("learn", files[: int(few)]),
                ("judge", files[int(few) : int(few) + int(others)]),
            ):
                target = Path(folder) / part / place.name
                target.mkdir(parents=True)
                for file in some:
                    shutil.copy(file, target / file.name)
        words = (f"{folder}/learn", "--test", f"{folder}/judge", *options)
        return train_cold(words, seed, work)


def first_step(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Time from the start of the process to the first step of learning, pictures in the cache."""
    photos = work / f"{arguments[0]}-{arguments[1]}"
    if not photos.exists():
        write_photos(photos, int(arguments[1]))
    command = (sys.executable, str(FIRST_STEP), str(photos))
    if seed == 0:
        run_timed(command)  # the first run fills the cache
    _, output, _ = run_timed(command)
    figures: Figures = json.loads(output.splitlines()[-1])
    return figures


def sgemm_share(arguments: Sequence[str], seed: int, _: Path) -> Figures:
    """Measure which share of the machine's matrix multiplication learning uses."""
    output = run_timed((sys.executable, str(SGEMM_SHARE), *arguments, str(seed)))[1]
    figures: Figures = json.loads(output.splitlines()[-1])
    return figures


def colour_contest(arguments: Sequence[str], seed: int, _: Path) -> Figures:
    """Let palettes or segments and scikit-learn's k-means take turns, on one thread each."""
    threads = dict.fromkeys((*thread_settings(), "NUMBA_NUM_THREADS"), "1")
    command = (sys.executable, str(COLOUR_CONTEST), *fill(arguments, seed))
    figures: Figures = json.loads(run_timed(command, settings=threads)[1].splitlines()[-1])
    return figures | {"threads": 1}


def predict_one(_: Sequence[str], seed: int, work: Path) -> Figures:
    """Time `imagier predict MODEL PICTURE`, and beside it the loading of the engines alone."""
    picture = work / "one.png"
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (8, 8), np.uint8)).save(picture)
    seconds, _, _ = run_timed((*IMAGIER, "predict", str(_model(work)), str(picture), "--json"))
    engines, _, _ = run_timed((sys.executable, "-c", "import numpy, PIL.Image, onnxruntime"))
    return {
        "process_seconds": round(seconds, 3),
        "engines_seconds": round(engines, 3),
        "command": "imagier predict MODEL one.png",
    }


def predict_many(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Compare the peak memory of predicting few and many small pictures."""
    model, peaks, seconds = _model(work), [], 0.0
    for number in map(int, arguments):
        folder = work / f"small-{number}"
        if not folder.exists():
            write_small_pictures(folder, number, seed=seed)
        command = ("predict", str(model), str(folder), "--csv", str(work / "rows.csv"), "--quiet")
        seconds, _, said = run_timed((sys.executable, "-c", WATCHED, *command))
        found = PEAK.search(said)
        if not found:
            raise FailedError("this system does not tell the peak memory of a process")
        peaks.append(int(found[1]) / 1024)
    return {
        "peak_megabytes": [round(peak, 1) for peak in peaks],
        "extra_megabytes": round(peaks[-1] - peaks[0], 1),
        "pictures_per_second": round(int(arguments[-1]) / seconds),
    }


TASKS: dict[str, Task] = {
    "train": train,
    "train_cold": train_cold,
    "train_cold_beside_others": train_cold_beside_others,
    "train_few": train_few,
    "first_step": first_step,
    "predict_one": predict_one,
    "predict_many": predict_many,
    "peer": run_peer,
    "sgemm_share": sgemm_share,
    "colour_contest": colour_contest,
    "quantizers": quantize,
    "transfer": transfer,
    "serve_latency": serve_latency,
    "serve_overload": serve_overload,
    "memory": learn_watched,
    "kill": kill_and_resume,
    "read_lines": read_lines,
    "lines_by_digits": lines_by_digits,
    "lines_by_peer": lines_by_peer,
    "captchas_by_keras": captchas_by_keras,
    "reading_speed": reading_speed,
    "label_pace": label_pace,
    "label_memory": label_memory,
    "kill_label": kill_label,
}


def _model(work: Path) -> Path:
    """Give a small model to predict with, learnt once."""
    model = work / "digits.imagier"
    if not model.exists():
        run_timed((*IMAGIER, "train", "digits", "--epochs", "1", "--out", str(model), "--quiet"))
    return model


def _figures_of(answer: Mapping[str, Any], words: Sequence[str], seconds: float) -> Figures:
    """Read what `imagier train` answered, beside the seconds of its process."""
    return {
        "accuracy": answer["test"]["accuracy"],
        "interval": answer["test"]["interval"],
        "n": answer["test"]["n"],
        "epochs": answer["epochs"],
        "network": answer["network"],
        "seconds": answer["seconds"],
        "data_seconds": answer["seconds"]["data"],
        "fit_seconds": answer["seconds"]["fit"],
        "parameters": answer["parameters"],
        "threads": answer["plan"].get("threads"),
        "views": answer["plan"].get("views"),
        "process_seconds": round(seconds, 2),
        "command": " ".join(("imagier", "train", *words)),
    }
