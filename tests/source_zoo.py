"""A zoo of good, odd and bad sources of pictures: folders, tables, IDX, NPZ and zip files.

`write_source_zoo(folder)` writes every kind once and says of each how many pictures it must give
under which classes, what it must leave out, or under which code it must be refused.
"""

import gzip
import io
import json
import os
import struct
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["Source", "idx", "png", "write_source_zoo", "write_tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One animal: where it stands, what it is, and what must become of it.

    Attributes:
        kind: What is odd about it.
        path: What to open.
        code: Under which code it is refused, or None.
        classes: The classes it gives.
        n: How many pictures it gives.
        skipped: The codes of what it leaves out, sorted.
    """

    kind: str
    path: Path
    code: str | None = None
    classes: tuple[str, ...] = ("cat", "dog")
    n: int = 2
    skipped: tuple[str, ...] = ()


def write_source_zoo(folder: Path) -> list[Source]:
    """Write every source into `folder`, each into a folder of its own."""
    sources: list[Source] = []
    families = (
        _layouts,
        _public_layouts,
        _clutter,
        _links,
        _names,
        _tables,
        _bad_tables,
        _idx,
        _npz,
        _zips,
        _others,
    )
    for family in families:
        place = folder / family.__name__.strip("_")
        place.mkdir(parents=True)
        sources += family(place)
    return sources


def png(seed: int = 0, size: tuple[int, int] = (6, 5)) -> bytes:
    """Draw a small picture, another for every seed."""
    rng = np.random.default_rng(seed)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def idx(array: np.ndarray, *, magic: int | None = None) -> bytes:
    """Write an array of bytes in the IDX format."""
    head = struct.pack(">I", 0x0800 + array.ndim if magic is None else magic)
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_tree(root: Path, files: Iterable[str] | Mapping[str, bytes]) -> Path:
    """Write files below `root`; those without a content become pictures, `dir/` a folder."""
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files)
    root.mkdir(parents=True, exist_ok=True)
    for seed, (name, content) in enumerate(contents.items()):
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(seed) if content is None else content)
    return root


PAIR = ("cat/1.png", "dog/2.png")


def _layouts(place: Path) -> Iterator[Source]:
    def tree(kind: str, *files: str) -> Path:
        return write_tree(place / kind.replace(" ", "-"), files)

    def bad(kind: str, code: str, *files: str) -> Source:
        return Source(kind=kind, path=tree(kind, *files), code=code)

    def good(kind: str, *files: str, skipped: tuple[str, ...] = ()) -> Source:
        n = len([name for name in files if not name.endswith("/")]) - len(skipped)
        return Source(kind=kind, path=tree(kind, *files), n=n, skipped=skipped)

    stray = ("picture_without_class",)
    yield good("class folders", *PAIR)
    yield good("parts", "train/cat/1.png", "train/dog/2.png", "Test/cat/3.png", "VAL/dog/4.png")
    yield good("French parts", "Apprentissage/cat/1.png", "tests/dog/2.png")
    yield good("one part only", "train/cat/1.png", "train/dog/2.png")
    yield good("an outer folder", "photos/cat/1.png", "photos/dog/2.png")
    yield good("two outer folders", "a/b/cat/1.png", "a/b/dog/2.png")
    yield good("folders inside a class", "cat/1.png", "cat/garden/2.png", "dog/3.png")
    yield good("a class without direct pictures", "cat/garden/2.png", "dog/3.png")
    yield good("a picture beside the classes", *PAIR, "3.png", skipped=stray)
    yield good(
        "a flat test part", "train/cat/1.png", "train/dog/2.png", "test/3.png", skipped=stray
    )
    yield good("an empty class folder", *PAIR, "bird/")
    yield bad("an empty folder", "folder_empty")
    yield bad("empty folders only", "folder_empty", "cat/", "dog/")
    yield bad("pictures without classes", "no_class_folders", "1.png", "2.png")
    yield bad("flat parts", "parts_without_classes", "train/1.png", "test/2.png")
    yield bad("a lone flat part", "parts_without_classes", "train/1.png")
    yield bad("parts and classes", "parts_and_classes", "train/cat/1.png", "dog/2.png")
    inner = ("cat/train/1.png", "cat/test/2.png", "dog/train/3.png")
    yield bad("parts inside classes", "parts_inside_classes", *inner)
    yield bad("names of class and part", "parts_in_class_names", *_named_twice())
    yield bad("a class at two depths", "class_at_two_depths", "cat/1.png", "b/cat/2.png")
    yield bad("classes differing by capitals", "class_names_alike", "Cat/1.png", "cat/2.png")
    spellings = [unicodedata.normalize(form, "été") for form in ("NFC", "NFD")]
    yield bad("two ways to write é", "class_names_alike", *(f"{name}/1.png" for name in spellings))
    path = tree("one class", "cat/1.png", "cat/2.png")
    yield Source(kind="one class", path=path, classes=("cat",))
    path = tree("trains and planes", "train/1.png", "plane/2.png")
    yield Source(kind="a class called train", path=path, classes=("plane", "train"))
    path = tree("numbered classes", "10/1.png", "2/2.png", "1/3.png")
    yield Source(kind="numbered classes", path=path, classes=("1", "2", "10"), n=3)


def _named_twice() -> Iterator[str]:
    yield from (f"{name}_{part}/1.png" for name in ("cat", "dog") for part in ("train", "test"))


def _public_layouts(place: Path) -> Iterator[Source]:
    """Folders as public sets of pictures have them, each kind once and small."""
    stray = "picture_without_class"

    def of(kind: str, *files: str, classes=("cat", "dog"), n=4, unnamed=0, code=None) -> Source:
        root = write_tree(place / kind.replace(" ", "-"), files)
        if code is not None:
            return Source(kind=kind, path=root, code=code)
        return Source(kind=kind, path=root, classes=classes, n=n, skipped=(stray,) * unnamed)

    def parts(*folders: str) -> list[str]:
        return [f"{folder}/{pair}" for folder in folders for pair in PAIR]

    flat = "parts_without_classes"
    yield of("training_set and test_set", *parts("training_set", "test_set"))
    yield of("a set packed twice", *parts("training_set/training_set", "test_set/test_set"))
    yield of("Train and Test", *parts("Train", "Test"))
    yield of("images_train", *parts("images_train", "images_val"))
    yield of("imagesTr", *parts("imagesTr", "imagesTs"))
    yield of("final training images", *parts("Final_Training/Images", "Final_Test/Images"))
    yield of("train2017", *parts("train2017", "val2017"))
    yield of(
        "seg_train",
        *parts("seg_train/seg_train", "seg_test/seg_test"),
        "seg_pred/x/9.png",
        unnamed=1,
    )
    yield of("test1 without names", *parts("train"), "test1/9.png", n=2, unnamed=1)
    yield of("flat train2017", "train2017/1.png", "val2017/2.png", code=flat)
    yield of("flat train_images", "train_images/1.png", "test_images/2.png", code=flat)
    yield of("flat train and masks", "train/1.png", "test/2.png", "masks/3.png", code=flat)
    yield of("a flat train beside a named test", "train/1.png", *parts("test"), code=flat)
    yield of(
        "several tests of experiments",
        "test1/1.png",
        "test2/2.png",
        classes=("test1", "test2"),
        n=2,
    )
    tubes = ("test_tube/1.png", "train_station/2.png")
    yield of("a test tube and a train station", *tubes, classes=("test_tube", "train_station"), n=2)
    wordnet = [f"train/n0{number}/images/{name}.png" for number in (1, 2) for name in "ab"]
    boxes = [f"train/n0{number}/n0{number}_boxes.txt" for number in (1, 2)]
    unnamed = ("val/images/1.png", "val/val_annotations.txt", "test/images/2.png", "words.txt")
    yield of("Tiny ImageNet", *wordnet, *boxes, *unnamed, classes=("n01", "n02"), unnamed=2)
    signs = [
        f"GTSRB/Final_Training/Images/0000{number}/00000_0000{number}.png" for number in (1, 2)
    ]
    yield of("traffic signs", *signs, classes=("00001", "00002"), n=2)
    years = [f"{name}/{year}/1.png" for name in ("cat", "dog") for year in (2019, 2020)]
    yield of("years inside classes", *years)
    yield of("a folder of its own name", "cat/cat/1.png", "dog/dog/2.png", n=2)
    yield of(
        "one level more", "PetImages/PetImages/cat/1.png", "PetImages/PetImages/dog/2.png", n=2
    )
    groups = ("animals/cat/1.png", "plants/oak/2.png")
    yield of("classes in groups", *groups, classes=("animals", "plants"), n=2)
    yield of("the same folders in each", "a/cat/1.png", "b/cat/2.png", classes=("a", "b"), n=2)
    hidden = ("cat/.ipynb_checkpoints/1.png", ".ipynb_checkpoints/2.png", "__MACOSX/cat/3.png")
    yield of("hidden folders", *PAIR, *hidden, n=2)
    yield of("pictures and masks", "images/1.png", "masks/2.png", code="folders_of_files")
    worn = ("mask/1.png", "no mask/2.png")
    yield of("masks worn", *worn, classes=("mask", "no mask"), n=2)
    yield of("letters large and small", "A/1.png", "a/2.png", classes=("A", "a"), n=2)
    root = write_tree(place / "classes", ["cat/1.png", "cat/2.png", "dog/3.png"])
    yield Source(kind="the folder of one class", path=root / "cat", code="class_folder_given")


def _clutter(place: Path) -> Iterator[Source]:
    files = dict.fromkeys(PAIR)
    names = (
        *("cat/Thumbs.db", "cat/.DS_Store", "dog/desktop.ini", "cat/._1.png", "README.txt"),
        *("LICENSE", "dog/labels.csv", "cat/.ipynb_checkpoints/1.png", "__MACOSX/cat/1.png"),
        *(".git/config", "cat/1.txt"),
    )
    clutter = dict.fromkeys(names, b"clutter")
    yield Source(kind="clutter", path=write_tree(place / "clutter", files | clutter))
    yield Source(
        kind="texts only",
        path=write_tree(place / "texts", {"cat/a.txt": b"a", "README.md": b"b"}),
        code="no_pictures",
    )
    table = write_tree(place / "table-beside", {"1.png": png(), "labels.csv": b"path,label\n"})
    yield Source(kind="a table beside flat pictures", path=table, code="no_class_folders")


def _links(place: Path) -> Iterator[Source]:
    if sys.platform == "win32":
        return
    outside = write_tree(place / "outside", ["cat.png", "cats/1.png"])

    def linked(kind: str, links: Mapping[str, str | Path], *codes: str, n: int = 2) -> Source:
        root = write_tree(place / kind.replace(" ", "-"), PAIR)
        for name, target in links.items():
            (root / name).symlink_to(target)
        return Source(kind=kind, path=root, n=n, skipped=tuple(sorted(codes)))

    yield linked("a link to a picture inside", {"cat/3.png": "1.png"}, n=3)
    yield linked("a link out of the folder", {"cat/3.png": outside / "cat.png"}, "link_outside")
    yield linked("a linked class outside", {"bird": outside / "cats"}, "link_outside")
    yield linked("a broken link", {"cat/3.png": "nowhere.png"}, "link_broken")
    yield linked("a link to itself", {"cat/3.png": "3.png"}, "link_loop")
    yield linked("a link to the folder above", {"cat/up": ".."}, "link_loop")
    ring = {"cat/x": "../dog", "dog/y": "../cat"}
    yield linked("a ring of links", ring, "link_loop", "link_loop")
    root = write_tree(place / "pipe", PAIR)
    os.mkfifo(root / "cat" / "3.png")
    yield Source(kind="a pipe", path=root, skipped=("not_a_file",))
    os.mkfifo(place / "pipe.csv")
    yield Source(kind="a pipe as source", path=place / "pipe.csv", code="source_unknown")
    root = write_tree(place / "stored", (".store/1.png", "dog/2.png"))
    (root / "cat").symlink_to(".store")
    yield Source(kind="a linked class inside", path=root)


def _names(place: Path) -> Iterator[Source]:
    names = ["-rf.png", "a b.png", "new\nline.png", "été.png", "😀.png", "x" * 250 + ".png"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"caf\xe9.png"))
    files = [*(f"cat/{name}" for name in names), "dog/2.png"]
    yield Source(kind="odd file names", path=write_tree(place / "odd", files), n=len(files))
    root = write_tree(place / "classes", ["<b>x/1.png", "a\tb/2.png", "=1+1/3.png"])
    yield Source(kind="odd class names", path=root, classes=("<b>x", "=1+1", "a\\tb"), n=3)
    deep = "cat/" + "d/" * 40 + "1.png"
    root = write_tree(place / "deep", [deep, *PAIR])
    yield Source(kind="forty folders deep", path=root, skipped=("too_deep",))


def _tables(place: Path) -> Iterator[Source]:
    write_tree(place, ["cat/1.png", "dog/2.png", "a,b.png", "é.png"])
    rows = "path,label\ncat/1.png,cat\ndog/2.png,dog\n"

    def table(kind: str, content: str | bytes, *codes: str, name: str = "", **facts) -> Source:
        path = place / (name or kind.replace(" ", "-") + ".csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Source(kind=kind, path=path, skipped=tuple(sorted(codes)), **facts)

    yield table("a plain table", rows)
    yield table("a semicolon table", rows.replace(",", ";"))
    yield table("a tab table", rows.replace(",", "\t"), name="tab.tsv")
    yield table("a byte order mark", b"\xef\xbb\xbf" + rows.encode())
    yield table("UTF-16", rows.encode("utf-16"))
    yield table(
        "Windows-1252", (rows + "é.png,été\n").encode("cp1252"), n=3, classes=("cat", "dog", "été")
    )
    yield table("Windows line ends", rows.replace("\n", "\r\n"))
    yield table("old Mac line ends", rows.replace("\n", "\r"))
    yield table("no last line end", rows.rstrip())
    yield table("blank lines", "\n\n" + rows.replace("\n", "\n\n"))
    yield table("a quoted comma", rows + '"a,b.png",cat\n', n=3)
    yield table("a quoted line break", 'path,label,remark\ncat/1.png,cat,"a\nb"\ndog/2.png,dog,c\n')
    yield table("Windows paths", rows.replace("/", "\\"))
    yield table(
        "labels kept as texts", "file,class\ncat/1.png,01\ndog/2.png,NA\n", classes=("01", "NA")
    )
    yield table("labels with spaces", rows.replace(",cat", ", cat "))
    yield table("labels in capitals", rows + "é.png,CAT\n", n=3, classes=("CAT", "cat", "dog"))
    yield table("a formula", rows + "é.png,=1+1\n", n=3, classes=("=1+1", "cat", "dog"))
    yield table("a row said twice", rows + "cat/1.png,cat\n")
    yield table("one picture, two labels", rows + "cat/1.png,dog\n", n=3)
    yield table("ragged rows", rows + "cat/1.png\ncat/1.png,a,b\n", *["row_ragged"] * 2)
    yield table("a missing file", rows + "cat/3.png,cat\n", "row_file_missing")
    yield table("an absolute path", rows + "/etc/passwd,cat\n", "row_path_outside")
    yield table("a path with a drive", rows + "C:\\cat.png,cat\n", "row_path_outside")
    yield table("a path that climbs", rows + "cat/../../x.png,cat\n", "row_path_outside")
    yield table("an empty label", rows + "é.png,\n", "row_without_label")
    yield table("an empty path", rows + ",cat\n", "row_without_path")
    yield table(
        "an unknown part",
        "path,label,split\ncat/1.png,cat,train\ndog/2.png,dog,\né.png,a,b\n",
        "row_part_unknown",
    )
    yield table("a folder as file", rows + "cat,cat\n", "not_a_file")
    lines = [{"path": "cat/1.png", "label": "cat"}, {"path": "dog/2.png", "label": "dog"}]
    text = "\n".join(json.dumps(line) for line in lines)
    yield table("JSON lines", text, name="a.jsonl")
    yield table("bad JSON lines", text + "\n{oops\n[1]\n", *["row_not_json"] * 2, name="b.jsonl")
    odd = '\n{"path": "a\\u0000b/1.png", "label": "a"}\n{"path": "\\ud800/1.png", "label": "a"}\n'
    yield table("JSON names no file has", text + odd, *["row_file_missing"] * 2, name="d.jsonl")
    deep = text + "\n" + "[" * 100_000 + "\n"
    yield table("deep JSON lines", deep, "row_not_json", name="c.jsonl")


def _bad_tables(place: Path) -> Iterator[Source]:
    def bad(kind: str, code: str, content: str | bytes, *, ending: str = "csv") -> Source:
        path = place / f"{kind.replace(' ', '-')}.{ending}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Source(kind=kind, path=path, code=code)

    yield bad("a table without header", "table_columns", "cat/1.png,cat\n")
    yield bad("a table without label", "table_columns", "path,remark\ncat/1.png,x\n")
    yield bad("a column twice", "table_column_twice", "path,label,label\na.png,b,c\n")
    yield bad("a header only", "table_empty", "path,label\n")
    yield bad("blank lines only", "table_empty", "\n \n\n")
    yield bad("commas only", "table_empty", ",,,\n,,\n")
    yield bad("an empty table", "source_empty", "")
    yield bad("no row can be used", "table_rows", "path,label\nno.png,cat\n")
    yield bad("an open quote", "table_damaged", 'path,label\n"cat/1.png,cat\n')
    yield bad("a 10 MB cell", "table_row_too_long", "path,label\n" + "x" * 10_000_000 + ",cat\n")
    yield bad("NUL in a table", "table_encoding", b"path,label\ncat\0.png,cat\n")
    yield bad("a picture called csv", "table_encoding", png())
    yield bad("JSON lines of nothing", "table_damaged", "1\n2\n", ending="jsonl")
    yield bad("no Parquet", "table_damaged", b"PAR1 but no more", ending="parquet")


def _idx(place: Path) -> Iterator[Source]:
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 256, (4, 3, 3), np.uint8), np.array([0, 1, 1, 0], np.uint8)
    images_file, labels_file = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"

    def pair(kind: str, code: str | None, images: bytes, names: bytes = idx(labels)) -> Source:
        files = {images_file: images, labels_file: names}
        root = write_tree(place / kind.replace(" ", "-"), files)
        return Source(kind=kind, path=root, code=code, classes=("0", "1"), n=4)

    good = idx(pixels)
    yield pair("an IDX pair", None, good)
    yield pair("a gzipped IDX pair", None, gzip.compress(good), gzip.compress(idx(labels)))
    yield pair("IDX in colour", None, idx(rng.integers(0, 256, (4, 3, 3, 3), np.uint8)))
    yield pair("a wrong magic", "idx_magic", b"\x7fELF" + good[4:])
    yield pair("an unknown type", "idx_magic", idx(pixels, magic=0x0703))
    yield pair("floating numbers", "idx_type", idx(pixels, magic=0x0D03))
    yield pair("IDX too short", "idx_length", good[:-1])
    yield pair("IDX too long", "idx_length", good + b"\0")
    yield pair("IDX cut in its header", "idx_magic", good[:9])
    yield pair("no picture", "idx_empty", idx(pixels[:0]))
    yield pair("fewer labels", "idx_counts_differ", good, idx(labels[:3]))
    yield pair("labels for pictures", "idx_shape", idx(labels))
    yield pair("pictures for labels", "idx_shape", good, idx(pixels))
    huge = struct.pack(">4I", 0x0803, 2**31, 2**31, 2**31)
    yield pair("2^93 pixels", "array_too_large", huge)
    yield pair("gzip cut", "idx_damaged", gzip.compress(good)[:-12])
    yield pair("gzip without checksum", "idx_damaged", gzip.compress(good)[:-4])
    yield pair("gzip with a wrong checksum", "idx_damaged", gzip.compress(good)[:-8] + bytes(8))
    yield pair("a gzip bomb", "idx_length", gzip.compress(good + bytes(10**7)))
    yield pair("two gzips in one", "idx_damaged", gzip.compress(good) + gzip.compress(b"more"))
    swollen = struct.pack(">4I", 0x0803, 1000, 1000, 1000)
    yield pair("a gigabyte from nothing", "array_too_large", gzip.compress(swollen))
    alone = write_tree(place / "alone", {images_file: good})
    yield Source(kind="IDX without labels", path=alone, code="idx_no_partner")
    file = write_tree(place / "file", {images_file: good, labels_file: idx(labels)}) / images_file
    yield Source(kind="one IDX file", path=file, classes=("0", "1"), n=4)
    odd = write_tree(place / "odd", {"digits.idx": good}) / "digits.idx"
    yield Source(kind="IDX without a name", path=odd, code="idx_name")
    test = {"t10k-images-idx3-ubyte": idx(pixels[:, :2]), "t10k-labels-idx1-ubyte": idx(labels)}
    both = write_tree(place / "sizes", {images_file: good, labels_file: idx(labels), **test})
    yield Source(kind="parts of two sizes", path=both, code="part_sizes_differ")


def _npz(place: Path) -> Iterator[Source]:
    pixels, labels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3), np.array([0, 1, 1, 0])

    def npz(kind: str, code: str | None = None, *, classes=("0", "1"), **arrays) -> Source:
        path = place / f"{kind.replace(' ', '-')}.npz"
        np.savez_compressed(path, **arrays)
        return Source(kind=kind, path=path, code=code, classes=classes, n=4)

    def shape(kind: str, images: np.ndarray, code: str | None = None) -> Source:
        return npz(kind, code, images=images, labels=labels)

    yield npz("images and labels", images=pixels, labels=labels)
    yield npz(
        "Keras keys", x_train=pixels[:2], y_train=labels[:2], x_test=pixels[2:], y_test=labels[2:]
    )
    yield npz("MedMNIST keys", train_images=pixels, train_labels=labels[:, None])
    yield _named_npz(place, pixels, labels)
    yield npz("labels as texts", x=pixels, y=np.array(["a", "b", "b", "a"]), classes=("a", "b"))
    yield shape("fractions", pixels / 255)
    yield shape("whole decimals", pixels.astype(np.float64))
    yield shape("Fortran order", np.asfortranarray(pixels))
    yield shape("big endian", pixels.astype(">i4"))
    yield shape("colour", np.zeros((4, 2, 2, 3), np.uint8))
    yield shape("centred levels", pixels - 12.5, "npz_levels")
    yield shape("not a number", np.full((4, 2, 2), np.nan), "npz_levels")
    yield shape("levels to 4095", pixels.astype(np.uint16) * 80, "npz_levels")
    yield shape("colours first", np.zeros((4, 3, 2, 2), np.uint8), "npz_shape")
    yield shape("flat rows", np.zeros((4, 9), np.uint8), "npz_shape")
    yield shape("a structured array", np.zeros((4, 2, 2), [("r", "u1")]), "npz_levels")
    yield npz("one-hot labels", "npz_labels", images=pixels, labels=np.eye(4))
    yield npz("fractional labels", "npz_labels", images=pixels, labels=labels + 0.5)
    yield npz("an empty text", "npz_labels", images=pixels, labels=np.array(["a", "", "b", "a"]))
    yield npz("one label less", "npz_counts_differ", images=pixels, labels=labels[:3])
    yield npz("labels beyond the names", "label_outside", x=pixels, y=labels, names=np.array(["a"]))
    yield npz("unknown keys", "npz_keys", foo=pixels, bar=labels)
    objects = np.array([{"a": 1}, None, 2, 3], dtype=object)
    yield npz("Python objects", "npz_objects", images=pixels, labels=objects)
    yield npz("names as objects", "npz_objects", x=pixels, y=labels, class_names=objects)
    yield _raw_npz(place, "an absurd shape", _npy_head("(4611686018427387904, 4, 3)"))
    yield _raw_npz(place, "a negative shape", _npy_head("(-1, 4, 3)"))
    yield _raw_npz(place, "a shape beyond the file", _npy_head("(4, 4, 4)") + bytes(48))
    yield _raw_npz(place, "no array", b"hello")
    path = place / "text.npz"
    path.write_bytes(b"not a zip")
    yield Source(kind="NPZ that is no zip", path=path, code="npz_damaged")


def _named_npz(place: Path, pixels: np.ndarray, labels: np.ndarray) -> Source:
    path = place / "named.npz"
    np.savez(path, x=pixels, y=labels, class_names=np.array(["no", "yes"]))
    return Source(kind="named classes", path=path, classes=("no", "yes"), n=4)


def _npy_head(shape: str) -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text = text.ljust(118 - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def _raw_npz(place: Path, kind: str, content: bytes) -> Source:
    path = place / f"{kind.replace(' ', '-')}.npz"
    labels = io.BytesIO()
    np.save(labels, np.zeros(4, np.uint8))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", content)
        archive.writestr("labels.npy", labels.getvalue())
    code = "npz_damaged"
    return Source(kind=kind, path=path, code=code)


def _zips(place: Path) -> Iterator[Source]:
    def pack(kind: str, *members, code: str | None = None, skipped=(), n: int = 2) -> Source:
        path = place / f"{kind.replace(' ', '-')}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for seed, member in enumerate(members):
                name, content = member if isinstance(member, tuple) else (member, png(seed))
                archive.writestr(name, content)
        return Source(kind=kind, path=path, code=code, skipped=tuple(sorted(skipped)), n=n)

    unsafe = "zip_name_unsafe"
    yield pack("a zip", *PAIR)
    yield pack("a zip with an outer folder", "photos/", "photos/cat/1.png", "photos/dog/2.png")
    yield pack("a zip with parts", "train/cat/1.png", "train/dog/2.png", "test/cat/3.png", n=3)
    yield pack("a zip with one part", "train/cat/1.png", "train/dog/2.png")
    yield pack("a zip from a Mac", *PAIR, "__MACOSX/cat/._1.png", "cat/.DS_Store", "README.txt")
    for number, name in enumerate(
        ("../x.png", "/etc/x.png", "C:/x.png", "./../x.png", "cat//x.png")
    ):
        yield pack(f"an unsafe name {number}", *PAIR, name, skipped=(unsafe,))
    yield pack("a zip of points", "./", "./cat/", "./cat/1.png", "cat/./2.png", "./dog/3.png", n=3)
    backslash = zipfile.ZipInfo("cat/x.png")
    backslash.filename = "cat\\x.png"
    yield pack("backslashes", *PAIR, (backslash, png(9)), skipped=(unsafe,))
    link = zipfile.ZipInfo("cat/x.png")
    link.external_attr = 0o120777 << 16
    yield pack("a link in a zip", *PAIR, (link, b"/etc/passwd"), skipped=("zip_not_a_file",))
    yield pack("a zip in a zip", *PAIR, "cat/inner.zip", skipped=("zip_nested",))
    bomb = ("cat/x.png", bytes(2**24))
    yield pack("a zip bomb", *PAIR, bomb, skipped=("zip_bomb",))
    yield pack("a deep member", *PAIR, "cat/" + "d/" * 40 + "x.png", skipped=("too_deep",))
    yield pack("a zip without classes", "1.png", "2.png", code="no_class_folders")
    yield pack("an empty zip", code="folder_empty")
    yield pack("a zip of texts", ("cat/a.txt", b"a"), code="no_pictures")
    whole = pack("whole", *PAIR).path.read_bytes()
    for kind, content, code in (
        ("a zip cut short", whole[:-30], "zip_damaged"),
        ("no zip", b"PK\x03\x04 and no more", "zip_damaged"),
        ("a zip with rubbish in front", b"#!/bin/sh\n" * 9 + whole, None),
        ("an encrypted zip", _encrypted(whole), "no_pictures"),
        ("members laid over each other", _overlapping(whole), "zip_overlap"),
        ("a wrong list of members", whole.replace(b"PK\x01\x02", b"PK\x09\x09"), "zip_damaged"),
    ):
        path = place / f"{kind.replace(' ', '-')}.zip"
        path.write_bytes(content)
        yield Source(kind=kind, path=path, code=code)


def _encrypted(content: bytes) -> bytes:
    """Set the flag of encryption in every record of the archive."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = content.find(signature)
        while at >= 0:
            changed[at + offset] |= 1
            at = content.find(signature, at + 1)
    return bytes(changed)


def _overlapping(content: bytes) -> bytes:
    """Let the second member begin where the first does."""
    second = content.rfind(b"PK\x01\x02")
    return content[: second + 42] + bytes(4) + content[second + 46 :]


def _others(place: Path) -> Iterator[Source]:
    files = {
        "a.png": png(),
        "a.tar": bytes(1024),
        "a.tar.gz": gzip.compress(b"x"),
        "a.pkl": b"\x80",
    }
    write_tree(place, {**files, "notes": b"hello", "empty": b"", "mnits/": b""})
    yield Source(kind="nothing there", path=place / "nowhere", code="source_missing")
    yield Source(kind="a file above", path=place / "a.png" / "b", code="source_missing")
    yield Source(kind="a NUL in the name", path=place / "a\0b", code="source_missing")
    yield Source(kind="a name too long", path=place / ("x" * 5000), code="source_unreadable")
    yield Source(kind="one picture", path=place / "a.png", code="source_is_picture")
    yield Source(kind="a tar archive", path=place / "a.tar", code="source_packed")
    yield Source(kind="a gzipped tar archive", path=place / "a.tar.gz", code="source_packed")
    yield Source(kind="a pickle", path=place / "a.pkl", code="source_unknown")
    yield Source(kind="a text without ending", path=place / "notes", code="source_unknown")
    yield Source(kind="an empty file", path=place / "empty", code="source_empty")
