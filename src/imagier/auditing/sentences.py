"""What an audit found in words, one sentence a finding, for the terminal and the page."""

from collections import Counter
from collections.abc import Iterator

from imagier.auditing.audit import UNBALANCED, Audit, odd_sizes
from imagier.files import printable
from imagier.i18n import decimal, integer, percent, t

__all__ = ["findings"]

FEW_NAMED = 3


def findings(audit: Audit) -> Iterator[str]:
    """Say what was found, the gravest first; what was looked for in vain is said too."""
    yield from _unreadable(audit)
    yield from _copies(audit)
    yield from _names(audit)
    yield from _series(audit)
    yield from _cues(audit)
    yield from _balance(audit)
    yield from _files(audit)


def _unreadable(audit: Audit) -> Iterator[str]:
    n = len(audit.unreadable)
    if not n:
        yield t("auditing.all_readable")
        return
    codes = Counter(one.code for one in audit.unreadable).most_common(FEW_NAMED)
    reasons = ", ".join(f"{code} ({integer(count)})" for code, count in codes)
    example = printable(audit.unreadable[0].path)
    yield t("auditing.unreadable", n=n, count=integer(n), reasons=reasons, example=example)


def _copies(audit: Audit) -> Iterator[str]:
    groups = audit.duplicates.groups
    names = audit.dataset.names
    if not groups:
        yield t("auditing.no_copies")
    else:
        kinds = Counter(kind for group in groups for kind in group.kinds)
        named = [f"{t(f'auditing.copy.{kind}')} ({integer(kinds[kind])})" for kind in kinds]
        pictures = sum(len(group.rows) for group in groups)
        first = " = ".join(printable(names[row]) for row in groups[0].rows[:2])
        facts = {"pictures": integer(pictures), "kinds": ", ".join(named), "example": first}
        yield t("auditing.copies", n=len(groups), count=integer(len(groups)), **facts)
    conflicts = audit.conflicts
    if conflicts:
        first = ", ".join(
            f"{printable(names[row])} ({audit.dataset.classes[audit.dataset.labels[row]]})"
            for row in conflicts[0][:2]
        )
        yield t(
            "auditing.conflicts", n=len(conflicts), count=integer(len(conflicts)), example=first
        )
    rate = audit.duplicates.leak_rate
    if rate is None:
        yield t("auditing.no_parts")
    else:
        yield t("auditing.leak" if rate else "auditing.no_leak", rate=percent(rate))


def _names(audit: Audit) -> Iterator[str]:
    judgement = audit.judgement
    if judgement is None:
        yield t("auditing.not_judged")
        return
    n = len(judgement.suspected)
    facts = {
        "share": percent(judgement.label_errors.share),
        "accuracy": percent(judgement.accuracy),
        "by": t(f"auditing.described_by.{judgement.described_by}"),
    }
    if judgement.is_weak:
        yield t("auditing.weak", n=n, count=integer(n), **facts)
    elif n:
        yield t("auditing.label_errors", n=n, count=integer(n), **facts)
    else:
        yield t("auditing.no_label_errors", **facts)


def _series(audit: Audit) -> Iterator[str]:
    series = audit.series
    if series is None:
        return
    yield t(
        "auditing.series",
        example=printable(series.example),
        group=printable(series.group),
        groups=integer(series.groups),
        nearest=percent(series.nearest, 0),
        chance=percent(series.chance, 0),
        pattern=series.pattern,
    )
    judgement = audit.judgement
    if judgement is not None and judgement.accuracy_by_series is not None:
        yield t(
            "auditing.series_accuracy",
            mixed=percent(judgement.accuracy),
            apart=percent(judgement.accuracy_by_series),
        )


def _cues(audit: Audit) -> Iterator[str]:
    suspicious = [cue for cue in audit.cues if cue.is_suspicious]
    for cue in suspicious:
        yield t(
            "auditing.cue",
            cue=t(f"auditing.cue.{cue.name}"),
            label=printable(audit.dataset.classes[cue.label]),
            separation=decimal(cue.separation, 2),
            p=decimal(cue.p_value, 2),
        )
    if audit.cues and not suspicious:
        best = audit.cues[0]
        name, value = t(f"auditing.cue.{best.name}"), decimal(best.separation, 2)
        yield t("auditing.no_cue", cue=name, separation=value)


def _balance(audit: Audit) -> Iterator[str]:
    counts = {name: count for name, count in audit.dataset.counts().items() if count}
    if audit.imbalance >= UNBALANCED:
        by_size = sorted(counts, key=lambda name: counts[name])
        small, large = by_size[0], by_size[-1]
        yield t(
            "auditing.unbalanced",
            times=decimal(audit.imbalance, 0),
            large=printable(large),
            most=integer(counts[large]),
            small=printable(small),
            fewest=integer(counts[small]),
        )


def _files(audit: Audit) -> Iterator[str]:
    odd = odd_sizes(audit.headers).tolist()
    if odd:
        header = audit.headers[odd[0]]
        assert header is not None  # noqa: S101 - sizes are judged where all are known
        example = f"{printable(audit.dataset.names[odd[0]])} ({header.width} × {header.height})"
        yield t("auditing.odd_sizes", n=len(odd), count=integer(len(odd)), example=example)
    exif = sum(one is not None and one.has_exif for one in audit.headers)
    positions = sum(one is not None and one.has_position for one in audit.headers)
    if exif:
        facts = {"count": integer(exif), "positions": integer(positions)}
        yield t("auditing.metadata" if positions else "auditing.metadata_harmless", n=exif, **facts)
