"""Pictures that a recogniser learnt from cannot test it.

The model folder keeps the hash of each picture and its part in `split.csv`. Where a source holds
the pictures that were set aside for the test of this model, as the source does that it was made
from, those learnt from or used for choosing (validation) are left out, and the report counts them.
Any other test set that holds some of them is refused: accuracy on what was learnt is no figure of a
test. Who allows it gets the figures, each marked.

Identical pixels are found, whatever the file is called. Of photos `signatures.safetensors` keeps
what copies are known by too: saved again, at another size, mirrored, turned (not cropped). A model
made without pictures keeps none of that, and its hashes under a key of its own
(`imagier.datasets.keyed_hashes`).
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.keyed_hashes import keyed_hash
from imagier.datasets.splitting import Signatures
from imagier.datasets.splitting.split_file import key_of
from imagier.errors import DataError, ModelError, Refused
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.recognizer.weights import read_weights
from imagier.testing.metrics import Integers

if TYPE_CHECKING:
    from imagier.datasets import Dataset

__all__ = ["SIGNATURES", "Compared", "KnownPictures", "known_pictures", "rows_to_test"]

SIGNATURES = "signatures.safetensors"
SHOWN = 3  # pictures of an overlap that are named
LEARNT = {"train", "validation"}
MAX_SPLIT = 128 * 2**20  # bytes of `split.csv` that are read back: a million pictures and more


Compared = Literal["copies", "pixels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPictures:
    """The pictures that a model was made with, by their hashes.

    Attributes:
        learnt: Those it learnt from or was chosen with.
        set_aside: Those of its own test that are not among them.
        chosen_with: Those of the first that only chose, by validation.
        key: The key of these hashes; empty where they are plain.
        signatures: What copies of those learnt from are known by; None where nothing is kept.
    """

    learnt: frozenset[str]
    set_aside: frozenset[str]
    key: str = ""
    signatures: Signatures | None = None
    chosen_with: frozenset[str] = frozenset()

    def are_learnt(self, hashes: Iterable[str]) -> NDArray[np.bool_]:
        """Tell of each picture, (n,), by its plain hash, whether it was learnt from."""
        return self._are_in(hashes, self.learnt)

    def are_set_aside(self, hashes: Iterable[str]) -> NDArray[np.bool_]:
        """Tell of each picture, (n,), by its plain hash, whether it was set aside for the test."""
        return self._are_in(hashes, self.set_aside)

    def are_chosen_with(self, hashes: Iterable[str]) -> NDArray[np.bool_]:
        """Tell of each picture, (n,), by its plain hash, whether it only chose."""
        return self._are_in(hashes, self.chosen_with)

    def are_copies(self, dataset: "Dataset") -> NDArray[np.bool_]:
        """Tell of each picture, (n,), whether it is a copy of one learnt from, and not it itself.

        Those set aside for the test are none, however much they resemble one.
        """
        if self.signatures is None or dataset.thumbnails is None:
            return np.zeros(len(dataset), bool)
        hashes = np.asarray(dataset.hashes).tolist()
        known = self.are_learnt(hashes) | self.are_set_aside(hashes)
        return self.signatures.resembled_by(dataset.thumbnails) & ~known

    def compared(self, dataset: "Dataset") -> Compared | None:
        """Tell how pictures learnt from are looked for in a data set; None where copies are none.

        Pictures under 64 pixels have too little in them for a copy to be told from another one.
        """
        if dataset.thumbnails is None:
            return None
        return "pixels" if self.signatures is None else "copies"

    def _are_in(self, hashes: Iterable[str], some: frozenset[str]) -> NDArray[np.bool_]:
        return np.array([keyed_hash(name, self.key) in some for name in hashes], bool)


def known_pictures(artifacts: Mapping[str, bytes], *, key: str = "") -> KnownPictures | None:
    """Read which pictures a model learnt from; None when the model does not say.

    Args:
        artifacts: The model folder's other files.
        key: The key that the model's card holds, if it holds one.

    Raises:
        ModelError: `split_damaged` or `weights_damaged`, when the files cannot be read.
    """
    content = artifacts.get("split.csv")
    if content is None:
        return None
    if len(content) > MAX_SPLIT:
        raise ModelError("split_damaged", reason=t("refused.too_large", limit=MAX_SPLIT // 2**20))
    try:
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""), strict=True)
        header = next(reader, [])
        if key_of(header) is None:
            raise ModelError("split_damaged", reason=printable(",".join(header))[:80])
        rows = [(row[1], row[3]) for row in reader if row]
    except (IndexError, UnicodeDecodeError, csv.Error) as error:
        raise ModelError("split_damaged", reason=printable(str(error))) from error
    learnt = frozenset(hash_ for hash_, part in rows if part in LEARNT)
    set_aside = frozenset(hash_ for hash_, part in rows if part == "test") - learnt
    taught = frozenset(hash_ for hash_, part in rows if part == "train")
    return KnownPictures(
        learnt=learnt,
        set_aside=set_aside,
        key=key,
        signatures=_signatures(artifacts),
        chosen_with=learnt - taught,
    )


def _signatures(artifacts: Mapping[str, bytes]) -> Signatures | None:
    content = artifacts.get(SIGNATURES)
    if content is None:
        return None
    tables = read_weights(content, path=SIGNATURES)
    try:
        return Signatures.of_tables(tables)
    except ValueError as error:
        refused = Refused("table_header", name=ascii(str(error)))
        raise refused.as_error("weights_damaged", path=SIGNATURES) from None


def rows_to_test(
    dataset: "Dataset", known: KnownPictures | None, *, allow_overlap: bool = False
) -> tuple[Integers, NDArray[np.bool_]]:
    """Choose which pictures of a data set test a model.

    Args:
        dataset: The pictures.
        known: What the model was made with; None when it does not say.
        allow_overlap: Whether pictures that were learnt from are tested all the same.

    Returns:
        The rows that are tested, and of each row of the data set whether it was learnt from.

    Raises:
        DataError: `overlap`, when a test set holds pictures that were learnt from; `all_seen`,
            when it holds nothing else.
    """
    rows: Integers = np.arange(len(dataset), dtype=np.int64)
    if known is None:
        return rows, np.zeros(len(rows), bool)
    hashes = np.asarray(dataset.hashes).tolist()
    are_copies = known.are_copies(dataset)
    are_learnt = known.are_learnt(hashes) | are_copies
    overlap, n = int(are_learnt.sum()), len(rows)
    if allow_overlap or not overlap:
        return rows, are_learnt
    facts = {"source": printable(dataset.name), "count": integer(n)}
    if overlap == n:
        raise DataError("all_seen", n=n, **facts)
    if not known.are_set_aside(hashes).any():
        hint = _names(dataset, are_learnt) + _copies(are_copies)
        raise DataError("overlap", n=overlap, overlap=integer(overlap), hint=hint, **facts)
    return rows[~are_learnt], are_learnt


def _names(dataset: "Dataset", chosen: NDArray[np.bool_]) -> str:
    names = [printable(dataset.names[row]) for row in np.flatnonzero(chosen)[:SHOWN].tolist()]
    return t("testing.overlap_names", n=int(chosen.sum()), names=", ".join(names))


def _copies(are_copies: NDArray[np.bool_]) -> str:
    n = int(are_copies.sum())
    return t("testing.overlap_copies", n=n, count=integer(n)) if n else ""
