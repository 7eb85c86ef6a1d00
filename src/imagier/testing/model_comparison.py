"""Several saved models on the same pictures: who names more of them right, and is it luck?

Each model sees every picture in its own way, and all answer the same ones: those that none of them
learnt from. Two models are compared by the pictures that only one of them names right
(`imagier.testing.comparison`), all pairs of several with a correction for their number. Choosing
the best of them is a choice made on these pictures: each evaluation is written down as
`imagier test` does.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from imagier.datasets import (
    Dataset,
    Listing,
    TableOptions,
    load,
    open_source,
    with_known_numbers,
)
from imagier.errors import DataError, ModelError, UsageError
from imagier.files import content_hash, printable
from imagier.i18n import integer
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.history import read_history
from imagier.testing.comparison import compare_answers, holm
from imagier.testing.comparison_result import (
    ComparedModel,
    DifferingPicture,
    ModelComparison,
    ModelPair,
)
from imagier.testing.evaluation import Evaluation, evaluate
from imagier.testing.evaluation_log import record_evaluation, set_hash
from imagier.testing.gallery import thumbnail
from imagier.testing.leakage import known_pictures, rows_to_test
from imagier.testing.metrics import Integers
from imagier.testing.opened_sets import record_opening
from imagier.testing.pipeline import checked_changes, chosen_part, evaluation_number
from imagier.testing.set_cautions import listed

__all__ = ["compare_models"]

MOST_MODELS = 20  # 190 pairs
MOST_ALIKE, MOST_SHOWN = 24, 240  # pictures kept, of those that the same models name right; in all
Progress = Callable[[int, int], None]
Name = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entrant:
    """One model with what it sees."""

    path: Path
    name: str
    recognizer: Recognizer
    dataset: Dataset


def compare_models(
    models: Sequence[Name],
    source: Name,
    *,
    part: str | None = None,
    table: TableOptions | None = None,
    label_from: str | None = None,
    follow_links: bool = False,
    progress: Progress | None = None,
) -> ModelComparison:
    """Let several models name the same pictures, and compare them pair by pair.

    Args:
        models: Their folders or single ONNX files, two at least.
        source: The pictures with their names: anything that `imagier train` accepts.
        part: `train`, `validation`, `test` or `all`; with none, the test part, else everything.
        table: What is said about the columns and paths of a table.
        label_from: A regular expression that finds the class in a file's name.
        follow_links: Whether links that lead out of the source are followed.
        progress: Called with the pictures done and the pictures in all, reading and naming alike.

    Raises:
        UsageError: `compare_too_few`, `compare_too_many`, `compare_same`; `model_reads_lines`, when
            one of them names no pictures.
        ModelError: `compare_classes`, when the models do not know the same classes; or a model
            cannot be used.
        DataError: `compare_overlap`, when the pictures hold some that one of the models learnt
            from, and none that it set aside; `compare_nothing`, when no picture is left that none
            of them learnt from; `no_such_part`, `nothing_to_test` or `unknown_labels`.
    """
    _check_models(models)
    names = _names(models)
    recognizers = [load_recognizer(model) for model in models]
    for recognizer in recognizers:
        recognizer.check_names()
    for model in models:
        checked_changes(Path(model))
    _check_classes(names, recognizers)
    listing = open_source(source, table=table, label_from=label_from, follow_links=follow_links)
    listing = with_known_numbers(chosen_part(listing, part), recognizers[0].classes)
    entrants = [
        _Entrant(path=Path(model), name=name, recognizer=recognizer, dataset=dataset)
        for model, name, recognizer, dataset in zip(
            models, names, recognizers, _datasets(listing, recognizers, progress), strict=True
        )
    ]
    rows, is_known = _rows(entrants)
    evaluations = [
        evaluate(one.recognizer, one.dataset, rows, progress=progress) for one in entrants
    ]
    _check_labels(entrants, evaluations)
    compared = tuple(
        _record(one, evaluation, source=printable(listing.name))
        for one, evaluation in zip(entrants, evaluations, strict=True)
    )
    dataset = entrants[0].dataset
    return ModelComparison(
        source=printable(listing.name),
        n=len(rows),
        classes=tuple(map(printable, recognizers[0].classes)),
        models=compared,
        pairs=_pairs(evaluations),
        differing=_differing(entrants, evaluations, rows),
        left_out=len(dataset) - len(rows),
        is_known=is_known,
        skipped=dataset.skipped,
        counts=tuple(np.bincount(evaluations[0].labels, minlength=len(recognizers[0].classes))),
        notes_of_data=dataset.notes,
    )


def _check_models(models: Sequence[Name]) -> None:
    if len(models) < 2:
        raise UsageError("compare_too_few")
    if len(models) > MOST_MODELS:
        raise UsageError("compare_too_many", most=MOST_MODELS, received=len(models))
    seen: set[str] = set()
    for model in models:
        place = os.path.realpath(model)
        if place in seen:
            raise UsageError("compare_same", model=printable(Path(model)))
        seen.add(place)


def _names(models: Sequence[Name]) -> list[str]:
    """Call each by its last name, by its whole path where two have the same."""
    short = [Path(model).name for model in models]
    return [
        printable(name if short.count(name) == 1 else Path(model))
        for name, model in zip(short, models, strict=True)
    ]


def _check_classes(names: Sequence[str], recognizers: Sequence[Recognizer]) -> None:
    first = set(recognizers[0].classes)
    for name, recognizer in zip(names[1:], recognizers[1:], strict=True):
        if set(recognizer.classes) != first:
            more = listed(sorted(set(recognizer.classes) - first), 5) or "–"
            less = listed(sorted(first - set(recognizer.classes)), 5) or "–"
            raise ModelError("compare_classes", first=names[0], second=name, less=less, more=more)


def _datasets(
    listing: Listing, recognizers: Sequence[Recognizer], progress: Progress | None
) -> list[Dataset]:
    """Prepare the pictures for each model; once for those that see them alike."""
    found: list[Dataset] = []
    for recognizer in recognizers:
        alike = next((d for d in found if d.prepare == recognizer.prepare), None)
        dataset = alike or load(listing, recognizer.prepare, progress=progress)
        if not len(dataset):
            raise DataError("nothing_to_test", source=printable(dataset.name))
        found.append(dataset)
    if all(dataset.names == found[0].names for dataset in found):
        return found
    common = set.intersection(*(set(dataset.names) for dataset in found))
    return [  # what one of them could not decode at its size is left out for all
        dataset.take(row for row, name in enumerate(dataset.names) if name in common)
        for dataset in found
    ]


def _rows(entrants: Sequence[_Entrant]) -> tuple[Integers, bool]:
    """Choose the pictures that no model learnt from; and whether each says what it learnt from."""
    n = len(entrants[0].dataset)
    kept, is_known = np.ones(n, bool), True
    for one in entrants:
        known = known_pictures(one.recognizer.artifacts, key=one.recognizer.card.key)
        is_known = is_known and known is not None
        try:
            rows, _ = rows_to_test(one.dataset, known)
        except DataError as error:
            overlap = error.facts.get("overlap", integer(n))
            facts = {"source": printable(one.dataset.name), "model": one.name}
            raise DataError(
                "compare_overlap", overlap=overlap, count=integer(n), **facts
            ) from error
        kept &= np.isin(np.arange(n), rows)
    if not kept.any():
        raise DataError("compare_nothing", source=printable(entrants[0].dataset.name))
    return np.flatnonzero(kept), is_known


def _check_labels(entrants: Sequence[_Entrant], evaluations: Sequence[Evaluation]) -> None:
    """Make sure that a name none knows counts as the same class for all."""
    true = [_labels(one, found) for one, found in zip(entrants, evaluations, strict=True)]
    for one, labels in zip(entrants[1:], true[1:], strict=True):
        if labels != true[0]:
            others = [entrant.recognizer.card.other or "–" for entrant in (entrants[0], one)]
            facts = {"less": printable(others[0]), "more": printable(others[1])}
            raise ModelError("compare_classes", first=entrants[0].name, second=one.name, **facts)


def _labels(one: _Entrant, found: Evaluation) -> list[str]:
    return [one.recognizer.classes[label] for label in found.labels.tolist()]


def _answers(one: _Entrant, found: Evaluation) -> list[str]:
    return [one.recognizer.classes[label] for label in found.predicted.tolist()]


def _record(one: _Entrant, found: Evaluation, *, source: str) -> ComparedModel:
    key = one.recognizer.card.key
    fingerprint = set_hash(np.asarray(one.dataset.hashes)[found.indices], key=key)
    count = evaluation_number(one.path, fingerprint, read_history(one.recognizer.artifacts))
    record_opening(
        set_hash(np.asarray(one.dataset.hashes)[found.indices]), content_hash(one.recognizer.onnx)
    )
    if count is not None:
        record_evaluation(
            one.path,
            fingerprint=fingerprint,
            source=None if key else source,
            n=found.score.n,
            accuracy=found.score.accuracy,
        )
    return ComparedModel(name=one.name, score=found.score, evaluation_count=count)


def _pairs(evaluations: Sequence[Evaluation]) -> tuple[ModelPair, ...]:
    places = list(combinations(range(len(evaluations)), 2))
    found = [
        compare_answers(evaluations[first].is_right, evaluations[second].is_right)
        for first, second in places
    ]
    corrected = holm([one.p_value for one in found])
    return tuple(
        ModelPair(first=first, second=second, comparison=one, p_corrected=p)
        for (first, second), one, p in zip(places, found, corrected, strict=True)
    )


def _differing(
    entrants: Sequence[_Entrant], evaluations: Sequence[Evaluation], rows: Integers
) -> tuple[DifferingPicture, ...]:
    """Give the pictures not answered alike: those that some name right first, then the surest."""
    answers = list(zip(*map(_answers, entrants, evaluations), strict=True))
    labels = _labels(entrants[0], evaluations[0])
    sure = np.stack([found.confidence for found in evaluations], axis=1)
    names = entrants[0].dataset.names
    at = [place for place, said in enumerate(answers) if len(set(said)) > 1]
    found = [
        DifferingPicture(
            name=printable(names[rows[place]]),
            label=printable(labels[place]),
            answers=tuple(map(printable, answers[place])),
            probabilities=tuple(map(float, sure[place])),
        )
        for place in at
    ]
    order = sorted(
        range(len(found)),
        key=lambda place: (not found[place].right, -max(found[place].probabilities)),
    )
    finest = max((one.dataset for one in entrants), key=lambda one: one.pixels[0].size)
    return tuple(_with_pictures([(found[place], int(rows[at[place]])) for place in order], finest))


def _with_pictures(
    found: Sequence[tuple[DifferingPicture, int]], dataset: Dataset
) -> Iterator[DifferingPicture]:
    """Keep a small copy of the first of each kind, so that a page stays small."""
    kept: Counter[tuple[int, ...]] = Counter()
    for one, row in found:
        if kept[one.right] >= MOST_ALIKE or kept.total() >= MOST_SHOWN:
            yield one
            continue
        kept[one.right] += 1
        full_scale = dataset.prepare.full_scale
        yield replace(one, content=thumbnail(dataset.pixels[row], full_scale=full_scale))
