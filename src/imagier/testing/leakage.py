"""Pictures that a recogniser learnt from cannot test it.

The model folder keeps the hash of each picture and its part in `split.csv`. Pictures whose hash
stands there as learnt from, or as used for choosing (validation), are left out of any later test,
and the report counts them. When nothing else remains, the test is refused: accuracy on what was
learnt is not a figure that imagier gives. Identical pixels are found, whatever the file is called;
a copy that was cropped or compressed again is not. A model made without pictures keeps the hashes
under a key of its own (`imagier.datasets.keyed_hashes`).
"""

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from imagier.datasets.keyed_hashes import keyed_hash
from imagier.datasets.splitting.split_file import key_of
from imagier.errors import DataError, ModelError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.testing.metrics import Integers

if TYPE_CHECKING:
    from imagier.datasets import Dataset

__all__ = ["learnt_hashes", "unseen"]

LEARNT = {"train", "validation"}
MAX_SPLIT = 128 * 2**20  # bytes of `split.csv` that are read back: a million pictures and more


def learnt_hashes(artifacts: Mapping[str, bytes]) -> frozenset[str] | None:
    """Read which pictures a model learnt from; None when the model does not say.

    Args:
        artifacts: The model folder's other files.

    Returns:
        Their hashes, under the key that the model's card holds, if it holds one.

    Raises:
        ModelError: `split_damaged`, when `split.csv` cannot be read.
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
        rows = ((row[1], row[3]) for row in reader if row)
        return frozenset(hash_ for hash_, part in rows if part in LEARNT)
    except (IndexError, UnicodeDecodeError, csv.Error) as error:
        raise ModelError("split_damaged", reason=printable(str(error))) from error


def unseen(
    dataset: "Dataset", indices: Integers, learnt: frozenset[str], *, key: str = ""
) -> Integers:
    """Keep the rows whose pictures were not learnt from.

    Args:
        dataset: The pictures.
        indices: The rows.
        learnt: The hashes of those learnt from.
        key: The key of these hashes; empty where they are plain.

    Raises:
        DataError: `all_seen`, when none remains.
    """
    hashes = np.asarray(dataset.hashes)[indices].tolist()
    kept = indices[[keyed_hash(name, key) not in learnt for name in hashes]]
    if len(indices) and not len(kept):
        n = len(indices)
        raise DataError("all_seen", source=printable(dataset.name), n=n, count=integer(n))
    return kept
