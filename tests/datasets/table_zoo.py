"""Tables as competitions, hubs and old benchmarks publish them, made small.

Each function writes one layout into a folder and says what to open.
"""

import csv
import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

__all__ = [
    "LAYOUTS",
    "competition",
    "gtsrb",
    "hub",
    "isic",
    "kaggle_signs",
    "picture",
    "pictures",
    "shard",
    "tiny_imagenet",
    "write_csv",
]

N = 12
NAMES = ("boxer", "pug")


def picture(number: int) -> bytes:
    """Draw a small picture, the bytes of a PNG."""
    import io

    file = io.BytesIO()
    colour = (255, number * 7 % 256, 0) if number % 2 else (0, number * 7 % 256, 255)
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file.getvalue()


def pictures(folder: Path, names: Iterable[str]) -> None:
    """Write pictures below a folder."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))


def write_csv(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]], mark=",") -> Path:
    """Write a table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=mark)
        writer.writerows([*([head] if head else []), *rows])
    return path


IDS = [f"{number:08x}" for number in range(N)]


def competition(folder: Path) -> Path:
    """A competition: ids without ending, pictures in train/ and test/, a form to fill in."""
    pictures(folder / "train", [f"{one}.jpg" for one in IDS])
    pictures(folder / "test", [f"{one}x.jpg" for one in IDS])
    write_csv(folder / "sample_submission.csv", ("id", "breed"), [(f"{i}x", "pug") for i in IDS])
    rows = [(one, NAMES[number % 2]) for number, one in enumerate(IDS)]
    write_csv(folder / "labels.csv", ("id", "breed"), rows)
    return folder


def isic(folder: Path) -> Path:
    """Skin pictures: a class a column, 1.0 where it is so, pictures one folder down."""
    pictures(folder / "images", [f"ISIC_{one}.jpg" for one in IDS])
    rows = [
        (f"ISIC_{i}", *("1.0" if n % 3 == c else "0.0" for c in range(3)))
        for n, i in enumerate(IDS)
    ]
    return write_csv(folder / "truth.csv", ("image", "MEL", "NV", "BCC"), rows)


def tiny_imagenet(folder: Path) -> Path:
    """Tiny ImageNet's validation part: a table without titles, tabs, a box behind the class."""
    pictures(folder / "images", [f"val_{number}.JPEG" for number in range(N)])
    rows = [
        (f"val_{n}.JPEG", ("n01443537", "n02123045")[n % 2], n, 0, 40 + n, 55) for n in range(N)
    ]
    return write_csv(folder / "val_annotations.txt", (), rows, "\t")


def gtsrb(folder: Path) -> Path:
    """German traffic signs: semicolons, a size and a box before the class."""
    pictures(folder, [f"{n:05}_00000.png" for n in range(N)])
    head = ("Filename", "Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId")
    rows = [(f"{n:05}_00000.png", 29, 30, 5, 6, 24, 25, n % 3) for n in range(N)]
    return write_csv(folder / "GT-00000.csv", head, rows, ";")


def shard(path: Path, labels: Iterable[int], *, first: int = 0, names=NAMES, groups=100) -> Path:
    """Write a Parquet file as a hub does: pictures in it, the names of classes in its metadata."""
    import pyarrow as pa
    from pyarrow import parquet

    labels = list(labels)
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cells = [{"bytes": picture(first + n), "path": f"{first + n}.png"} for n in range(len(labels))]
    table = pa.table({"image": pa.array(cells, kind), "label": pa.array(labels, pa.int64())})
    if names:
        features = {
            "image": {"_type": "Image"},
            "label": {"names": list(names), "_type": "ClassLabel"},
        }
        table = table.replace_schema_metadata(
            {"huggingface": json.dumps({"info": {"features": features}})}
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path, row_group_size=groups)
    return path


def hub(folder: Path) -> Path:
    """A hub's data set: two pieces of the training part, one of the test part."""
    shard(folder / "data" / "train-00000-of-00002.parquet", [0, 1] * 3)
    shard(folder / "data" / "train-00001-of-00002.parquet", [1, 0] * 3, first=6, groups=2)
    shard(folder / "data" / "test-00000-of-00001.parquet", [0, 1], first=12)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n", "utf-8")
    return folder


