"""Are strangers told from what a model knows? Classes left out, other data sets, odd photos.

    python -m benchmarks.stranger_study classes SOURCE TEST A,B... [--network SPEC] [--budget TIME]
    python -m benchmarks.stranger_study digits FOLDER
    python -m benchmarks.stranger_study odd SOURCE TEST FOLDER...

`classes` learns from SOURCE without two classes, for each pair that is named, and asks the model
for the pictures of TEST that are of its classes and for all pictures of the two. `digits` learns
MNIST with a small network and asks it for the test parts of MNIST and of Fashion-MNIST, whose IDX
file stands in FOLDER. `odd` learns all classes of SOURCE and asks, with `max_error` 0.05, for the
pictures of TEST and for 200 of those below the FOLDERs. Each prints a line of JSON a model.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import imagier
from imagier.datasets import load, open_source
from imagier.recognizer import Recognizer
from imagier.testing.membership import audit_membership

__all__ = ["digits", "left_out", "main", "odd_photos"]

MAX_ERROR, ODD = 0.05, 200
IMAGES = "t10k-images-idx3-ubyte.gz"
IDX_HEADER = 16  # bytes before the first pixel

Table = NDArray[np.float32]


def main() -> None:
    """Run the study that the first word names."""
    word, *words = sys.argv[1:]
    network, budget = _option(words, "--network", "features"), _option(words, "--budget", "60s")
    studies = {"classes": left_out, "digits": digits, "odd": odd_photos}
    for row in studies[word](words, network, budget):
        print(json.dumps(row), flush=True)


def left_out(words: list[str], network: str, budget: str) -> Iterator[dict[str, object]]:
    """Leave two classes out, pair after pair."""
    source, test, *pairs = words
    every = open_source(source).classes
    for pair in pairs:
        out = pair.split(",")
        kept = [name for name in every if name not in out]
        recognizer, report = imagier.learn(
            source, classes=kept, test=test, network=network, budget=budget
        )
        known = _strangeness(recognizer, test, kept)
        strange = np.concatenate([_strangeness(recognizer, one, out) for one in (source, test)])
        yield {"left_out": out, "network": recognizer.card.network, "accuracy": report.accuracy} | (
            _figures(known, strange)
        )


def digits(words: list[str], network: str, budget: str) -> Iterator[dict[str, object]]:
    """Show clothes to a network that has learnt digits."""
    network = "cnn" if network == "features" else network
    recognizer, report = imagier.learn("mnist", network=network, budget=budget)
    raw = gzip.decompress((Path(words[0]) / IMAGES).read_bytes())[IDX_HEADER:]
    clothes = np.frombuffer(raw, np.uint8).reshape(-1, 28, 28)
    listing = open_source("mnist")
    tested = [row for row, part in enumerate(listing.parts) if part == "test"]
    known = _asked(recognizer, load(listing.take(tested), recognizer.prepare).pixels)
    strange = np.array(
        [recognizer.answers(_prepared(recognizer, one)).strangeness for one in clothes]
    )[:, 0]
    yield {"network": recognizer.card.network, "accuracy": report.accuracy} | (
        _figures(known, strange)
    )


def odd_photos(words: list[str], network: str, budget: str) -> Iterator[dict[str, object]]:
    """Ask a model for odd photos and for pictures of its own, where 5 % may be wrong."""
    source, test, *folders = words
    recognizer, report = imagier.learn(source, test=test, network=network, budget=budget)
    paths = [sorted(path for path in Path(one).rglob("*") if _is_photo(path)) for one in folders]
    # the small folders whole, the rest from the largest, evenly
    paths.sort(key=len)
    rest = ODD - sum(map(len, paths[:-1]))
    odd = [path for some in paths[:-1] for path in some]
    odd += paths[-1][:: max(1, len(paths[-1]) // rest)][:rest]
    answers = list(recognizer.predict_many(map(str, odd), max_error=MAX_ERROR))
    strangers = [answer for answer in answers if answer.stranger]
    refused = [answer for answer in answers if answer.stranger or answer.abstained]
    listing = open_source(test)
    files = [str(Path(test) / name) for name in listing.names]
    own = list(recognizer.predict_many(files, max_error=MAX_ERROR))
    given = [
        (answer.label, label)
        for answer, label in zip(own, listing.labels, strict=True)
        if not (answer.stranger or answer.abstained)
    ]
    wrong = sum(label != truth for label, truth in given)
    yield {
        "network": recognizer.card.network,
        "accuracy": report.accuracy,
        "odd": len(answers),
        "refused": len(refused) / len(answers),
        "none_of_these": len(strangers) / len(answers),
        "own": len(own),
        "own_none_of_these": sum(bool(one.stranger) for one in own) / len(own),
        "answered": len(given) / len(own),
        "wrong": wrong / max(1, len(given)),
    }


def _option(words: list[str], name: str, usual: str) -> str:
    """Take an option and its value out of the words."""
    if name not in words:
        return usual
    place = words.index(name)
    value = words[place + 1]
    del words[place : place + 2]
    return value


def _strangeness(recognizer: Recognizer, source: str, classes: list[str]) -> Table:
    listing = open_source(source)
    rows = [row for row, label in enumerate(listing.labels) if label in classes]
    return _asked(recognizer, load(listing.take(rows), recognizer.prepare).pixels)


def _asked(recognizer: Recognizer, pixels: NDArray[np.uint8]) -> Table:
    found = recognizer.answers(np.asarray(pixels)).strangeness
    assert found is not None  # noqa: S101 - every model of this study tells strangers
    return found


def _prepared(recognizer: Recognizer, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from imagier.recognizer.inputs import read_picture

    return read_picture(picture, recognizer.prepare)[1][np.newaxis]


def _figures(known: Table, strange: Table) -> dict[str, object]:
    """Tell how well both are told apart, and what the threshold of the model makes of each."""
    pairs = audit_membership(known, strange)  # the same count of pairs: the known are less strange
    return {
        "known": len(known),
        "strangers": len(strange),
        "auroc": None if pairs is None else round(pairs.auc, 4),
        "known_refused": float((known > 1).mean()),
        "strangers_refused": float((strange > 1).mean()),
    }


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in {".jpg", ".jpeg", ".png"}


if __name__ == "__main__":
    main()
