"""What `imagier check` answers: what was found, the worst first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.auditing.audit import Audit, odd_sizes
from imagier.auditing.clean_list import clean_list, kept_rows
from imagier.auditing.contact_sheet import worst_pictures
from imagier.auditing.label_errors import EVEN
from imagier.auditing.sentences import findings
from imagier.auditing.series import Series
from imagier.files import printable
from imagier.i18n import decimal, integer, t

__all__ = ["AuditAnswer"]

SHOWN = 10  # pictures that a terminal names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AuditAnswer(Shown):
    """The audit of a source, with the limits that were asked for.

    Attributes:
        source: What was audited, as it was named.
        audit: What was found.
        max_leak: The share of leaks that is allowed; None for no limit.
        max_errors: The share of suspected names that is allowed; None for no limit.
        before: What stands before each path of the clean list.
    """

    source: str
    audit: Audit
    max_leak: float | None = None
    max_errors: float | None = None
    before: str = ""

    @property
    def exceeded(self) -> tuple[str, ...]:
        """The limits that were passed, or could not be judged: `max_leak`, `max_errors`."""
        leak, errors = self.audit.duplicates.leak_rate, self.audit.error_share
        passed = []
        if self.max_leak is not None and leak is not None and leak > self.max_leak:
            passed.append("max_leak")
        if self.max_errors is not None and (errors is None or errors > self.max_errors):
            passed.append("max_errors")
        return tuple(passed)

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands beside the answer."""
        return self.audit.notes

    def lines(self) -> Iterator[str]:
        """Give what was found, then the pictures to look at first."""
        audit = self.audit
        n, classes = len(audit.dataset), integer(len(audit.dataset.counts()))
        name = printable(audit.dataset.name)
        yield t("auditing.title", name=name, n=n, count=integer(n), classes=classes)
        yield ""
        for text in findings(audit):
            yield f"- {text}"
        ranked = audit.ranking()
        if ranked:
            yield ""
            yield t("auditing.look_first", n=len(ranked), count=integer(len(ranked)))
            yield from text_table(
                [
                    [
                        decimal(one.score, 2),
                        printable(one.path),
                        printable(one.label) + (f" → {one.suggested}" if one.suggested else ""),
                        ", ".join(t(f"auditing.finding.{code}") for code in one.findings),
                    ]
                    for one in ranked[:SHOWN]
                ],
                left=(0, 1, 2, 3),
            )
        for limit in self.exceeded:
            yield t(f"auditing.exceeded.{limit}")

    def to_json(self) -> dict[str, Any]:
        """Give all of it; every picture about which something was found is in `ranked`."""
        audit, dataset = self.audit, self.audit.dataset
        names = [printable(name) for name in dataset.names]
        cues = [
            {
                "cue": cue.name,
                "label": dataset.classes[cue.label],
                "separation": round(cue.separation, 4),
                "accuracy": round(cue.accuracy, 4),
                "baseline": round(cue.baseline, 4),
                "p_value": cue.p_value,
                "suspicious": cue.is_suspicious,
            }
            for cue in audit.cues
        ]
        judgement = audit.judgement
        return {
            "source": printable(self.source),
            "n": len(dataset),
            "classes": dataset.counts(),
            "imbalance": round(audit.imbalance, 4),
            "unreadable": [one.to_json() for one in audit.unreadable],
            "duplicates": [[names[row] for row in one.rows] for one in audit.duplicates.groups],
            "copies": [
                {
                    "paths": [names[row] for row in one.rows],
                    "kinds": list(one.kinds),
                    "parts": list(one.parts),
                    "conflict": one.is_conflict,
                    "leak": one.is_leak,
                }
                for one in audit.duplicates.groups
            ],
            "conflicts": [[names[row] for row in rows] for rows in audit.conflicts],
            "leak_rate": audit.duplicates.leak_rate,
            "label_errors": list(_label_errors(audit)),
            "label_error_rate": audit.error_share,
            "judged_by": judgement
            and {
                "described_by": judgement.described_by,
                "accuracy": judgement.accuracy,
                "accuracy_by_series": judgement.accuracy_by_series,
            },
            "spurious": [cue for cue in cues if cue["suspicious"]],
            "cues": cues,
            "series": _series_json(audit.series),
            "sizes": _sizes_json(audit),
            "metadata": _metadata_json(audit),
            "ranked": [
                {
                    "path": printable(one.path),
                    "label": one.label,
                    "score": one.score,
                    "findings": list(one.findings),
                    "suggested": one.suggested,
                }
                for one in audit.ranking()
            ],
            "kept": len(kept_rows(audit)),
            "thorough": audit.duplicates.is_thorough,
            "exceeded": list(self.exceeded),
            "seed": audit.seed,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the pictures to look at first, on one page."""
        ranked = [one for one in self.audit.ranking() if one.row is not None]
        if not ranked:
            return {}
        label = t("auditing.sheet", count=integer(len(ranked)))
        return {"figure": AnswerFigure(label=label, draw=lambda: worst_pictures(self.audit))}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the ranking, and the clean list to learn from."""
        rows = [
            (one.path, one.label, one.score, " ".join(one.findings), one.suggested)
            for one in self.audit.ranking()
        ]
        columns = ("path", "label", "score", "findings", "suggested")
        return {
            "ranked": AnswerTable(columns=columns, rows=rows),
            "clean": clean_list(self.audit, before=self.before),
        }


def _label_errors(audit: Audit) -> Iterator[dict[str, Any]]:
    if audit.judgement is None:
        return
    errors, dataset = audit.judgement.label_errors, audit.dataset
    suspected = set(audit.judgement.suspected.tolist())
    order = errors.ranking
    for row in order[errors.is_suspected[order] | (errors.scores[order] > EVEN)].tolist():
        yield {
            "path": printable(dataset.names[row]),
            "given": dataset.classes[dataset.labels[row]],
            "suggested": dataset.classes[errors.suggested[row]],
            "score": round(float(errors.scores[row]), 6),
            "suspected": row in suspected,
        }


def _series_json(series: Series | None) -> dict[str, Any] | None:
    if series is None:
        return None
    return {
        "pattern": series.pattern,
        "example": printable(series.example),
        "group": printable(series.group),
        "groups": series.groups,
        "pictures": series.pictures,
        "nearest": round(series.nearest, 4),
        "chance": round(series.chance, 4),
    }


def _sizes_json(audit: Audit) -> dict[str, Any] | None:
    known = [one for one in audit.headers if one is not None]
    if not known or len(known) < len(audit.headers):
        return None
    return {
        "height": [min(one.height for one in known), max(one.height for one in known)],
        "width": [min(one.width for one in known), max(one.width for one in known)],
        "median": [median(one.height for one in known), median(one.width for one in known)],
        "odd": [
            {
                "path": printable(audit.dataset.names[row]),
                "height": known[row].height,
                "width": known[row].width,
            }
            for row in odd_sizes(audit.headers).tolist()
        ],
    }


def _metadata_json(audit: Audit) -> dict[str, int] | None:
    known = [one for one in audit.headers if one is not None]
    if not known:
        return None
    return {
        "exif": sum(one.has_exif for one in known),
        "positions": sum(one.has_position for one in known),
    }
