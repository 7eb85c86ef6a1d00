"""Started as a process of its own: a reader of imagier on a folder of lines, as the peers are.

Lines are read from their files in batches, as `imagier read` does; beside that, one at a time from
bytes in memory, as the peers are asked. Prints one JSON object, with a probability a line.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.line_sets import read_labels
from imagier import load as load_model
from imagier.reading.line_reader import LineReader

__all__ = ["main"]

WARM = 64  # lines that are read before the clock starts
ONE_BY_ONE = 200  # lines


def main(model: str, folder: str) -> None:
    """Read all lines of the table of a folder."""
    reader = LineReader(load_model(model))
    names = list(read_labels(Path(folder)))
    paths = [str(Path(folder) / name) for name in names]
    list(reader.read_many(paths[:WARM]))
    began = time.perf_counter()
    lines = list(reader.read_many(paths))
    seconds = time.perf_counter() - began
    some = [Path(path).read_bytes() for path in paths[:ONE_BY_ONE]]
    began = time.perf_counter()
    for content in some:
        reader.read(content)
    one_by_one = time.perf_counter() - began
    read = [line.reading for line in lines]
    answer = {
        "texts": {name: one.text if one else "" for name, one in zip(names, read, strict=True)},
        "probabilities": [one.probability if one else 0.0 for one in read],
        "milliseconds": round(1000 * seconds / len(names), 3),
        "milliseconds_one_by_one": round(1000 * one_by_one / len(some), 3),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
