"""What is typed at a question: a name, its number, nothing, `x 3,7`, `u`, `s`, `q`, `?`.

>>> known = ("boot", "hat")
>>> read_reply("", known, proposed="hat", count=9).name
'hat'
>>> reply = read_reply("1 x 3,7-8", known, proposed=None, count=9)
>>> reply.name, reply.left_out
('boot', (2, 6, 7))
>>> reply = read_reply("Bot", known, proposed=None, count=9)
>>> reply.kind, reply.name, reply.near
('near', 'Bot', 'boot')
>>> read_reply("=Bot", known, proposed=None, count=9).kind, read_reply("u", known).kind
('name', 'undo')
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from imagier.labelling.names import one_writing

__all__ = ["LONGEST_NAME", "Reply", "has_numbers", "known_name", "read_reply"]

LONGEST_NAME = 100
Kind = Literal[
    "name", "near", "unknown", "skip", "undo", "quit", "help", "nothing", "places", "long"
]
_LETTERS: dict[str, Kind] = {"s": "skip", "u": "undo", "q": "quit", "?": "help"}
_LEFT_OUT = re.compile(r"(?:^|\s)x\s*(?P<places>\d[\d\s,;-]*)$")
_PLACE = re.compile(r"(\d{1,4})(?:\s*-\s*(\d{1,4}))?")
_NEAR = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was meant.

    Attributes:
        kind: A name that is taken; one `near` a known one, or `unknown` where no new one may be;
            what the letters mean; `nothing` where there is no proposal to accept; `places` and
            `long` for what cannot be.
        name: The name, in the writing that is already known.
        left_out: Places of the pictures that do not bear it, from 0.
        near: A known name that may be meant; empty for none.
    """

    kind: Kind
    name: str = ""
    left_out: tuple[int, ...] = ()
    near: str = ""


def read_reply(
    text: str,
    known: Sequence[str],
    *,
    proposed: str | None = None,
    count: int = 1,
    is_closed: bool = False,
) -> Reply:
    """Read what was typed.

    Args:
        text: It.
        known: The names so far, in the order of their numbers.
        proposed: The name that an empty line accepts.
        count: How many pictures are shown.
        is_closed: Whether only known names may be given.
    """
    text = one_writing(text)
    if text in _LETTERS:
        return Reply(kind=_LETTERS[text])
    left_out: tuple[int, ...] | None = ()
    if found := _LEFT_OUT.search(text):
        left_out = _places(found["places"], count)
        text = text[: found.start()].strip()
    if left_out is None:
        return Reply(kind="places")
    if not text:
        kind: Kind = "nothing" if proposed is None else "name"
        return Reply(kind=kind, name=proposed or "", left_out=left_out)
    return _named(text, known, left_out, is_closed=is_closed)


def _named(text: str, known: Sequence[str], left_out: tuple[int, ...], *, is_closed: bool) -> Reply:
    is_meant = text.startswith("=")
    name = text.removeprefix("=").strip()
    if not name:
        return Reply(kind="nothing")
    if len(name) > LONGEST_NAME:
        return Reply(kind="long", name=name)
    if not is_meant and has_numbers(known) and re.fullmatch(r"\d{1,4}", name):
        place = int(name) - 1
        if 0 <= place < len(known):
            return Reply(kind="name", name=known[place], left_out=left_out)
    same = known_name(name, known)
    if same is not None:
        return Reply(kind="name", name=same, left_out=left_out)
    near = difflib.get_close_matches(
        name.casefold(), [one.casefold() for one in known], n=1, cutoff=_NEAR
    )
    meant = next((one for one in known if near and one.casefold() == near[0]), "")
    if is_closed:
        return Reply(kind="unknown", name=name, left_out=left_out, near=meant)
    if meant and not is_meant:
        return Reply(kind="near", name=name, left_out=left_out, near=meant)
    return Reply(kind="name", name=name, left_out=left_out)


def has_numbers(known: Sequence[str]) -> bool:
    """Tell whether names can be given by their number: not where a name is a number itself."""
    return not any(re.fullmatch(r"\d+", name) for name in known)


def known_name(name: str, known: Sequence[str]) -> str | None:
    """Give the known name that differs in capitals alone; the same writing comes first."""
    if name in known:
        return name
    return next((one for one in known if one.casefold() == name.casefold()), None)


def _places(text: str, count: int) -> tuple[int, ...] | None:
    """Read `3,7-9`; None where a place is not shown."""
    found: set[int] = set()
    for part in re.split(r"[\s,;]+", text.strip(" ,;")):
        whole = _PLACE.fullmatch(part)
        if whole is None:
            return None
        first, last = int(whole[1]), int(whole[2] or whole[1])
        if not 1 <= first <= last <= count:
            return None
        found |= set(range(first - 1, last))
    return tuple(sorted(found))
