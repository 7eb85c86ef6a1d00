"""Made-up lines: what is written, what a reader read, and how sure it was."""

import dataclasses

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from imagier.cost import Cost
from imagier.datasets import Skipped
from imagier.images import Prepare
from imagier.reading.line_evaluation import LineEvaluation
from imagier.reading.line_report import make_line_report
from imagier.recognizer import EpochRow, History, ModelCard
from imagier.recognizer.abstention import threshold_rows

WIDTH = 160


def card_of(characters="0123456789", *, thresholds=()):
    rows = [row.to_json() for row in thresholds]
    return ModelCard(
        classes=("∅", *characters),
        prepare=Prepare(height=32, width=WIDTH, channels=1),
        network="reader",
        parameters=812_345,
        seed=3,
        plan={"epochs": 12, "batch_size": 64},
        data={"name": "codes"},
        thresholds={"held_out": rows},
        versions={"imagier": "0.1.0"},
    )


def draw_lines(texts):
    """Print texts on paper, filled up with its colour to the right: (n, 32, WIDTH, 1)."""
    font = ImageFont.load_default(24)
    lines = []
    for text in texts:
        line = Image.new("L", (WIDTH, 32), 235)
        ImageDraw.Draw(line).text((4, 1), text, fill=30, font=font)
        lines.append(np.asarray(line)[..., None])
    return np.array(lines, np.uint8).reshape(-1, 32, WIDTH, 1)


def evaluation_of(true, read, **more):
    """Give what was read of lines; sure to 99 % unless said otherwise."""
    n = len(true)
    facts = {
        "true": true,
        "read": read,
        "probability": np.full(n, 0.99),
        "is_rejected": np.zeros(n, bool),
        "paths": [f"lines/{row}.png" for row in range(n)],
    }
    return LineEvaluation(**facts | more)


def report_of(true, read, *, characters="0123456789", thresholds=(), fields=None, **more):
    """Give the report of what was read of lines; `fields` are set afterwards."""
    names = ("history", "sizes", "learnt", "evaluation_count", "notes", "model", "source")
    options = {"evaluation_count": 1} | {name: more.pop(name) for name in names if name in more}
    options = {"model": "codes.imagier", "source": "codes"} | options
    parts = more.pop("parts", {})
    report = make_line_report(
        card_of(characters, thresholds=thresholds),
        {**parts, "test": evaluation_of(true, read, **more)},
        **options,
    )
    return dataclasses.replace(report, **fields or {})


def post_codes(n, *, error=0.02, seed=0):
    """Give n codes of five digits, what was read of them, and how sure: 1 and 7 look alike."""
    rng = np.random.default_rng(seed)
    true, read, sure = [], [], []
    for _ in range(n):
        code = "".join(map(str, rng.integers(0, 10, 5)))
        seen = [
            "1" if one == "7" and rng.random() < 3 * error else
            str((int(one) + 1) % 10) if rng.random() < error else one
            for one in code
        ]  # fmt: skip
        if rng.random() < error:
            seen.pop(int(rng.integers(5)))
        if rng.random() < error / 2:
            seen.insert(int(rng.integers(5)), str(rng.integers(10)))
        text = "".join(seen)
        true.append(code)
        read.append(text)
        sure.append(1 - rng.random() ** (8 if text == code else 1.5))
    return true, read, np.clip(sure, 0.02, 0.9999)


def full(n=600, *, pictures=True, seed=0, **more):
    """A report with everything in it."""
    true, read, sure = post_codes(n, seed=seed)
    judged, said, how_sure = post_codes(2000, seed=seed + 1)
    right = np.array([a == b for a, b in zip(judged, said, strict=True)])
    learnt, known, known_sure = post_codes(1000, error=0.004, seed=seed + 2)
    validated = evaluation_of(judged[:400], said[:400], probability=how_sure[:400])
    epochs = tuple(
        EpochRow(
            epoch=number,
            train_loss=9 / number**1.4,
            train_error=0.9 / number,
            validation_loss=9.5 / number**1.3,
            validation_error=min(1.0, 1.1 / number**0.9),
            kept=number == 10,
        )
        for number in range(1, 13)
    )
    cost = Cost(seconds=240, cpu_seconds=460, peak_memory=9 * 10**8, joules=5500, method="estimate")
    rejected = np.array([len(text) != 5 for text in read]) & (sure < 0.5)
    return report_of(
        true,
        read,
        probability=sure,
        is_rejected=rejected,
        documents=[f"page {row // 6}" for row in range(n)],
        pictures=draw_lines(true) if pictures else None,
        thresholds=threshold_rows(how_sure, right),
        parts={
            "train": evaluation_of(learnt, known, probability=known_sure),
            "validation": validated,
        },
        history=History(
            epochs=epochs,
            seconds={"data": 3.0, "fit": 230.0, "total": 240.0},
            budget="4m",
            notes=("A note on the learning.",),
            cost=cost,
        ),
        sizes={"train": 20_000, "composed": 19_000, "validation": 2000, "test": n},
        learnt=dict.fromkeys("012345678", 2000) | {"9": 12},
        evaluation_count=2,
        notes=("A note on the lines.",),
        fields={
            "accept": 0.9,
            "fingerprint": "c0ffee" * 8,
            "prediction_cost": cost.scaled(0.001),
            "skipped": (Skipped(path="a/b.png", code="truncated", message="a/b.png is cut off."),),
        }
        | more,
    )


@pytest.fixture
def line_report_of():
    return report_of


@pytest.fixture
def full_line_report():
    return full


@pytest.fixture
def drawn_lines():
    return draw_lines
