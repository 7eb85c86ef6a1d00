"""The dialogue of `imagier annotate` in a terminal: a sheet to look at, a line to type."""

import sys
from typing import TYPE_CHECKING

from imagier.cli.framework import note
from imagier.files import printable, write_file
from imagier.i18n import FAINT, PLAIN, integer, percent, t

if TYPE_CHECKING:
    from pathlib import Path

    from imagier.labelling.annotation import AnnotationProject, Question, Reply

__all__ = ["hold_dialogue"]

_SHOWN = 20  # names with their numbers
_LISTED = 12  # files; the sheet shows all
_HELP = ("enter", "name", "number", "without", "accept_without", "meant", "skip", "undo", "quit")


def hold_dialogue(project: "AnnotationProject", *, quiet: bool) -> None:
    """Ask until all is named or the user has enough; each answer is kept at once.

    Args:
        project: The folder.
        quiet: Whether the sentences around the questions are left out.
    """
    from imagier.labelling.annotation import numbered_sheet

    sheet = project.log.path.with_suffix(".sheet.png")
    note(t("annotation.begin", sheet=printable(sheet)), quiet=quiet)
    try:
        goes_on = True
        while goes_on:
            question = project.session.question()
            if question is None:
                goes_on = _undone_at_the_end(project)
                continue
            write_file(sheet, numbered_sheet(project.files(question.paths)))
            _tell(project, question, sheet)
            goes_on = _answered(project, question)
    finally:
        sheet.unlink(missing_ok=True)


def _undone_at_the_end(project: "AnnotationProject") -> bool:
    """Let the last decision be taken back when there is nothing left to ask."""
    note(t("annotation.all_named"))
    if sys.stdin.readline().strip() != "u":
        return False
    _undo(project)
    return True


def _answered(project: "AnnotationProject", question: "Question") -> bool:
    """Read lines until one decides; False where the user leaves."""
    from imagier.labelling.annotation import read_reply

    while True:
        line = sys.stdin.readline()
        if not line:
            return False
        reply = read_reply(
            line,
            project.known,
            proposed=question.proposed,
            count=len(question.paths),
            is_closed=bool(project.classes),
        )
        if reply.kind == "quit":
            return False
        if _decides(project, question, reply):
            return True


def _decides(project: "AnnotationProject", question: "Question", reply: "Reply") -> bool:
    """Do what was typed; False where another line is needed."""
    if reply.kind == "name":
        if len(reply.left_out) == len(question.paths):
            note(t("annotation.reply.all_out"))
            return False
        project.session.name(question, reply.name, reply.left_out)
        named = len(question.paths) - len(reply.left_out)
        note(t("annotation.took", n=named, count=integer(named), name=reply.name))
        return True
    if reply.kind == "skip":
        project.session.skip(question)
        return True
    if reply.kind == "undo":
        return _undo(project)
    if reply.kind == "help":
        _help()
        return False
    note(t(f"annotation.reply.{reply.kind}", name=reply.name, near=reply.near))
    return False


def _undo(project: "AnnotationProject") -> bool:
    last = project.session.undo()
    if last is None:
        note(t("annotation.nothing_to_undo"))
        return False
    key = "annotation.undone" if last.do == "name" else "annotation.undone_skip"
    note(t(key, n=len(last.paths), count=integer(len(last.paths)), name=last.name))
    return True


def _help() -> None:
    from imagier.answers import text_table

    rows = [[t(f"annotation.help.{key}"), t(f"annotation.help.{key}.does")] for key in _HELP]
    for line in text_table(rows, left=(0, 1)):
        note(f"  {line}")


def _tell(project: "AnnotationProject", question: "Question", sheet: "Path") -> None:
    total, left = len(project.session.paths), len(project.session.left)
    n = len(question.paths)
    named = t("annotation.named", count=integer(total - left), total=integer(total))
    note(f"\n{FAINT}{named}{PLAIN}")
    note(t(f"annotation.question.{question.kind}", n=n, count=integer(n), sheet=printable(sheet)))
    shares = question.probabilities or (None,) * n
    pairs = list(zip(question.paths, shares, strict=True))
    for place, (path, share) in enumerate(pairs[:_LISTED], 1):
        said = "" if share is None else f"  {percent(share, 0)}"
        note(f"  {place:>2}  {printable(path)}{FAINT}{said}{PLAIN}")
    if n > _LISTED:
        note("  " + t("annotation.more_pictures", n=n - _LISTED, count=integer(n - _LISTED)))
    note(_choices(project.known))
    if question.proposed is None:
        note(t("annotation.ask"))
    else:
        note(t("annotation.ask_proposed", name=question.proposed))


def _choices(known: tuple[str, ...]) -> str:
    from imagier.labelling.annotation.replies import has_numbers

    if not known:
        return t("annotation.no_names")
    numbered = has_numbers(known)
    names = [f"{n} {one}" if numbered else one for n, one in enumerate(known[:_SHOWN], 1)]
    return "  " + " · ".join(map(printable, names)) + " · …" * (len(known) > _SHOWN)
