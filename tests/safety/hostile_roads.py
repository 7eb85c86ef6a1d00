"""Hostile roads: what is no file, or endless, behind every word and option that takes a file.

`SPECIALS` gives each thing that may stand where a file is expected, and `ROADS` each command line
with such a word, `{file}`; the name that follows is what the thing is called, for its ending.
"""

import os
import socket
from collections.abc import Callable
from pathlib import Path

__all__ = ["INNER", "OUTPUTS", "ROADS", "SPECIALS"]

LEARN = ("--network", "linear", "--epochs", "1", "--out", "new.imagier", "--quiet")
SOURCES = {
    "a folder": "x",
    "CSV": "x.csv",
    "TSV": "x.tsv",
    "JSON lines": "x.jsonl",
    "Parquet": "x.parquet",
    "NPZ": "x.npz",
    "ZIP": "x.zip",
    "IDX": "x-images-idx3-ubyte",
    "gzipped IDX": "x-images-idx3-ubyte.gz",
}
TABLES = {"CSV": "x.csv", "JSON lines": "x.jsonl", "Parquet": "x.parquet"}

ROADS: dict[str, tuple[tuple[str, ...], str]] = {
    **{f"train, {kind}": (("train", "{file}", *LEARN), name) for kind, name in SOURCES.items()},
    **{
        f"test, {kind}": (("test", "thirds.imagier", "{file}"), name)
        for kind, name in SOURCES.items()
    },
    **{
        f"train --test, {kind}": (("train", "photos", "--test", "{file}", *LEARN), name)
        for kind, name in SOURCES.items()
    },
    **{f"fit, {kind}": (("fit", "{file}", "--y", "y"), name) for kind, name in TABLES.items()},
    **{
        f"fit --predict, {kind}": (("fit", "turtles", "--predict", "{file}"), name)
        for kind, name in TABLES.items()
    },
    **{f"cluster, {kind}": (("cluster", "{file}"), name) for kind, name in TABLES.items()},
    "cluster, a folder": (("cluster", "{file}"), "x"),
    "cluster --start": (("cluster", "groups", "-k", "2", "--start", "{file}"), "x.csv"),
    **{f"derive, {kind}": (("derive", "{file}"), name) for kind, name in TABLES.items()},
    **{
        f"neuron --learn, {kind}": (("neuron", "--learn", "{file}"), name)
        for kind, name in TABLES.items()
    },
    "train --network": (
        ("train", "photos", "--network", "{file}", "--epochs", "1", "--out", "n.imagier"),
        "x.onnx",
    ),
    "train --plan, a folder": (("train", "photos", "--plan", "{file}", "--quiet"), "x.imagier"),
    "train --plan, a file": (("train", "photos", "--plan", "{file}", "--quiet"), "x.onnx"),
    "train --split": (("train", "photos", "--split", "{file}", *LEARN), "x.csv"),
    "test MODEL, a folder": (("test", "{file}", "photos"), "x.imagier"),
    "test MODEL, a file": (("test", "{file}", "photos"), "x.onnx"),
    "predict MODEL, a folder": (("predict", "{file}", "sound.png"), "x.imagier"),
    "predict MODEL, a file": (("predict", "{file}", "sound.png"), "x.onnx"),
    "predict PATH": (("predict", "thirds.imagier", "{file}"), "x.png"),
    "convolve --model, a folder": (("convolve", "sound.png", "--model", "{file}"), "x.imagier"),
    "convolve --model, a file": (("convolve", "sound.png", "--model", "{file}"), "x.onnx"),
    "convolve, a picture": (("convolve", "{file}", "--relu"), "x.png"),
    "convolve, a table": (("convolve", "{file}", "--relu"), "x.csv"),
    "pixels, a picture": (("pixels", "{file}"), "x.png"),
    "pixels, a table": (("pixels", "{file}"), "x.csv"),
    "pixels OTHER": (("pixels", "sound.png", "{file}"), "x.png"),
    "segment": (("segment", "{file}"), "x.png"),
    "palette": (("palette", "{file}"), "x.png"),
    "strip": (("strip", "{file}"), "x.png"),
    "explain MODEL, a folder": (("explain", "{file}", "sound.png"), "x.imagier"),
    "explain MODEL, a file": (("explain", "{file}", "sound.png"), "x.onnx"),
    "explain PICTURE": (("explain", "thirds.imagier", "{file}"), "x.png"),
    "doctor MODEL, a folder": (("doctor", "{file}"), "x.imagier"),
    "doctor MODEL, a file": (("doctor", "{file}"), "x.onnx"),
}

