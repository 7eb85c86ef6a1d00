"""`imagier train`: reads the options, runs training, prints its progress and the result."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import (
    Advance,
    ImagierCommand,
    json_option,
    note,
    print_json,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.table_options import table_options
from imagier.errors import UsageError
from imagier.files import is_within, printable, read_object
from imagier.i18n import decimal, duration, percent, t
from imagier.machine import process_started, share_cores

if TYPE_CHECKING:
    from imagier.learning import Progress, TrainOptions, TrainResult
    from imagier.reading.pipeline import ReaderResult

__all__ = ["train"]

EXIT_NOT_PROVEN, EXIT_INTERRUPTED = 3, 130
OPTIMIZERS = ("adamw", "muon", "sgd")
AS_TYPED = (
    *("network", "epochs", "plan", "seed", "test", "other", "group", "split", "loss", "fit"),
    *("group_from", "path_column", "label_column", "images", "ending", "other_from"),
    *("strict", "accept", "optimizer", "learning_rate", "batch_size"),
    *("class_weight", "shuffle_pixels", "allow_overlap", "label_from", "follow_links", "init"),
)
USUAL = (
    *("out", "network", "budget", "test", "classes", "other", "group", "accept"),
    *("resume", "force", "no_pictures"),
)
CLASS_WEIGHTS = ("sqrt", "balanced", "none")
LOSSES = ("cross-entropy", "squared", "absolute")
INK = {"auto": None, "yes": True, "no": False}
FITS = ("auto", "crop-pad", "crop", "pad", "stretch")
STYLES = ("codes", "cheques", "print", "captcha")
OF_READERS = ("texts", "characters", "style")


@click.command("train", cls=ImagierCommand, usual=USUAL, help=t("cli.train.help"))
@click.argument("source", metavar=t("cli.train.source_word"))
@click.option("--out", metavar=t("cli.folder_word"), help=t("cli.train.out"))
@click.option("--network", default="auto", metavar="SPEC", help=t("cli.train.network"))
@click.option("--budget", metavar=t("cli.time_word"), help=t("cli.train.budget"))
@click.option("--epochs", type=click.IntRange(min=1), metavar="N", help=t("cli.train.epochs"))
@click.option("--plan", metavar=t("cli.model_word"), help=t("cli.train.plan"))
@click.option("--init", metavar=t("cli.model_word"), help=t("cli.train.init"))
@click.option("--seed", type=int, default=0, metavar="N", help=t("cli.train.seed"))
@click.option("--test", metavar=t("cli.train.source_word"), help=t("cli.train.test"))
@click.option("--allow-overlap", is_flag=True, help=t("cli.train.allow_overlap"))
@click.option("--classes", metavar="A,B", help=t("cli.train.classes"))
@click.option("--other", metavar=t("cli.name_word"), help=t("cli.train.other"))
@click.option("--other-from", metavar=t("cli.folder_word"), help=t("cli.train.other_from"))
@click.option("--group", metavar=t("cli.column_word"), help=t("cli.train.group"))
@click.option("--group-from", metavar="REGEX", help=t("cli.train.group_from"))
@table_options
@click.option("--label-from", metavar="REGEX", help=t("cli.train.label_from"))
@click.option("--follow-links", is_flag=True, help=t("cli.train.follow_links"))
@click.option("--split", metavar="F.csv", help=t("cli.train.split"))
@click.option(
    "--optimizer", "--optimiser", type=click.Choice(OPTIMIZERS), help=t("cli.train.optimizer")
)
@click.option(
    "--learning-rate",
    type=Decimal(min=0, min_open=True),
    metavar="X",
    help=t("cli.train.learning_rate"),
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), metavar="N", help=t("cli.train.batch_size")
)
@click.option(
    "--class-weight",
    type=click.Choice(CLASS_WEIGHTS),
    default="sqrt",
    help=t("cli.train.class_weight"),
)
@click.option("--shuffle-pixels", type=int, metavar="N", help=t("cli.train.shuffle_pixels"))
@click.option("--loss", type=click.Choice(LOSSES), default=LOSSES[0], help=t("cli.train.loss"))
@click.option("--ink", type=click.Choice(tuple(INK)), default="auto", help=t("cli.train.ink"))
@click.option("--fit", type=click.Choice(FITS), default=FITS[0], help=t("cli.train.fit"))
@click.option(
    "--accept",
    type=Decimal(0, 1, min_open=True, is_share=True),
    metavar="X",
    help=t("cli.train.accept"),
)
@click.option("--format", "texts", metavar="REGEX", help=t("cli.train.format"))
@click.option("--characters", metavar=t("cli.train.source_word"), help=t("cli.train.characters"))
@click.option("--style", type=click.Choice(STYLES), help=t("cli.train.style"))
@click.option("--resume", is_flag=True, help=t("cli.train.resume"))
@click.option("--force", is_flag=True, help=t("cli.train.force"))
@click.option("--strict", is_flag=True, help=t("cli.train.strict"))
@click.option("--no-pictures", is_flag=True, help=t("cli.train.no_pictures"))
@json_option
@quiet_option
def train(source: str, out: str | None, as_json: bool, quiet: bool, **options: Any) -> int:
    share_cores()
    from imagier.training.checkpoints import finish, folder_state, tidy, training_lock

    started = process_started()
    folder = _place(source, out, force=options["force"], resume=options["resume"])
    if options["resume"] and folder_state(folder) == "finished":
        tidy(folder)
        _tell_finished(folder, as_json=as_json, quiet=quiet)
        return 0
    try:
        with training_lock(folder, afresh=not options["resume"]):
            result = _train(source, folder, started=started, quiet=quiet, options=options)
            finish(folder, result.recognizer.save, is_interrupted=result.interrupted)
    except KeyboardInterrupt:
        if folder_state(folder) == "unfinished":
            note(t("cli.train.resumable", folder=printable(folder)))
        raise
    _tell(result, folder, seconds=time.monotonic() - started, as_json=as_json, quiet=quiet)
    if result.interrupted:
        return EXIT_INTERRUPTED
    strict = options["strict"] and result.report.skipped
    refused = result.report.verdict not in (None, "acceptable")
    return EXIT_NOT_PROVEN if strict or refused else 0


def _place(source: str, out: str | None, *, force: bool, resume: bool) -> Path:
    """Choose where the model will stand, and refuse early what would be refused at the end."""
    from imagier.training.checkpoints import check_own, folder_state

    folder = Path(out) if out else _default_place(source)
    inside = Path(source).is_dir() and is_within(folder.absolute(), Path(source))
    if inside:
        raise UsageError("output_inside", out=printable(folder), source=printable(source))
    state = folder_state(folder)
    if state == "foreign":
        code = "not_a_model_folder" if force or resume else "output_exists"
        raise UsageError(code, path=printable(folder))
    if state != "nothing" and not (force or resume):
        code = "output_unfinished" if state == "unfinished" else "output_exists"
        raise UsageError(code, path=printable(folder))
    if not (resume and state == "finished"):  # which is left alone
        check_own(folder)
    return folder


def _default_place(source: str) -> Path:
    """Name the model after its source, in the current folder; beside it where that is inside."""
    name = Path(os.path.abspath(source.rstrip("/\\") or os.sep)).name  # noqa: PTH100 - as typed
    folder = Path(f"{name.partition('.')[0] or 'model'}.imagier")
    if Path(source).is_dir() and is_within(folder.absolute(), Path(source)):
        return Path(os.path.relpath(Path(source).resolve().parent / folder))
    return folder


def _train(
    source: str, folder: Path, *, started: float, quiet: bool, options: dict[str, Any]
) -> "TrainResult | ReaderResult":
    from imagier.datasets import split_names
    from imagier.learning import TrainOptions, parse_budget, train_recognizer

    budget, classes = options["budget"], options["classes"]
    asked = TrainOptions(
        **{name: options[name] for name in AS_TYPED},
        budget=None if budget is None else parse_budget(budget),
        classes=split_names(classes) if classes else (),
        ink=INK[options["ink"]],
        pictures=not options["no_pictures"],
    )
    with progress_bar(t("cli.train.phase.data"), quiet=quiet) as advance:
        rest: dict[str, Any] = {
            "name": Path(os.path.abspath(folder)).name,  # noqa: PTH100 - a link keeps its own name
            "started": started,
            "progress": lambda progress: _show(progress, advance, quiet=quiet),
            "folder": folder,
            "resume": options["resume"],
        }
        if asked.is_reader:
            return _train_reader(source, asked, options, rest)
        if given := [name for name in OF_READERS if options[name] is not None]:
            name = "format" if given[0] == "texts" else given[0]
            raise UsageError("option_of_reader", option=f"--{name}")
        return train_recognizer(source, asked, **rest)


def _train_reader(
    source: str, asked: "TrainOptions", options: dict[str, Any], rest: dict[str, Any]
) -> "ReaderResult":
    from imagier.reading.pipeline import train_reader
    from imagier.reading.reader_options import ReaderOptions

    characters, texts, style = (options[name] for name in ("characters", "texts", "style"))
    reader = ReaderOptions(characters=characters, format=texts, style=style)
    return train_reader(source, asked, reader, **rest)


def _show(progress: "Progress", advance: Advance, *, quiet: bool) -> None:
    advance(progress.done, progress.total, t(f"cli.train.phase.{progress.phase}"))
    if progress.message:
        note(progress.message, quiet=quiet)
    if progress.network:
        note(t("cli.train.network_begins", network=progress.network), quiet=quiet)
    epoch = progress.epoch
    if epoch is not None:
        left = (progress.total - progress.done) * epoch.seconds
        line = t(
            "cli.train.epoch",
            number=epoch.number,
            total=progress.total,
            loss=decimal(epoch.train_loss, 3),
            accuracy=percent(epoch.validation_accuracy),
            left=duration(left),
        )
        note(line, quiet=quiet)


def _tell_finished(folder: Path, *, as_json: bool, quiet: bool) -> None:
    """Say that there is nothing left to do; the answer is that of the finished run."""
    if as_json:
        print_json(_stored_answer(folder) | {"model": printable(folder)})
    note(t("cli.train.finished", model=folder), quiet=quiet)


def _stored_answer(folder: Path) -> dict[str, Any]:
    """Read the answer of a finished run, as its model announces it."""
    from imagier.errors import Refused
    from imagier.recognizer import load
    from imagier.recognizer.history import MAX_REPORT

    content = load(folder).artifacts.get("report.json", b"")
    with suppress(Refused):
        answer = read_object(content, most=MAX_REPORT).get("train")
        if isinstance(answer, dict):
            return answer
    raise Refused("not_json").as_error("model_damaged", path=printable(folder / "report.json"))


def _tell(
    result: "TrainResult | ReaderResult",
    folder: Path,
    *,
    seconds: float,
    as_json: bool,
    quiet: bool,
) -> None:
    report = result.report
    if as_json:
        answer = report.train_json()
        clock = answer["seconds"] | {"total": round(seconds, 3)}  # the writing of files counted
        print_json(answer | {"model": printable(folder), "seconds": clock})
    else:
        show(report, as_json=False, quiet=quiet)
    page = printable(folder / "report.html")
    note(t("cli.train.done", page=page, model=folder), quiet=quiet)
    if result.interrupted:
        note(t("cli.train.resumable", folder=folder))
