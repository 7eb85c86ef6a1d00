"""Small data sets whose pictures say how they will be answered, and who answers so."""

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from imagier.datasets import Dataset, Skipped, Split
from imagier.files import content_hash
from imagier.images import Prepare
from imagier.recognizer import EpochRow, History, ModelCard
from imagier.recognizer.engine import Answers
from imagier.testing import evaluate, make_report


class Obedient:
    """A recogniser whose answer to a picture stands in the picture: class, then confidence in %."""

    def __init__(self, classes, *, other=None, artifacts=None, channels=1):
        self.classes = tuple(classes)
        self.prepare = prepare_of(channels)
        self.artifacts = artifacts or {}
        self.batches = []
        self.card = ModelCard(
            classes=self.classes,
            prepare=self.prepare,
            network="cnn:16,32",
            parameters=6442,
            seed=7,
            plan={"epochs": 3, "network": "cnn:16,32"},
            data={"name": "made up", "n": 10},
            versions={"imagier": "0.1.0", "numpy": "2.0"},
            other=other,
        )

    tells_strangers = False

    def answers(self, pixels):
        return Answers(probabilities=self.probabilities(pixels))

    def probabilities(self, pixels):
        self.batches.append(len(pixels))
        k = len(self.classes)
        sure = pixels[:, 0, 1, 0] / 100
        table = np.repeat((1 - sure) / (k - 1), k).reshape(-1, k)
        table[np.arange(len(pixels)), pixels[:, 0, 0, 0]] = sure
        return table.astype(np.float32)


def prepare_of(channels, full_scale=255):
    return Prepare(height=4, width=4, channels=channels, full_scale=full_scale)


def make_dataset(labels, answers, *, classes=("0", "1", "2"), sure=None, channels=1, **more):
    """Give a data set of 4 × 4 pictures: `labels` are true, `answers` is what will be said."""
    n = len(labels)
    pixels = np.zeros((n, 4, 4, channels), np.uint8)
    pixels[:, 0, 0] = np.asarray(answers, np.uint8)[:, None]
    pixels[:, 0, 1] = np.asarray([90] * n if sure is None else sure, np.uint8)[:, None]
    for byte in range(3):
        pixels[:, 1, byte] = (np.arange(n) >> (8 * byte) & 255)[:, None]
    facts = {
        "name": "made up",
        "classes": tuple(classes),
        "pixels": pixels,
        "labels": np.asarray(labels, np.int64),
        "names": tuple(f"{classes[label]}/{row}.png" for row, label in enumerate(labels)),
        "hashes": np.array([content_hash(one.tobytes()) for one in pixels]),
        "parts": ("",) * n,
        "groups": ("",) * n,
        "prepare": prepare_of(channels),
    }
    return Dataset(**facts | more)


def make(labels, answers, *, classes=("0", "1", "2"), part=None, **more):
    """Give the report of a recogniser that answered `answers` to pictures of `labels`."""
    pictures = more.pop("pictures", True)
    changes = {name: more.pop(name) for name in ("accept", "leaked") if name in more}
    options = {
        name: more.pop(name) for name in ("split", "history", "evaluation_count") if name in more
    }
    dataset = make_dataset(labels, answers, classes=classes, **more)
    recognizer = Obedient(classes, channels=dataset.pixels.shape[3])
    parts = part or {"test": None}
    evaluations = {name: evaluate(recognizer, dataset, rows) for name, rows in parts.items()}
    report = make_report(
        recognizer, dataset, evaluations, model="made.imagier", pictures=pictures, **options
    )
    return dataclasses.replace(report, **changes)


@pytest.fixture
def obedient():
    return Obedient


@pytest.fixture
def dataset_of():
    return make_dataset


@pytest.fixture
def report_of():
    return make


@pytest.fixture
def full_report():
    """A report with everything in it: three parts, a history, mistakes, skipped files, notes."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    answers = np.where(rng.random(90) < 0.2, (labels + 1) % 3, labels)
    answers[:40] = labels[:40]
    sure = rng.integers(51, 99, 90)
    rows = np.arange(90)
    split = Split(
        train=rows[:40], validation=rows[40:60], test=rows[60:], groups=rows, leak_rate=0.1,
        notes=("A note on the parts.",),
    )  # fmt: skip
    epochs = tuple(
        EpochRow(
            epoch=number,
            train_loss=1 / number,
            train_error=0.5 / number,
            validation_loss=1.1 / number,
            validation_error=0.6 / number,
            kept=number == 3,
        )
        for number in (1, 2, 3, 4)
    )
    skipped = Skipped(path="a/b.jpg", code="truncated", message="a/b.jpg is cut off.")
    return make(
        labels,
        answers,
        sure=sure,
        part={"train": split.train, "validation": split.validation, "test": split.test},
        split=split,
        history=History(
            epochs=epochs,
            seconds={"data": 0.5, "fit": 61.0, "total": 62.0},
            budget="60s",
            notes=("A note on the learning.",),
        ),
        evaluation_count=2,
        skipped=(skipped,),
        accept=0.97,
    )


@pytest.fixture(scope="session")
def thirds():
    """The builders of `thirds.py`: real pictures in folders, and a real model for them."""
    path = Path(__file__).with_name("thirds.py")
    spec = importlib.util.spec_from_file_location("thirds", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(thirds, tmp_path):
    """The folder of a model that tells in which third a picture is bright."""
    folder = tmp_path / "thirds.imagier"
    thirds.load_builders().tiny_recognizer().save(folder)
    return folder
