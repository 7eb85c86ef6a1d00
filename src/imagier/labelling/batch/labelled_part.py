"""A part of the answers as a file: one line of JSON that tells what it holds, then the rows.

The line names the inputs and the state of their files (`fingerprint`), counts what came out, and
holds the checksum of the rows: a part that was torn or changed is not taken for a finished one.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from imagier.labelling.batch.entries import Entry, fingerprint, stamp, to_line
from imagier.labelling.batch.labeller import Columns, Labeller
from imagier.labelling.batch.rows import Kind, encode

__all__ = ["LabelledPart", "PartFacts", "inputs_fingerprint", "label_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """What a part holds.

    Attributes:
        inputs: Fingerprint of the inputs and the state of their files.
        n: Rows.
        good: Pictures that could be read.
        unsaid: Pictures that are left to a person.
        errors: How many could not be read, by code.
    """

    inputs: str
    n: int
    good: int
    unsaid: int
    errors: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledPart:
    """Rows, and what they hold.

    Attributes:
        facts: What they hold.
        rows: As `rows.encode` wrote them.
    """

    facts: PartFacts
    rows: bytes

    def to_bytes(self) -> bytes:
        """Write the file."""
        head = {**asdict(self.facts), "sha256": hashlib.sha256(self.rows).hexdigest()}
        return json.dumps(head).encode() + b"\n" + self.rows

    @classmethod
    def from_bytes(cls, content: bytes) -> "LabelledPart | None":
        """Read what `to_bytes` wrote; None where it is not whole.

        >>> facts = PartFacts(inputs="0", n=1, good=1, unsaid=0)
        >>> content = LabelledPart(facts=facts, rows=b"a.png,ok").to_bytes()
        >>> LabelledPart.from_bytes(content).facts == facts, LabelledPart.from_bytes(content[:-1])
        (True, None)
        """
        line, _, rows = content.partition(b"\n")
        try:
            head: dict[str, Any] = json.loads(line)
            is_whole = head.pop("sha256") == hashlib.sha256(rows).hexdigest()
            return cls(facts=PartFacts(**head), rows=rows) if is_whole else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def inputs_fingerprint(entries: Sequence[Entry]) -> str:
    """Name some inputs and the state that their files are in now."""
    seen: dict[str, tuple[int, int]] = {}
    stamps = []
    for entry in entries:
        archive = getattr(entry, "archive", None)
        if archive is None:
            stamps.append(stamp(entry))
        else:
            if archive not in seen:
                seen[archive] = stamp(entry)
            stamps.append(seen[archive])
    return fingerprint([to_line(entry) for entry in entries], stamps)


def label_part(labeller: Labeller, lines: Sequence[str], kind: Kind) -> LabelledPart:
    """Label the inputs of a part.

    Args:
        labeller: Who names them.
        lines: The inputs, as `entries.to_line` writes them.
        kind: How the rows are written.
    """
    columns = labeller({"entry": np.array(lines, dtype=object)})
    return LabelledPart(facts=_facts(columns, lines), rows=encode(columns, kind))


def _facts(columns: Columns, lines: Sequence[str]) -> PartFacts:
    stamps = zip(columns["size"].tolist(), columns["changed"].tolist(), strict=True)
    codes = Counter(code for code in columns["error_code"].tolist() if code)
    return PartFacts(
        inputs=fingerprint(lines, stamps),
        n=len(lines),
        good=len(lines) - codes.total(),
        unsaid=int(columns["abstained"].sum()),
        errors=dict(sorted(codes.items())),
    )
