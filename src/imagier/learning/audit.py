"""The audit of a source before learning: pictures read once, judged by folds, compared.

`auditing` knows what to look for in arrays; here the arrays come from: the same reading, the same
features of the backbone and the same cache as `imagier train` uses, so that the training after an
audit reads and looks at nothing twice. Names are judged by a head on the features, or on edges for
small pictures, each picture by a head that learnt from others. Of many pictures the 128 principal
axes alone are learnt from, in a tenth of the time.
"""

import os
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.auditing import Audit, Judgement, find_duplicates, find_label_errors, find_series
from imagier.auditing.copies import MOST_COMPARED
from imagier.auditing.cues import MOST_PICTURES, Cue, judge_cues
from imagier.auditing.edge_features import edge_features
from imagier.auditing.picture_cues import corner_cues, file_cues, picture_cues
from imagier.auditing.series import Series
from imagier.datasets import (
    Dataset,
    Listing,
    TableOptions,
    forget_contents,
    group_by_name,
    load,
    name_groups,
    open_source,
    sample,
)
from imagier.datasets.arrays import ArrayPictures
from imagier.errors import PictureError
from imagier.features import View, extract, fit_head, is_backbone_installed, open_backbone
from imagier.i18n import integer, t
from imagier.images import PictureHeader, read_header
from imagier.learning.data import SMALL, group_folds
from imagier.machine import parallel_map
from imagier.testing import wilson

__all__ = ["AuditProgress", "audit_source"]

AuditProgress = Callable[[int, int, str], None]
FOLDS = 5
WHOLE = 1500  # pictures up to which all numbers of a picture are learnt from, in seconds
AXES, SPARE_AXES, POWER_STEPS = 128, 16, 3  # of the numbers that describe one of more pictures
L2_WHOLE, L2_AXES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003), (0.1, 0.03, 0.01, 0.003)
MOST_JUDGED = 200_000
LEAST_JUDGED = 10  # pictures below which nothing is learnt from the others

Numbers = NDArray[np.float32]


def audit_source(
    source: str | os.PathLike[str],
    *,
    group: str | None = None,
    group_from: str | None = None,
    table: TableOptions | None = None,
    label_from: str | None = None,
    follow_links: bool = False,
    seed: int = 0,
    progress: AuditProgress | None = None,
) -> Audit:
    """Find what is wrong with a set of named pictures; nothing is changed.

    Args:
        source: The pictures, as for `imagier train`.
        group: A table's column: pictures of one group are judged together.
        group_from: A regular expression that finds the group in a file's name.
        table: What is said about the other columns and the paths of a table.
        label_from: A regular expression that finds the class in a file's name.
        follow_links: Whether links that lead out of the source are followed.
        seed: Decides folds and what is shuffled.
        progress: Called with what is done, what there is in all, and its name.

    Raises:
        ImagierError: When the source cannot be opened or nothing in it can be used.
    """
    tell = progress or _silent
    listing = open_source(
        source, group=group, table=table, label_from=label_from, follow_links=follow_links
    )
    listing = group_by_name(listing, group_from)
    dataset, described_by = _read(listing, tell)
    headers = _headers(listing, dataset)
    forget_contents(listing.pictures)
    tell(0, 3, t("auditing.phase.copies"))
    duplicates = find_duplicates(dataset)
    vectors, more = _vectors(dataset, described_by, tell)
    tell(1, 3, t("auditing.phase.names"))
    groups = _with_given(duplicates.ids, dataset.groups)
    series, judgement = None, None
    if vectors is not None:
        series = find_series(dataset.names, dataset.labels, vectors, seed=seed)
        judgement = _judge(dataset, vectors, groups, series, described_by, seed)
        more += [] if judgement else [t("auditing.note.uninformed")]
    tell(2, 3, t("auditing.phase.cues"))
    if series is not None:
        groups = _with_given(duplicates.ids, _series_groups(dataset, series))
    cues = _cues(dataset, headers, groups, seed)
    tell(3, 3, t("auditing.phase.cues"))
    notes = [*dataset.notes, *more]
    if not duplicates.is_thorough:
        reason = "too_many_for_copies" if len(dataset) > MOST_COMPARED else "too_small_for_copies"
        notes.append(t(f"auditing.note.{reason}", count=integer(len(dataset))))
    return Audit(
        dataset=dataset,
        unreadable=dataset.skipped,
        duplicates=duplicates,
        judgement=judgement,
        cues=cues,
        series=None if group_from or any(dataset.groups) else series,
        headers=headers,
        notes=tuple(notes),
        seed=seed,
    )


