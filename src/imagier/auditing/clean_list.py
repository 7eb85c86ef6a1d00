"""A table of the pictures to keep: what an audit found is left out, no file is touched.

Left out are the files that cannot be read, all copies that bear two names (nobody but the owner
knows which is right), of other copies all but one, and the names that are surely wrong. Of copies
in two parts the one in the test part is kept, then the one in the validation part: what is tested
stays what it was, and nothing of it is learnt. `imagier train` learns from the table.
"""

import os
from pathlib import Path

import numpy as np

from imagier.answers import AnswerTable
from imagier.auditing.audit import Audit
from imagier.datasets import TableOptions, name_groups, parquet_holds_pictures
from imagier.errors import UsageError
from imagier.files import printable

__all__ = ["SURE", "check_clean_place", "clean_list", "kept_rows"]

SURE = 0.95  # score from which a suspected name is left out of the list
_RANK = {"test": 0, "validation": 1}


def check_clean_place(source: str, table: Path, options: TableOptions | None = None) -> str:
    """Find how paths of the source are written in a table, before any work.

    Args:
        source: What is audited.
        table: Where the table is to stand: in the folder of the pictures or above it, since a table
            never leads out of its own folder.
        options: What is said about the source, a table: its pictures may stand in another folder.

    Returns:
        What stands before each name, such as `photos/`; nothing where both stand in one folder.

    Raises:
        UsageError: `clean_needs_files` or `clean_outside`.
    """
    place = Path(source)
    options = options or TableOptions()
    if not place.exists() or place.suffix.lower() in (".zip", ".npz", ".gz"):
        raise UsageError("clean_needs_files", source=printable(source))
    if parquet_holds_pictures(place, options):
        raise UsageError("clean_needs_files", source=printable(source))
    is_beside = place.is_dir() and options.images is None
    root = Path(os.path.realpath(place if is_beside else options.folder(place)))
    folder = Path(os.path.realpath(table.absolute().parent))
    if not root.is_relative_to(folder):
        raise UsageError("clean_outside", path=printable(table), folder=printable(root))
    before = root.relative_to(folder).as_posix()
    return "" if before == "." else f"{before}/"


def clean_list(audit: Audit, *, before: str = "") -> AnswerTable:
    """Write the table of the pictures to keep: path, label, and part or group where there are any.

    Args:
        audit: What was found.
        before: What stands before each name, as `check_clean_place` tells.
    """
    dataset = audit.dataset
    groups = list(dataset.groups)
    if audit.series is not None and not any(groups):
        told = name_groups(dataset.names, audit.series.pattern)
        labels = [dataset.classes[label] for label in dataset.labels]
        pairs = zip(labels, told, strict=True)
        groups = [f"{label}/{group}" if group else "" for label, group in pairs]
    columns = ["path", "label"]
    more = []
    if any(dataset.parts):
        columns.append("part")
        more.append(dataset.parts)
    if any(groups):
        columns.append("group")
        more.append(tuple(groups))
    rows = [
        (
            before + dataset.names[row],
            dataset.classes[dataset.labels[row]],
            *(column[row] for column in more),
        )
        for row in kept_rows(audit)
    ]
    return AnswerTable(columns=columns, rows=rows)


def kept_rows(audit: Audit) -> list[int]:
    """Choose the pictures to keep, as indices in order."""
    dataset = audit.dataset
    is_kept = np.ones(len(dataset), bool)
    if audit.judgement is not None and not audit.judgement.is_weak:
        errors = audit.judgement.label_errors
        is_kept &= ~(errors.is_suspected & (errors.scores >= SURE))
    for group in audit.duplicates.groups:
        rows = list(group.rows)
        if group.is_conflict:
            is_kept[rows] = False
            continue
        kept = [row for row in rows if is_kept[row]]
        kept.sort(key=lambda row: (_RANK.get(dataset.parts[row], 2), row))
        is_kept[kept[1:]] = False
    return np.flatnonzero(is_kept).tolist()