# where something is written: what stands there already may be anything
OUTPUTS: dict[str, tuple[tuple[str, ...], str]] = {
    "predict --csv": (("predict", "thirds.imagier", "sound.png", "--csv", "{file}"), "x.csv"),
    "predict --jsonl": (("predict", "thirds.imagier", "sound.png", "--jsonl", "{file}"), "x.jsonl"),
    "test --html": (("test", "thirds.imagier", "photos", "--html", "{file}"), "x.html"),
    "train --out": (("train", "photos", *LEARN[:-3], "--out", "{file}", "--force"), "x.imagier"),
    "train --out --resume": (
        ("train", "photos", *LEARN[:-3], "--out", "{file}", "--resume"),
        "x.imagier",
    ),
    "fit --out": (("fit", "turtles", "--out", "{file}", "--force"), "x.csv"),
    "fit --plot": (("fit", "turtles", "--plot", "{file}", "--force"), "x.svg"),
    "pixels --out": (("pixels", "sound.png", "--out", "{file}", "--force"), "x.csv"),
    "convolve --out": (("convolve", "sound.png", "--relu", "--out", "{file}", "--force"), "x.csv"),
    "cluster --out": (("cluster", "groups", "-k", "2", "--out", "{file}", "--force"), "x.csv"),
    "cluster --out, a folder": (("cluster", "photos", "--out", "{file}", "--force"), "x"),
    "segment --out": (("segment", "sound.png", "--out", "{file}", "--force"), "x.png"),
    "segment --masks": (("segment", "sound.png", "--masks", "{file}", "--force"), "x"),
    "palette --out": (("palette", "sound.png", "--out", "{file}", "--force"), "x.png"),
    "palette --table": (("palette", "sound.png", "--table", "{file}", "--force"), "x.csv"),
    "derive --plot": (("derive", "x**2", "--at", "1", "--plot", "{file}", "--force"), "x.svg"),
    "strip --out": (("strip", "sound.png", "--out", "{file}"), "x"),
    "explain --out": (
        ("explain", "thirds.imagier", "sound.png", "--out", "{file}", "--force"),
        "x.svg",
    ),
    "descend --out": (("descend", "x**2", "--start", "1", "--out", "{file}", "--force"), "x.csv"),
    "neuron --plot": (("neuron", "--learn", "and", "--plot", "{file}", "--force"), "x.svg"),
}