def _read(listing: Listing, tell: AuditProgress) -> tuple[Dataset, str]:
    """Prepare the pictures as `imagier train` would, and choose how they are described."""
    some = sample(listing)
    whole = some.choose(limit=2 * SMALL)
    is_photo = whole.ink is None and max(whole.height, whole.width) > SMALL
    described_by = "features" if is_photo and is_backbone_installed() else "edges"
    if described_by == "features":
        settings = some.choose(limit=open_backbone("features").side, fit="crop-pad")
    else:
        settings = some.choose(limit=SMALL)
    text = t("auditing.phase.reading")
    dataset = load(listing, settings, progress=lambda done, total: tell(done, total, text))
    return dataset, described_by


def _headers(listing: Listing, dataset: Dataset) -> list[PictureHeader | None]:
    """Read the headers of the files; None for each picture that stands in an array."""
    if isinstance(listing.pictures, ArrayPictures):
        return [None] * len(dataset)
    rows = {name: row for row, name in enumerate(listing.names)}

    def read(name: str) -> PictureHeader | None:
        try:
            return read_header(listing.pictures.read(rows[name]))
        except PictureError:  # the file has gone meanwhile
            return None

    return list(parallel_map(read, dataset.names))


def _vectors(
    dataset: Dataset, described_by: str, tell: AuditProgress
) -> tuple[Numbers | None, list[str]]:
    """Describe each picture by numbers; None where pictures are too few or too many."""
    count = len(dataset)
    if count < LEAST_JUDGED or len(np.unique(dataset.labels)) < 2:
        return None, [t("auditing.note.too_few")]
    if count > MOST_JUDGED:
        return None, [t("auditing.note.too_many", count=integer(count), most=integer(MOST_JUDGED))]
    if described_by == "edges":
        return _principal(edge_features(dataset.pixels)), []
    backbone, text = open_backbone("features"), t("auditing.phase.features")
    for step in extract(
        backbone,
        dataset.pixels,
        dataset.hashes,
        prepare=dataset.prepare,
        view=View(side=backbone.side),
    ):
        tell(step.done, step.total, text)
    return _principal(np.asarray(step.features, np.float32)), list(step.notes)


def _principal(table: Numbers) -> Numbers:
    """Turn numbers of mean 0 and deviation 1 to the axes along which they differ most.

    Of few pictures nothing is left out: 128 axes, each stretched alike, would be mostly noise.

    Source: N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM
    Review, 2011: a random subspace turns to these axes in few products.
    """
    if len(table) <= WHOLE:
        return table
    standard = table - table.mean(axis=0)
    standard /= np.maximum(standard.std(axis=0), 1e-6)
    width = min(AXES + SPARE_AXES, *standard.shape)
    rng = np.random.default_rng(0)  # where the search for the axes begins
    basis = rng.standard_normal((standard.shape[1], width), np.float32)
    for _ in range(POWER_STEPS):
        basis = np.linalg.qr(standard.T @ (standard @ basis))[0]
    turned = standard @ basis
    axes = np.linalg.eigh(turned.T @ turned)[1][:, ::-1][:, :AXES]
    return np.asarray(turned @ axes)


def _with_given(ids: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.int64]:
    """Give pictures of a group that has a name one number, others that of their copies."""
    first: dict[str, int] = {}
    groups = ids.copy()
    for row, name in enumerate(names):
        if name:
            groups[row] = first.setdefault(name, int(ids[row]))
    return groups


