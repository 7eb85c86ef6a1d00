"""ddddocr's reader of captchas, told which characters there are.

`set_ranges` leaves other characters out of its answer, as its documentation shows. Better, here, is
to ask for the probabilities, as its documentation shows too, and to take in each column the most
probable of the characters that there are, or none; neighbours that are equal are one. Ways, joined
by `+`: `plain` leaves it at `set_ranges`; `beta` takes its newer weights.

Source: github.com/sml2h3/ddddocr, "OCR probability" and "set_ranges".
"""

from importlib import import_module
from typing import Any

import numpy as np

__all__ = ["main"]


def main() -> None:
    """Read the lines of a folder."""
    frame = import_module("lines")  # beside this script
    asked = frame.parse()
    package: Any = import_module("ddddocr")
    ways = asked.way.split("+")
    reader = package.DdddOcr(show_ad=False, beta="beta" in ways)
    known: dict[str, Any] = {}

    def plain(content: bytes) -> str:
        return str(reader.classification(content))

    def likely(content: bytes) -> str:
        found = reader.classification(content, probability=True)
        if not known:
            signs = enumerate(found["charset"])
            kept = [(0, ""), *((place, sign) for place, sign in signs if sign in characters)]
            known["places"] = [place for place, _ in kept]
            known["signs"] = [sign for _, sign in kept]
        chances = np.squeeze(np.array(found["probabilities"]))[:, known["places"]]
        path = chances.argmax(axis=1)
        is_new = np.insert(path[1:] != path[:-1], 0, True)
        return "".join(known["signs"][one] for one in path[is_new])

    characters = set(asked.characters)
    if "plain" in ways:
        reader.set_ranges(asked.characters)
    frame.read_all(asked.folder, plain if "plain" in ways else likely)


if __name__ == "__main__":
    main()
