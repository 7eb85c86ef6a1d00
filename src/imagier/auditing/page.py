"""The audit as one page that needs nothing else: no script, no font, no picture from elsewhere.

Every name is escaped, the page itself forbids the browser to fetch anything, and its pictures are
small copies without any note of the camera.
"""

import base64
from functools import cache
from typing import TYPE_CHECKING

from imagier.answers.html import with_code
from imagier.auditing.audit import Audit, RankedPicture
from imagier.auditing.contact_sheet import small_picture
from imagier.auditing.results import AuditAnswer
from imagier.auditing.sentences import findings
from imagier.files import printable, version
from imagier.i18n import decimal, integer, language, percent, t

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["audit_html"]

MOST_SUSPECTED, MOST_GROUPS, MOST_IN_GROUP, MOST_ODD = 120, 60, 4, 24
MOST_UNREADABLE = 200
LARGEST = 112  # pixels of a picture's longer side


def audit_html(answer: AuditAnswer) -> str:
    """Write the audit as a self-contained page in the user's language.

    Args:
        answer: What was found, and the limits.
    """
    audit = answer.audit
    ranked = audit.ranking()
    return _template().render(
        answer=answer,
        audit=audit,
        name=printable(audit.dataset.name),
        findings=list(findings(audit)),
        suspected=[one for one in ranked if "label_error" in one.findings][:MOST_SUSPECTED],
        odd=[one for one in ranked if "odd_size" in one.findings][:MOST_ODD],
        copies=_groups(audit),
        unreadable=audit.unreadable[:MOST_UNREADABLE],
        picture=lambda row: _data_uri(audit, row),
        row_of=_row_of,
        t=t,
        integer=integer,
        decimal=decimal,
        percent=percent,
        printable=printable,
        language=language(),
        version=version(),
    )


def _groups(audit: Audit) -> list[tuple[list[int], str]]:
    """Give the groups of copies, conflicts and leaks first, each with what it is."""
    groups = sorted(
        audit.duplicates.groups, key=lambda group: (not group.is_conflict, not group.is_leak)
    )
    shown = []
    for group in groups[:MOST_GROUPS]:
        words = [t(f"auditing.copy.{kind}") for kind in group.kinds]
        words += [t("auditing.finding.conflict")] if group.is_conflict else []
        words += [t("auditing.finding.leak")] if group.is_leak else []
        shown.append((list(group.rows[:MOST_IN_GROUP]), ", ".join(words)))
    return shown


def _row_of(one: RankedPicture) -> int:
    assert one.row is not None  # noqa: S101 - only pictures that could be read are shown
    return one.row


def _data_uri(audit: Audit, row: int) -> str:
    kind, content = small_picture(audit.dataset, row, largest=LARGEST)
    return f"data:{kind};base64," + base64.b64encode(content).decode("ascii")


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("imagier.auditing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["with_code"] = with_code
    return environment.get_template("audit.html.j2")
