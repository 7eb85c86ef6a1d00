"""`imagier annotate FOLDER`: pictures named by hand, in groups, with proposals."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from imagier.cli.annotation_dialogue import hold_dialogue
from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    progress_bar,
    quiet_option,
    say,
    show,
)
from imagier.cli.outputs import check_output, write_table
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.labelling import Describing
    from imagier.labelling.annotation import AnnotationResult

__all__ = ["annotate"]

TABLES = (".csv", ".tsv")
STDOUT = "-"


@click.command("annotate", cls=ImagierCommand, help=t("cli.annotate.help"))
@click.argument("folder", metavar=t("cli.annotate.folder_word"))
@click.option("--classes", metavar="a,b,…", help=t("cli.annotate.classes"))
@click.option("--model", metavar=t("cli.annotate.model_word"), help=t("cli.annotate.model"))
@click.option(
    "--next", "next_pictures", type=click.IntRange(1), metavar="N", help=t("cli.annotate.next")
)
@click.option("--csv", "csv_name", metavar="F.csv|-", help=t("cli.annotate.csv"))
@click.option("--apply", "filled", metavar="F.csv", help=t("cli.annotate.apply"))
@click.option("--accept", is_flag=True, help=t("cli.annotate.accept"))
@click.option("--export", metavar="F.csv", help=t("cli.annotate.export"))
@click.option("--out", metavar="F.jsonl", help=t("cli.annotate.out"))
@click.option(
    "--groups", type=click.IntRange(1, 10_000), metavar="K", help=t("cli.annotate.groups")
)
@click.option(
    "--describe",
    type=click.Choice(("features", "histogram")),
    help=t("cli.annotate.describe"),
)
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help=t("cli.annotate.seed"))
@click.option("--force", is_flag=True, help=t("cli.annotate.force"))
@json_option
@quiet_option
def annotate(
    *,
    folder: str,
    classes: str | None,
    model: str | None,
    next_pictures: int | None,
    csv_name: str | None,
    filled: str | None,
    accept: bool,
    export: str | None,
    out: str | None,
    groups: int | None,
    describe: str | None,
    seed: int,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.labelling.annotation import AnnotationResult, apply_table, open_project
    from imagier.recognizer import load

    _check(next_pictures=next_pictures, csv_name=csv_name, filled=filled, accept=accept)
    inputs = [word for word in (filled, out) if word]
    files = {
        name: None
        if path is None or path == STDOUT
        else check_output(path, kinds=TABLES, inputs=inputs, force=force)
        for name, path in (("csv", csv_name), ("export", export))
    }
    decisions = _decisions(out)
    with ExitStack() as stack:
        with progress_bar(t("cli.annotate.progress"), quiet=quiet) as advance:
            opened = open_project(
                Path(folder),
                decisions=decisions,
                classes=_classes(classes),
                model=None if model is None else load(model),
                groups=groups,
                described_by=cast("Describing | None", describe),
                seed=seed,
                progress=advance,
            )
            project = stack.enter_context(opened)
        applied = None
        if filled is not None:
            applied = apply_table(
                Path(filled),
                project.session,
                known=project.known,
                is_closed=bool(project.classes),
                accepts=accept,
            )
        elif next_pictures is None and export is None:
            hold_dialogue(project, quiet=quiet or as_json)
        answer = AnnotationResult(
            project=project,
            filled=applied,
            next_pictures=next_pictures or 0,
            export=files["export"],
        )
        _write(answer, files, csv_name, quiet=quiet)
        if csv_name != STDOUT:
            show(answer, as_json=as_json, quiet=quiet, files=files)


def _check(
    *, next_pictures: int | None, csv_name: str | None, filled: str | None, accept: bool
) -> None:
    """Refuse options that mean nothing alone."""
    if csv_name is not None and next_pictures is None:
        raise UsageError("annotate_csv_alone")
    if accept and filled is None:
        raise UsageError("annotate_accept_alone")


def _decisions(out: str | None) -> Path | None:
    """Look at the name of the file of decisions: one that is there is gone on with."""
    if out is None:
        return None
    if Path(out).suffix.lower() != ".jsonl":
        raise UsageError("output_kind", path=printable(out), kinds=".jsonl")
    return Path(out)


def _classes(text: str | None) -> tuple[str, ...]:
    from imagier.datasets.class_names import split_names
    from imagier.labelling.names import one_writing

    if text is None:
        return ()
    return tuple(dict.fromkeys(filter(None, map(one_writing, split_names(text)))))


def _write(
    answer: "AnnotationResult",
    files: dict[str, Path | None],
    csv_name: str | None,
    *,
    quiet: bool,
) -> None:
    if csv_name == STDOUT:
        say(answer.tables()["next"].csv().rstrip("\n"))
    if files["csv"] is not None:
        write_table(answer, files["csv"], name="next", quiet=quiet)
    if files["export"] is not None:
        write_table(answer, files["export"], quiet=quiet)
