"""RapidOCR's reader of one line, without the search for text before it, as its manual shows.

It is PaddleOCR's network (PP-OCRv4, 48 pixels high) in ONNX Runtime; it cannot be told which
characters there are, so those that are not wanted are left out of its answer. Paper put
around the line made it worse. A way: `find` lets it look for text first.

Source: rapidai.github.io/RapidOCRDocs, "use_det, use_cls, use_rec".
"""

import io
from importlib import import_module
from typing import Any

import numpy as np
from PIL import Image

__all__ = ["main"]


def main() -> None:
    """Read the lines of a folder."""
    frame = import_module("lines")  # beside this script
    asked = frame.parse()
    package: Any = import_module("rapidocr_onnxruntime")
    engine = package.RapidOCR(intra_op_num_threads=asked.threads)
    ways, characters = asked.way.split("+"), set(asked.characters)

    def read(content: bytes) -> str:
        with Image.open(io.BytesIO(content)) as picture:
            line = picture.convert("RGB")
        pixels = np.asarray(line)[:, :, ::-1]
        if "find" in ways:
            found, _ = engine(pixels)
            rows = sorted(found or [], key=lambda row: row[0][0][0])
            text = "".join(row[1] for row in rows)
        else:
            found, _ = engine(pixels, use_det=False, use_cls=False, use_rec=True)
            text = "".join(row[0] for row in found or [])
        return "".join(sign for sign in text if sign in characters)

    frame.read_all(asked.folder, read)


if __name__ == "__main__":
    main()