# what stands inside a folder, or beside a file, that was named
INNER: dict[str, tuple[tuple[str, ...], str]] = {
    "a picture of a folder": (("train", "photos", *LEARN), "photos/left/x.png"),
    "a class of a folder": (("train", "photos", *LEARN), "photos/x"),
    "a picture to predict": (("predict", "thirds.imagier", "photos"), "photos/left/x.png"),
    "a picture to test on": (("test", "thirds.imagier", "photos"), "photos/left/x.png"),
    "a picture to group": (("cluster", "photos", "-k", "2"), "photos/left/x.png"),
    "a picture to reduce": (("palette", "photos", "--shared", "--out", "p"), "photos/left/x.png"),
    "a picture to strip": (("strip", "photos"), "photos/left/x.png"),
    "a golden picture": (("doctor", "real.imagier"), "real.imagier/golden/0000.png"),
    "the golden answers": (("doctor", "real.imagier"), "real.imagier/golden/golden.json"),
    "the report a doctor reads": (("doctor", "real.imagier"), "real.imagier/report.json"),
    "the parts an explanation reads": (
        ("explain", "real.imagier", "sound.png"),
        "real.imagier/split.csv",
    ),
    "a picture of a table": (("train", "rows.csv", *LEARN), "row.png"),
    "a folder of a table": (("train", "rows.csv", *LEARN), "rows"),
    "the labels of pictures": (
        ("train", "digits-images-idx3-ubyte", *LEARN),
        "digits-labels-idx1-ubyte",
    ),
    "the pictures of labels": (
        ("train", "other-labels-idx1-ubyte", *LEARN),
        "other-images-idx3-ubyte",
    ),
    "the card of a model": (
        ("predict", "thirds.imagier", "sound.png"),
        "thirds.imagier/model.json",
    ),
    "the network of a model": (
        ("predict", "thirds.imagier", "sound.png"),
        "thirds.imagier/model.onnx",
    ),
    "the weights of a model": (
        ("predict", "thirds.imagier", "sound.png"),
        "thirds.imagier/weights.safetensors",
    ),
    "the report of a model": (("test", "thirds.imagier", "photos"), "thirds.imagier/report.json"),
    "the parts of a model": (("test", "thirds.imagier", "photos"), "thirds.imagier/split.csv"),
    "the evaluations of a model": (
        ("test", "thirds.imagier", "photos"),
        "thirds.imagier/evaluations.jsonl",
    ),
    "a folder of a model": (("test", "thirds.imagier", "photos"), "thirds.imagier/golden"),
    "the settings of a backbone": (
        ("train", "photos", "--network", "b.onnx", "--epochs", "1", "--out", "n.imagier"),
        "preprocessor_config.json",
    ),
    "the card of a model to replace": (
        ("train", "photos", *LEARN[:-3], "--out", "thirds.imagier", "--force"),
        "thirds.imagier/model.json",
    ),
    "the lock of a run": (
        ("train", "photos", *LEARN[:-3], "--out", "thirds.imagier", "--force"),
        "thirds.imagier/checkpoints/lock",
    ),
    "the plan of a run": (
        ("train", "photos", *LEARN[:-3], "--out", "run.imagier", "--resume"),
        "run.imagier/checkpoints/plan.json",
    ),
    "the checkpoints of a run": (
        ("train", "photos", *LEARN[:-3], "--out", "thirds.imagier", "--force"),
        "thirds.imagier/checkpoints",
    ),
    "the answer of a finished run": (
        ("train", "photos", *LEARN[:-3], "--out", "thirds.imagier", "--resume"),
        "thirds.imagier/report.json",
    ),
}


def device(file: Path) -> None:
    """Lead to the device that gives zeros without end."""
    file.symlink_to("/dev/zero")


def folder(file: Path) -> None:
    """Be a folder."""
    (file / "inside").mkdir(parents=True)


def sparse(file: Path) -> None:
    """Be a file of 10 GB that has no content."""
    file.touch()
    os.truncate(file, 10 << 30)


def listener(file: Path) -> None:
    """Be a socket, whose name may not be long."""
    before = Path.cwd()
    os.chdir(file.parent)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(file.name)
    os.chdir(before)


def circle(file: Path) -> None:
    """Be a link to itself."""
    file.symlink_to(file.name)


def nowhere(file: Path) -> None:
    """Be a link to nothing."""
    file.symlink_to("nothing-there")


def closed(file: Path) -> None:
    """Be a file that nobody may read; whoever is root reads it all the same, and finds nothing."""
    file.write_bytes(b"")
    file.chmod(0)


def terminal(file: Path) -> None:
    """Lead to the device that never answers: the other end of a terminal."""
    file.symlink_to("/dev/ptmx")


SPECIALS: dict[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "a link to /dev/zero": device,
    "a folder": folder,
    "10 GB of nothing": sparse,
    "a socket": listener,
    "a link to itself": circle,
    "a link to nowhere": nowhere,
    "a closed file": closed,
    "a terminal": terminal,
}
