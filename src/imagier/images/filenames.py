"""What a file's name alone says: a picture, something beside pictures, or clutter of the system.

The name never decides that a file *is* a picture: that is decided by its content. It only decides
which files are not worth a word: `Thumbs.db`, `.DS_Store`, a README or a sheet of remarks.
"""

import os
from collections.abc import Mapping

from imagier.i18n import integer, t

__all__ = [
    "MODEL_KIND",
    "has_picture_ending",
    "is_clutter",
    "is_companion",
    "is_model",
    "kind",
    "may_name_pictures",
    "passed_over_note",
]

MODEL_KIND = ".imagier"
_MODEL = ("model.json", "model.onnx")

_CLUTTER = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
        "__macosx",
        "__pycache__",
        "@eadir",
        "$recycle.bin",
        "system volume information",
    }
)
_PICTURES = frozenset(
    (
        *("jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff"),
        *("heic", "heif", "avif", "jp2", "jxl", "ppm", "pgm", "pbm", "pnm", "ico", "mpo"),
    )
)
_TABLES = frozenset(("csv", "tsv", "jsonl", "ndjson", "parquet"))
_COMPANIONS = frozenset(
    (
        *(
            "txt",
            "md",
            "rst",
            "html",
            "htm",
            "css",
            "js",
            "py",
            "ipynb",
            "log",
            "licence",
            "license",
        ),
        *("csv", "tsv", "json", "jsonl", "ndjson", "xml", "yaml", "yml", "toml", "ini", "cfg"),
        *(
            "db",
            "sqlite",
            "npy",
            "npz",
            "parquet",
            "pkl",
            "pickle",
            "pt",
            "pth",
            "onnx",
            "h5",
            "mat",
        ),
        *("zip", "gz", "bz2", "xz", "tar", "tgz", "7z", "rar", "part", "sha1", "sha256", "md5"),
        *("xmp", "aae", "lnk", "url", "xls", "xlsx", "ods", "doc", "docx", "odt"),
    )
)


def is_clutter(name: str) -> bool:
    """Tell whether the system or a program left this file or folder, hidden ones included.

    >>> is_clutter(".ipynb_checkpoints"), is_clutter("._cat.jpg"), is_clutter("cat.jpg")
    (True, True, False)
    """
    return name.startswith(".") or name.casefold() in _CLUTTER


def is_model(folder: str) -> bool:
    """Tell whether a folder is a model that imagier wrote: its pictures are copies of others."""
    names = (os.path.join(folder, name) for name in _MODEL)  # noqa: PTH118 - of each folder met
    return all(map(os.path.isfile, names))


def is_companion(name: str) -> bool:
    """Tell whether a file is of a kind that stands beside pictures: texts, tables, archives.

    >>> is_companion("README.txt"), is_companion("LICENSE"), is_companion("IMG_0001")
    (True, True, False)
    """
    return _ending(name) in _COMPANIONS or name.casefold() in {"readme", "licence", "license"}


def may_name_pictures(name: str) -> bool:
    """Tell whether a file may be a table of pictures and their names.

    >>> may_name_pictures("train.csv"), may_name_pictures("val_annotations.txt")
    (True, True)
    >>> may_name_pictures("README.txt"), may_name_pictures(".csv")
    (False, False)
    """
    if is_clutter(name):
        return False
    told = any(word in name.casefold() for word in ("label", "annotation", "étiquette"))
    return _ending(name) in _TABLES or (_ending(name) == "txt" and told)


def has_picture_ending(name: str) -> bool:
    """Tell whether a file's name ends as a picture's does, whatever is in it."""
    return _ending(name) in _PICTURES


def kind(name: str) -> str:
    """Name the kind of a file that is passed over: its ending, else its whole name.

    >>> kind("Remarks.TXT"), kind(".DS_Store"), kind("Thumbs.db")
    ('.txt', '.DS_Store', 'Thumbs.db')
    """
    if name.startswith("._"):
        return "._*"
    if is_clutter(name) or "." not in name:
        return name
    return "." + _ending(name)


def passed_over_note(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Say in at most one sentence how many files were passed over, with the commonest kinds."""
    total = sum(counts.values())
    if not total:
        return ()
    commonest = sorted(counts, key=lambda name: (-counts[name], name))[:5]
    kinds = ", ".join(f"{name} × {counts[name]}" for name in commonest)
    return (t("images.passed_over", n=total, count=integer(total), kinds=kinds),)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
