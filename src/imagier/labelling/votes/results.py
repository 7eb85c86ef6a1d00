"""What `imagier votes` answers: which labels are settled, how well annotators agree, who errs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.errors import did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.labelling.votes.annotators import AnnotatorReport, annotator_reports
from imagier.labelling.votes.plots import draw_annotators
from imagier.labelling.votes.settlement import Settlement, VoteOptions, settle_votes
from imagier.labelling.votes.truth import Hits, TruthComparison, compare_with_truth
from imagier.labelling.votes.vote_files import KnownLabels, read_known, read_votes
from imagier.labelling.votes.vote_table import Votes
from imagier.labelling.votes.wording import (
    agreement_lines,
    annotator_lines,
    confusion_lines,
    control_lines,
    settled_lines,
    truth_lines,
)

__all__ = ["ConfusedLabels", "VoteResult", "settle_table"]

_MOST_CONFUSIONS = 3
_LEAST_SHARE = 0.02
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedLabels:
    """A label that is taken for another, by all annotators together.

    Attributes:
        true: What it is.
        given: What is said.
        share: Of the votes on it.
    """

    true: str
    given: str
    share: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class VoteResult(Shown):
    """What the votes of a table say.

    Attributes:
        source: The table, as it was named.
        found: What they say.
        truth: How near it comes to a truth that is known; None without.
        remarks: How the tables were read.
    """

    source: str
    found: Settlement
    truth: TruthComparison | None = None
    remarks: tuple[str, ...] = ()

    @cached_property
    def annotators(self) -> list[AnnotatorReport]:
        """All annotators, the least accurate first."""
        return annotator_reports(self.found)

    @cached_property
    def confusions(self) -> list[ConfusedLabels]:
        """The most frequent errors of all annotators together."""
        counts, labels = self.found.model.confusion, self.found.votes.labels
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
        np.fill_diagonal(counts, 0)
        order = np.argsort(-counts, axis=None, kind="stable")[:_MOST_CONFUSIONS]
        places = zip(*np.unravel_index(order, counts.shape), strict=True)
        found = (
            ConfusedLabels(true=labels[true], given=labels[given], share=float(shares[true, given]))
            for true, given in places
            if counts[true, given] > 0
        )
        return [one for one in found if one.share >= _LEAST_SHARE]

    @property
    def notes(self) -> tuple[str, ...]:
        """How the tables were read, and which votes do not count."""
        faults, said = self.found.votes.faults, list(self.remarks)
        for key in ("incomplete", "repeated"):
            n = getattr(faults, key)
            if n:
                said.append(t(f"votes.{key}", n=n, count=integer(n)))
        n = len(faults.contradicted)
        if n:
            names = "; ".join(map(printable, faults.contradicted[:_NAMED])) + "; …" * (n > _NAMED)
            said.append(t("votes.contradicted", n=n, count=integer(n), names=names))
        said += _near_labels(self.found.votes.labels)
        if not self.found.model.has_settled:
            said.append(t("votes.not_converged"))
        return tuple(said)

    def lines(self) -> Iterator[str]:
        """Give what is settled first, then agreement, controls, annotators, truth."""
        found = self.found
        yield t(
            "votes.title",
            name=printable(self.source),
            items=integer(len(found.votes.items)),
            annotators=integer(len(found.votes.annotators)),
            votes=integer(len(found.votes)),
            labels=integer(len(found.votes.labels)),
        )
        yield from settled_lines(found)
        if found.controls is None and self.truth is None:
            yield t("votes.caution")
        yield ""
        yield from agreement_lines(found.agreement)
        yield from control_lines(found, self.annotators)
        if self.truth is not None:
            yield ""
            yield from truth_lines(self.truth, found.options)
        yield ""
        yield from annotator_lines(self.annotators)
        if self.confusions:
            yield ""
            yield t("votes.confusions")
            yield from confusion_lines(self.confusions)

    def to_json(self) -> dict[str, Any]:
        """Give everything but the label of each item, which stands in the table."""
        found, votes, faults = self.found, self.found.votes, self.found.votes.faults
        model = found.model.probabilities.argmax(axis=1)
        differ = np.flatnonzero(found.majority != model).tolist()
        return {
            "source": printable(self.source),
            "items": len(votes.items),
            "annotators": [_annotator_json(one) for one in self.annotators],
            "labels": list(votes.labels),
            "votes": len(votes),
            "left_out": {
                "incomplete": faults.incomplete,
                "repeated": faults.repeated,
                "contradicted": list(faults.contradicted),
            },
            "confidence": found.options.confidence if found.options.majority is None else None,
            "majority": found.options.majority,
            "least": found.options.least,
            "settled": int(found.is_settled.sum()),
            "unsettled": [votes.items[place] for place in np.flatnonzero(~found.is_settled)],
            "tied": [votes.items[place] for place in np.flatnonzero(found.is_tied)],
            "differences": [
                {
                    "item": votes.items[place],
                    "majority": votes.labels[found.majority[place]],
                    "dawid_skene": votes.labels[model[place]],
                    "probability": float(found.model.probabilities[place].max()),
                }
                for place in differ
            ],
            "agreement": _agreement_json(found),
            "controls": _controls_json(found),
            "confusions": [
                {"true": one.true, "given": one.given, "share": one.share}
                for one in self.confusions
            ],
            "truth": None if self.truth is None else _truth_json(self.truth),
            "steps": len(found.model.log_likelihoods),
            "log_likelihood": found.model.log_likelihoods[-1],
            "converged": found.model.has_settled,
            "notes": list(self.notes),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the accuracies of annotators, and what is mistaken for what."""
        label = t("votes.figure", n=len(self.annotators), count=integer(len(self.annotators)))
        draw = lambda: draw_annotators(self.found, self.annotators)  # noqa: E731
        return {"figure": AnswerFigure(label=label, draw=draw)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give each item with its label, and each annotator."""
        found, labels = self.found, self.found.votes.labels
        columns = ("item", "label", "probability", "settled", "votes", "majority", "share")
        rows = zip(
            found.votes.items,
            (labels[place] for place in found.label.tolist()),
            (f"{value:.4f}" for value in found.probability.tolist()),
            found.is_settled.astype(int).tolist(),
            found.votes_per_item.tolist(),
            (labels[place] for place in found.majority.tolist()),
            (f"{value:.4f}" for value in found.majority_share.tolist()),
            strict=True,
        )
        people = [_annotator_json(one) for one in self.annotators]
        titles = ("annotator", "votes", "accuracy", "information", "failed")
        return {
            "table": AnswerTable(columns=columns, rows=rows),
            "annotators": AnswerTable(
                columns=titles, rows=[[one[title] for title in titles] for one in people]
            ),
        }


def settle_table(
    path: Path,
    *,
    columns: tuple[str, str, str] | None = None,
    controls: Path | None = None,
    truth: Path | None = None,
    options: VoteOptions | None = None,
) -> VoteResult:
    """Settle the votes of a table.

    Args:
        path: CSV, TSV, JSON lines or Parquet; a row a vote.
        columns: The titles of item, annotator and label; None for the usual ones.
        controls: A table of items whose label is known beforehand.
        truth: A table of true labels to compare with.
        options: When a label is settled.

    Raises:
        UsageError, DataError, MachineError: See `read_votes`, `read_known`, `settle_votes` and
            `compare_with_truth`.
    """
    given = None if controls is None else read_known(controls, columns=columns)
    told = None if truth is None else read_known(truth, columns=columns)
    table = read_votes(path, columns=columns)
    votes, notes = table.votes, list(table.notes)
    if given is not None:
        given = given.as_written(votes.labels)
        notes += [*given.notes, *_control_notes(given, votes)]
        votes = votes.with_labels(given.labels.values())
    found = settle_votes(votes, controls=given.labels if given else None, options=options)
    comparison = None
    if told is not None:
        notes += told.notes
        comparison = compare_with_truth(found, told.as_written(votes.labels).labels)
    return VoteResult(source=str(path), found=found, truth=comparison, remarks=tuple(notes))


def _control_notes(given: KnownLabels, votes: Votes) -> Iterator[str]:
    """Name control items and labels that no vote knows."""
    voted = set(votes.items)
    missing = [item for item in given.labels if item not in voted]
    if missing:
        names = printable(", ".join(missing[:_NAMED])) + ", …" * (len(missing) > _NAMED)
        yield t("votes.controls_unvoted", n=len(missing), count=integer(len(missing)), names=names)
    for label in dict.fromkeys(given.labels.values()):
        if label not in votes.labels:
            hint = did_you_mean(label, votes.labels)
            yield t("votes.controls_new_label", label=label, hint=hint)


def _near_labels(labels: tuple[str, ...]) -> Iterator[str]:
    """Tell of labels that differ in their capitals alone."""
    seen: dict[str, str] = {}
    for label in labels:
        other = seen.setdefault(label.casefold(), label)
        if other != label:
            yield t("votes.near_labels", first=other, second=label)


def _annotator_json(one: AnnotatorReport) -> dict[str, Any]:
    confusion = one.confusion
    return {
        "annotator": one.name,
        "votes": one.votes,
        "accuracy": one.accuracy,
        "information": one.information,
        "controls": None
        if one.control_n is None
        else {"right": one.control_right, "n": one.control_n},
        "failed": one.failed,
        "confusion": None
        if confusion is None
        else {"true": confusion[0], "given": confusion[1], "share": confusion[2]},
    }


def _agreement_json(found: Settlement) -> dict[str, Any] | None:
    measured = found.agreement
    if measured is None:
        return None
    return {
        "items": measured.items,
        "observed": measured.observed,
        "expected": measured.expected,
        "kappa": measured.kappa,
        "alpha": measured.alpha,
    }


def _controls_json(found: Settlement) -> dict[str, Any] | None:
    if found.controls is None or found.control_hits is None:
        return None
    return {
        **_hits_json(Hits(right=found.control_hits, n=int((found.known >= 0).sum()))),
        "pass_mark": found.options.pass_mark,
        "failed": [
            name
            for name, failed in zip(
                found.votes.annotators, found.controls.failed.tolist(), strict=True
            )
            if failed
        ],
        "without_control": int((found.controls.n == 0).sum()),
    }


def _truth_json(truth: TruthComparison) -> dict[str, Any]:
    return {
        "majority": _hits_json(truth.majority),
        "dawid_skene": _hits_json(truth.dawid_skene),
        "settled": _hits_json(truth.settled),
        "only_majority": truth.comparison.only_first,
        "only_dawid_skene": truth.comparison.only_second,
        "p_value": truth.comparison.p_value,
        "unknown": truth.unknown,
        "unvoted": truth.unvoted,
    }


def _hits_json(hits: Hits) -> dict[str, Any]:
    return {
        "accuracy": hits.accuracy,
        "interval": list(hits.interval),
        "right": hits.right,
        "n": hits.n,
    }
