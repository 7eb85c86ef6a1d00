"""What the pictures of a test cannot tell, because of which pictures they are.

Pictures that were learnt from, a single name, names without a picture: each makes a figure mean
less than it seems, or nothing. They are said by name.
"""

from collections.abc import Sequence

from imagier.files import printable
from imagier.i18n import integer, t
from imagier.testing.findings import Findings
from imagier.testing.metrics import FEW
from imagier.testing.tested import Tested

__all__ = [
    "listed",
    "missing_caution",
    "missing_names",
    "one_name",
    "one_name_sentence",
    "overlap_mark",
    "overlap_sentence",
    "too_few_caution",
]

MOST_NAMED = 10


def overlap_sentence(report: Tested) -> str | None:
    """Say in full what is the matter with the figures of pictures that were learnt from."""
    if not report.overlap:
        return None
    return t(
        "testing.overlap",
        n=report.overlap,
        learnt=integer(report.overlap),
        count=integer(report.test.n),
    )


def overlap_mark(report: Tested) -> str:
    """Give the words that stand in each figure of such a test; nothing in any other."""
    if not report.overlap:
        return ""
    return t("testing.overlap_mark", n=report.overlap, learnt=integer(report.overlap))


def missing_names(report: Findings) -> tuple[str, ...]:
    """Give the names of which there is no test picture."""
    return tuple(row.name for row in report.rows if not row.n) if report.test.n else ()


def missing_caution(report: Findings) -> str | None:
    """Say by name of which classes nothing was tested."""
    names = missing_names(report)
    if not names:
        return None
    return t("testing.missing_names", n=len(names), names=listed(names))


def one_name(report: Findings) -> str | None:
    """Give the only name of which there are test pictures; None where there are several."""
    there = [row.name for row in report.rows if row.n]
    return there[0] if len(there) == 1 and len(report.rows) > 1 else None


def one_name_sentence(report: Findings) -> str | None:
    """Say that a test of one class is none of telling classes apart."""
    name = one_name(report)
    return None if name is None else t("testing.one_name", name=name)


def too_few_caution(report: Tested) -> str | None:
    """Say that the whole test is small."""
    n = report.test.n
    return t("testing.too_few_pictures", n=n, count=integer(n), few=FEW) if 0 < n < FEW else None


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Write names beside each other, the first ones where there are many."""
    shown = ", ".join(printable(name) for name in names[:most])
    more = len(names) - most
    return shown if more <= 0 else t("testing.names_more", names=shown, count=integer(more))