def _judge(
    dataset: Dataset,
    vectors: Numbers,
    groups: NDArray[np.int64],
    series: Series | None,
    described_by: str,
    seed: int,
) -> Judgement | None:
    said = _held_out(dataset, vectors, groups, seed)
    if said is None or not _is_informed(said, dataset.labels):
        return None
    by_series = None
    if series is not None:
        apart = _held_out(
            dataset, vectors, _with_given(groups, _series_groups(dataset, series)), seed
        )
        by_series = None if apart is None else _accuracy(apart, dataset.labels)
    return Judgement(
        label_errors=find_label_errors(said, dataset.labels),
        accuracy=_accuracy(said, dataset.labels),
        accuracy_by_series=by_series,
        described_by=described_by,
    )


def _series_groups(dataset: Dataset, series: Series) -> list[str]:
    """Name the group of each picture by its class and what the pattern finds in its name."""
    told = name_groups(dataset.names, series.pattern)
    return [f"{label}/{name}" for label, name in zip(dataset.labels.tolist(), told, strict=True)]


def _is_informed(said: Numbers, labels: NDArray[np.int64]) -> bool:
    """Tell whether more of the names are met than the most frequent one would meet."""
    right = int((said.argmax(axis=1) == labels).sum())
    most = int(np.bincount(labels).max())
    return wilson(right, len(labels))[0] > most / len(labels)


def _held_out(
    dataset: Dataset, vectors: Numbers, groups: NDArray[np.int64], seed: int
) -> Numbers | None:
    """Give what heads say of pictures that they have not learnt from, (N, K)."""
    rows = np.arange(len(dataset))
    folds = group_folds(dataset, groups, rows, FOLDS, seed=seed)
    if len(np.unique(folds)) < 2:
        return None
    weights = (1.0,) * len(dataset.classes)
    values = L2_WHOLE if len(dataset) <= WHOLE else L2_AXES
    return fit_head(
        vectors, dataset.labels, folds, class_weights=weights, l2_values=values
    ).held_out


def _accuracy(said: Numbers, labels: NDArray[np.int64]) -> float:
    return float((said.argmax(axis=1) == labels).mean())


def _cues(
    dataset: Dataset,
    headers: list[PictureHeader | None],
    groups: NDArray[np.int64],
    seed: int,
) -> tuple[Cue, ...]:
    """Judge what may give the classes away, on some of the pictures where there are many."""
    rows = _evenly(dataset.labels, MOST_PICTURES, seed)
    is_ink = dataset.prepare.ink is not None
    cues = file_cues([headers[row] for row in rows])
    pictures = _whole_pictures(dataset, rows)
    if is_ink:  # how much ink there is belongs to what it shows, and so does what it compresses to
        cues.pop("bytes_per_pixel", None)
        cues = corner_cues(pictures) | cues
    else:
        cues = picture_cues(pictures) | cues
    if not cues:
        return ()
    folds = group_folds(dataset, groups, rows, FOLDS, seed=seed)
    return judge_cues(cues, dataset.labels[rows], folds, classes=len(dataset.classes), seed=seed)


def _evenly(labels: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """Choose pictures by lot, of rare classes all before any more of the frequent ones, (n,)."""
    order = np.random.default_rng(seed).permutation(len(labels))
    turn = np.empty(len(labels), np.int64)  # how many of its class come before it
    for label in np.unique(labels):
        members = order[labels[order] == label]
        turn[members] = np.arange(len(members))
    return np.sort(order[np.argsort(turn[order], kind="stable")[:most]])


def _whole_pictures(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Give pictures with their corners: thumbnails, or what was prepared where some have none."""
    if dataset.thumbnails is not None:
        thumbnails = dataset.thumbnails[rows]
        if thumbnails.any(axis=(1, 2, 3)).all():  # that of a picture too small is black
            return thumbnails
    return dataset.pixels[rows]


def _silent(done: int, total: int, text: str) -> None:
    """Say nothing."""