def capitals(folder: Path) -> Path:
    """Names in capitals, files in small letters."""
    pictures(folder, [f"img/{n}.jpg" for n in range(N)])
    rows = [(f"IMG/{n}.JPG", NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "t.csv", ("path", "label"), rows)


def accents(folder: Path) -> Path:
    """Names written in another way to write accents than the files."""
    pictures(folder, [unicodedata.normalize("NFD", f"img/été{n}.jpg") for n in range(N)])
    rows = [(unicodedata.normalize("NFC", f"img/été{n}.jpg"), NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "t.csv", ("path", "label"), rows)


def from_above(folder: Path) -> Path:
    """Names that begin at the folder above the table's."""
    pictures(folder / "data", [f"img/{n}.jpg" for n in range(N)])
    rows = [(f"data/img/{n}.jpg", NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "data" / "t.csv", ("path", "label"), rows)


def absolute(folder: Path) -> Path:
    """Whole paths, as a program writes them."""
    pictures(folder, [f"img/{n}.jpg" for n in range(N)])
    rows = [(folder / f"img/{n}.jpg", NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "t.csv", ("path", "label"), rows)


def caffe(folder: Path) -> Path:
    """A list without titles: a space between the picture and the number of its class."""
    pictures(folder, [f"jpg/{n}.jpg" for n in range(N)])
    rows = [(f"jpg/{n}.jpg", n % 2) for n in range(N)]
    return write_csv(folder / "train.txt", (), rows, " ")


def lost_zeros(folder: Path) -> Path:
    """Numbers that a program read as numbers: 7 for 0007.jpg, beside a column that counts rows."""
    pictures(folder, [f"{3 * n:04}.jpg" for n in range(N)])
    rows = [(n, f"{3 * n}.0", NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "t.csv", ("row", "photo", "label"), rows)


def untitled_ids(folder: Path) -> Path:
    """Neither titles nor endings."""
    pictures(folder, [f"{one}.jpg" for one in IDS])
    rows = [(one, NAMES[n % 2]) for n, one in enumerate(IDS)]
    return write_csv(folder / "t.csv", (), rows)


def addresses(folder: Path) -> Path:
    """Names as addresses write them: %20 for a space."""
    pictures(folder, [f"my pictures/été {n}.jpg" for n in range(N)])
    rows = [(f"my%20pictures/%C3%A9t%C3%A9%20{n}.jpg", NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "t.csv", ("path", "label"), rows)


def crosses(folder: Path) -> Path:
    """A class a column, a cross where it is so, and a column of remarks."""
    pictures(folder, [f"{n}.jpg" for n in range(N)])
    rows = [(f"{n}.jpg", *("x" if n % 2 == c else "" for c in range(2)), f"r{n}") for n in range(N)]
    return write_csv(folder / "t.csv", ("path", *NAMES, "remark"), rows, ";")


def marks_beside(folder: Path) -> Path:
    """Columns of 0 and 1 that are no classes, beside one that is called in an unusual way."""
    pictures(folder, [f"{n}.jpg" for n in range(N)])
    rows = [(f"{n}.jpg", n % 3 // 2, 0, NAMES[n % 2]) for n in range(N)]
    return write_csv(folder / "t.csv", ("path", "occluded", "cut", "breed"), rows)


def pieces(folder: Path) -> Path:
    """Folders that hold a share of the pictures each, and a table beside them."""
    pictures(folder, [f"images_{n % 2:03}/{one}.png" for n, one in enumerate(IDS)])
    rows = [(f"{one}.png", NAMES[n % 2]) for n, one in enumerate(IDS)]
    write_csv(folder / "Data_Entry.csv", ("Image Name", "Class"), rows)
    return folder


def kaggle_signs(folder: Path) -> Path:
    """Signs in class folders for training, a table for the test beside them."""
    pictures(folder, [f"Train/{c}/{n}.png" for c in range(2) for n in range(3)])
    pictures(folder, [f"Test/{n}.png" for n in range(3)])
    write_csv(
        folder / "Test.csv", ("Path", "ClassId"), [(f"Test/{n}.png", n % 2) for n in range(3)]
    )
    return folder


LAYOUTS = {
    "a competition": (competition, NAMES),
    "one-hot columns": (isic, ("BCC", "MEL", "NV")),
    "Tiny ImageNet's annotations": (tiny_imagenet, ("n01443537", "n02123045")),
    "German traffic signs": (gtsrb, ("0", "1", "2")),
    "capitals": (capitals, NAMES),
    "accents": (accents, NAMES),
    "names from the folder above": (from_above, NAMES),
    "whole paths": (absolute, NAMES),
    "a list of Caffe": (caffe, ("0", "1")),
    "numbers without their zeros": (lost_zeros, NAMES),
    "neither titles nor endings": (untitled_ids, NAMES),
    "names as in addresses": (addresses, NAMES),
    "crosses": (crosses, NAMES),
    "marks that are no classes": (marks_beside, NAMES),
    "pieces of a set": (pieces, NAMES),
}
