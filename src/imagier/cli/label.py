"""`imagier label PATH... --model MODEL --out FILE`: names by the million, as often interrupted."""

from contextlib import ExitStack
from pathlib import Path

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.picture_words import EXIT_BAD_INPUTS, check_words
from imagier.errors import UsageError
from imagier.i18n import t

__all__ = ["label"]

ENGINES = ("local", "ray")


@click.command("label", cls=ImagierCommand, help=t("cli.label.help"))
@click.argument("words", metavar=t("cli.predict.words_metavar"), nargs=-1)
@click.option("--model", metavar=t("cli.predict.model_metavar"), help=t("cli.label.model"))
@click.option("--out", "out_name", metavar=t("cli.predict.file"), help=t("cli.label.out"))
@click.option("--paths-from", metavar=t("cli.predict.file"), help=t("cli.predict.paths_from"))
@click.option(
    "--top", type=click.IntRange(min=1), default=2, metavar="N", help=t("cli.label.top", default=2)
)
@click.option(
    "--max-error",
    type=Decimal(0, 1, min_open=True, max_open=True, is_share=True),
    metavar=t("cli.predict.share"),
    help=t("cli.predict.max_error"),
)
@click.option("--shard", metavar="I/N", help=t("cli.label.shard"))
@click.option("--merge", type=click.IntRange(1, 99_999), metavar="N", help=t("cli.label.merge"))
@click.option(
    "--uncertain", type=click.IntRange(1, 10_000), metavar="N", help=t("cli.label.uncertain")
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help=t("cli.label.workers"))
@click.option("--engine", type=click.Choice(ENGINES), default="local", help=t("cli.label.engine"))
@click.option("--address", metavar=t("cli.label.address_metavar"), help=t("cli.label.address"))
@click.option("--force", is_flag=True, help=t("cli.label.force"))
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
@click.pass_context
def label(
    context: click.Context,
    *,
    words: tuple[str, ...],
    model: str | None,
    out_name: str | None,
    paths_from: str | None,
    top: int,
    max_error: float | None,
    shard: str | None,
    merge: int | None,
    uncertain: int | None,
    workers: int | None,
    engine: str,
    address: str | None,
    force: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    from imagier.images.path_list import open_paths, read_paths
    from imagier.labelling.batch import BatchOptions, Share, label_batch, merge_shards
    from imagier.labelling.batch.rows import kind_of
    from imagier.recognizer import load

    if out_name is None:  # not declared as required, which click would say in English
        needed = next(one for one in context.command.params if one.name == "out_name")
        raise click.MissingParameter(ctx=context, param=needed)
    if merge is not None:
        _check_alone({"PATH": words, "--model": model, "--shard": shard, "--uncertain": uncertain})
        show(merge_shards(Path(out_name), merge, force=force), as_json=as_json, quiet=quiet)
        return 0
    check_words(context, words, paths_from)
    if model is None:
        raise UsageError("label_no_model")
    if address is not None and engine != "ray":
        raise UsageError("label_address_local")
    kind_of(Path(out_name))  # refused before the model is opened
    options = BatchOptions(
        top=top,
        max_error=max_error,
        share=Share() if shard is None else Share.parse(shard),
        force=force,
        workers=workers,
        engine="ray" if engine == "ray" else "local",
        address=address,
        uncertain=uncertain,
    )
    recognizer = load(model)
    with ExitStack() as stack:
        paths = None
        if paths_from is not None:
            paths = read_paths(stack.enter_context(open_paths(paths_from)), name=paths_from)
        advance = stack.enter_context(progress_bar(t("cli.predict.progress"), quiet=quiet))
        try:
            result = label_batch(
                recognizer, words, Path(out_name), options, paths=paths, progress=advance
            )
        except KeyboardInterrupt:
            note(t("cli.label.goes_on"), quiet=quiet)
            raise
    show(result, as_json=as_json, quiet=quiet)
    return EXIT_BAD_INPUTS if result.good < result.n and (strict or not result.good) else 0


def _check_alone(others: dict[str, object]) -> None:
    """Refuse what is for labelling where finished files are laid together."""
    for option, given in others.items():
        if given:
            raise UsageError("label_merge_alone", option=option)
