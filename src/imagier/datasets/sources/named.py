"""Data sets with a name: digits, mnist, fashion-mnist, cifar10, usps.

`digits` comes with imagier: 1,797 digits of 8 × 8 pixels in 17 greys, the file of scikit-learn
(its licence stands in `digits.LICENSE.txt`). The others are looked for, in this order: in the
folder that `IMAGIER_DATA` names, among the system's data folders (Debian's package
dataset-fashion-mnist puts one there), in imagier's cache; then they are downloaded into the cache.
`usps`, digits of the American post office, is only looked for, as an NPZ of `x_train` and
`y_train`, with or without `x_test` and `y_test`.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imagier.cache import cache_folder, cache_place
from imagier.datasets.listing import Listing
from imagier.datasets.sources.archive import open_archive
from imagier.datasets.sources.arrays import ArrayPart, list_arrays
from imagier.datasets.sources.cifar import open_cifar
from imagier.datasets.sources.folder import open_folder
from imagier.datasets.sources.idx import idx_files, open_idx_folder
from imagier.datasets.sources.npz import open_npz
from imagier.datasets.sources.remote_file import RemoteFile
from imagier.errors import MachineError
from imagier.ownership import user_folder

__all__ = ["NAMED_SETS", "entry_to_give", "find_named", "open_named"]

FASHION_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_DIGITS = Path(__file__).with_name("digits.csv.gz")
_SYSTEM_FOLDERS = ("/usr/local/share", "/usr/share")


@dataclass(frozen=True, slots=True, kw_only=True)
class _NamedSet:
    """Where a set can be found, and how it is read.

    Attributes:
        read: Opens the set at a path.
        entries: Names under which it may stand in a data folder, the best first.
        files: The files to download; none where the set is offered nowhere.
        mirrors: Where from.
        package: The Debian package that holds it, or an empty string.
    """

    read: Callable[[Path], Listing]
    entries: tuple[str, ...]
    files: tuple[RemoteFile, ...]
    mirrors: tuple[str, ...]
    package: str = ""


def open_named(name: str, *, mirrors: Sequence[str] | None = None) -> Listing:
    """Open one of `NAMED_SETS`.

    Args:
        name: Its name.
        mirrors: Addresses to download from instead of the known ones.

    Raises:
        MachineError: `set_not_found` when it is nowhere on this machine and cannot be downloaded,
            `set_not_offered` when it can be downloaded from nowhere.
    """
    if name == "digits":
        return _open_digits()
    known = _SETS[name]
    path = _find(known) or _download(name, known, known.mirrors if mirrors is None else mirrors)
    return replace(known.read(path), name=name)


def find_named(name: str) -> Path | None:
    """Tell where one of `NAMED_SETS` stands on this machine, without reading or downloading it."""
    if name == "digits":
        return _DIGITS
    known = _SETS[name]
    try:
        cached = cache_place() / "datasets" / name
    except MachineError:
        return _find(known)  # no cache to look into
    if known.files and all((cached / file.name).is_file() for file in known.files):
        return _find(known) or cached
    return _find(known)


def entry_to_give(name: str) -> str | None:
    """Tell what to put into a data folder for a set that nothing offers; None for the others.

    >>> entry_to_give("usps"), entry_to_give("digits")
    ('usps/usps.npz', None)
    """
    known = _SETS.get(name)
    return known.entries[0] if known and not known.files else None


def _open_digits() -> Listing:
    rows = np.loadtxt(_DIGITS, delimiter=",", dtype=np.uint8)
    part = ArrayPart(
        part="",
        pixels=rows[:, :64].reshape(-1, 8, 8, 1),
        labels=[str(digit) for digit in rows[:, 64].tolist()],
    )
    return list_arrays([part], name="digits", path="digits", full_scale=16)


def _find(known: _NamedSet) -> Path | None:
    places = (folder / entry for folder in _data_folders() for entry in known.entries)
    return next((place for place in places if _holds_a_set(place)), None)


def _data_folders() -> Iterator[Path]:
    """Give the folders where data sets may stand, the user's own first, never the current one."""
    if os.environ.get("IMAGIER_DATA"):
        yield Path(os.environ["IMAGIER_DATA"])
    bases = [Path(base) for base in os.environ.get("XDG_DATA_DIRS", "").split(os.pathsep)]
    with suppress(MachineError):  # a user without a home
        bases.insert(0, user_folder("data"))
    for base in dict.fromkeys((*bases, *map(Path, _SYSTEM_FOLDERS))):
        if base.is_absolute():
            yield base / "datasets"


def _holds_a_set(place: Path) -> bool:
    if place.is_dir():
        return bool(idx_files(place)) or any(entry.is_dir() for entry in place.iterdir())
    return place.is_file()


def _download(name: str, known: _NamedSet, mirrors: Sequence[str]) -> Path:
    if not known.files:
        raise MachineError("set_not_offered", name=name, entry=known.entries[0])
    folder = cache_folder("datasets", name)
    from imagier.datasets.sources.download import (
        fetch,  # loads the network's modules: only when needed
    )

    try:
        paths = [fetch(file, folder, mirrors) for file in known.files]
    except MachineError as error:
        if error.code != "download_failed":
            raise
        raise MachineError(
            "set_not_found_packaged" if known.package else "set_not_found",
            name=name,
            entry=known.entries[0],
            package=known.package,
            reason=error.message,
        ) from error
    return folder if len(paths) > 1 else paths[0]


def _open_cifar_set(path: Path) -> Listing:
    if path.is_dir():
        return open_folder(path)
    return open_archive(path) if path.suffix == ".zip" else open_cifar(path)


def _open_fashion(path: Path) -> Listing:
    return open_idx_folder(path, classes=FASHION_CLASSES)


def _idx_files(*facts: tuple[int, str]) -> tuple[RemoteFile, ...]:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        RemoteFile(name=f"{name}-ubyte.gz", size=size, sha256=sha256)
        for name, (size, sha256) in zip(names, facts, strict=True)
    )


_SETS: Mapping[str, _NamedSet] = {
    "mnist": _NamedSet(
        read=open_idx_folder,
        entries=("mnist",),
        files=_idx_files(
            (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
    ),
    "fashion-mnist": _NamedSet(
        read=_open_fashion,
        entries=("fashion-mnist",),
        files=_idx_files(
            (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
        mirrors=(
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        package="dataset-fashion-mnist",
    ),
    "cifar10": _NamedSet(
        read=_open_cifar_set,
        entries=("cifar10", "cifar10-train.zip", "cifar10.zip", "cifar-10-binary.tar.gz"),
        files=(
            RemoteFile(
                name="cifar-10-binary.tar.gz",
                size=170052171,
                sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
        mirrors=("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
    ),
    "usps": _NamedSet(
        read=open_npz,
        entries=("usps/usps.npz", "usps.npz", "usps/usps-train.npz", "usps-train.npz"),
        files=(),
        mirrors=(),
    ),
}
NAMED_SETS = ("digits", *_SETS)
