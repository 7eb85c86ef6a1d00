"""What does a change of source cost, and what do a hundred pictures of the new one give back?

Two sets of the same classes are parted as `imagier train` parts them. On what is held out of the
one are asked: a network learnt from its other pictures, a network learnt from the other set alone,
the same once it has learnt on (`--init`) from a few pictures of each class, and one learnt from
these few alone.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import IMAGIER, FailedError, Figures, fill, run_timed
from imagier.datasets import Listing, open_source
from imagier.datasets.arrays import ArrayPictures

__all__ = ["transfer"]

ALONE_EPOCHS = "67"


def transfer(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Learn from one set, and ask for the pictures held out of another.

    Args:
        arguments: The set whose held-out pictures are asked for; the set to learn from, or
            `nothing`; how many pictures of the first to learn on from, of all classes alike; the
            options of learning from a whole set.
        seed: Decides the parts, the few pictures, and how is learnt.
        work: Where models and files of pictures stand, each made once.
    """
    tested, known, few, *options = fill(arguments, seed)
    own = _model(tested, options, seed, work)  # whose parts say what is held out
    if known == tested:
        return _answer(json.loads((work / f"{own.stem}.json").read_text()))
    held_out = _written(tested, own, "test", work)
    if few == "0":
        model = _model(known, options, seed, work)
        return _told(("test", str(model), str(held_out)), work)
    some = _written(tested, own, "train", work, few=int(few), seed=seed)
    words = ["train", str(some), "--test", str(held_out), "--seed", str(seed)]
    if known != "nothing":
        words += ["--init", str(_model(known, options, seed, work))]
    else:  # the same network, shown the pictures as often as where learning goes on
        words += [*_network(options), "--epochs", ALONE_EPOCHS]
    out = work / f"{tested}-{few}-of-{known}-{seed}.imagier"
    return _told((*words, "--out", str(out), "--force"), work)


def _model(source: str, options: Sequence[str], seed: int, work: Path) -> Path:
    """Learn from a whole set, once for all rows of one seed."""
    model = work / f"{source}-{seed}.imagier"
    if not model.exists():
        words = ("train", source, *options, "--seed", str(seed), "--out", str(model))
        seconds, output, _ = run_timed((*IMAGIER, *words, "--json", "--quiet"))
        told = json.loads(output)
        kept = {**told, "process_seconds": round(seconds, 2), "command": _typed(words, work)}
        (work / f"{model.stem}.json").write_text(json.dumps(kept))
    return model


def _written(
    source: str, model: Path, part: str, work: Path, *, few: int = 0, seed: int = 0
) -> Path:
    """Write pictures of a part of a model's as NPZ: all of them, or a few of each class."""
    listing = open_source(source)
    rows = _rows_of(listing, model, part)
    if few:
        rows = _drawn(rows, listing, few // len(listing.classes), seed)
    if not isinstance(listing.pictures, ArrayPictures):
        reason = f"{source} does not stand in arrays"
        raise FailedError(reason)
    file = work / f"{source}-{part}-{few or 'all'}-{seed}.npz"
    labels = np.array([listing.labels[row] for row in rows.tolist()])
    np.savez(file, x=listing.pictures.array[rows], y=labels)
    return file


def _rows_of(listing: Listing, model: Path, part: str) -> NDArray[np.int64]:
    with (model / "split.csv").open(encoding="utf-8", newline="") as file:
        names = {row["file"] for row in csv.DictReader(file) if row["part"] == part}
    return np.array([row for row, name in enumerate(listing.names) if name in names])


def _drawn(rows: NDArray[np.int64], listing: Listing, each: int, seed: int) -> NDArray[np.int64]:
    """Draw as many pictures of each class."""
    generator = np.random.default_rng(seed)
    labels = np.array([listing.labels[row] for row in rows.tolist()])
    drawn = [generator.permutation(rows[labels == name])[:each] for name in listing.classes]
    return np.sort(np.concatenate(drawn))


def _network(options: Sequence[str]) -> list[str]:
    """Give the network of the options, as typed; `cnn` where they name none."""
    place = options.index("--network") if "--network" in options else None
    return ["--network", "cnn" if place is None else options[place + 1]]


def _told(words: Sequence[str], work: Path) -> Figures:
    """Run a command and read its answer."""
    seconds, output, _ = run_timed((*IMAGIER, *words, "--json", "--quiet"))
    own = {"process_seconds": round(seconds, 2), "command": _typed(words, work)}
    return _answer({**json.loads(output), **own})


def _typed(words: Sequence[str], work: Path) -> str:
    return " ".join(("imagier", *words)).replace(f"{work}/", "")


def _answer(told: Figures) -> Figures:
    """Read accuracy, interval and n of what `train` or `test` answered."""
    score = told["test"] if isinstance(told.get("test"), dict) else told
    figures = {name: score[name] for name in ("accuracy", "interval", "n")}
    return figures | {name: told[name] for name in ("process_seconds", "command")}
