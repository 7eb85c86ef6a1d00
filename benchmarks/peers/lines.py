"""The frame of the peers that read lines: all pictures of a table, one at a time, one JSON object.

A first picture is read before the clock starts: what is loaded or compiled then is not counted.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["parse", "pictures_of", "read_all", "tell"]


def parse() -> argparse.Namespace:
    """Read what the measurement asks: the folder, the characters that there are, the settings."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--characters", default="0123456789")
    parser.add_argument("--way", default="", help="other settings than the usual, to try them out")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def pictures_of(folder: Path) -> list[str]:
    """List the paths of the pictures below the folder, in the order of its table."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return [row["path"] for row in csv.DictReader(stream)]


def read_all(folder: Path, read: Callable[[bytes], str]) -> None:
    """Read every picture, from its bytes to its text, and tell.

    Args:
        folder: Where they stand.
        read: Gives the text of one.
    """
    names = pictures_of(folder)
    contents = [(folder / name).read_bytes() for name in names]
    read(contents[0])
    began = time.perf_counter()
    texts = [read(content) for content in contents]
    tell(names, texts, time.perf_counter() - began)


def tell(names: Sequence[str], texts: Sequence[str], seconds: float) -> None:
    """Print what was read, and the milliseconds of one line."""
    answer = {
        "texts": dict(zip(names, texts, strict=True)),
        "milliseconds": round(1000 * seconds / len(names), 3),
    }
    print(json.dumps(answer), flush=True)
