"""`imagier votes VOTES`: which labels are settled where annotators do not agree, and who errs."""

from pathlib import Path

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import ImagierCommand, json_option, quiet_option, show
from imagier.cli.outputs import check_output, write_figure, write_table
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["votes"]

TABLES, CURVES = (".csv", ".tsv"), (".png", ".svg")
SHARE = Decimal(0.5, 1, is_share=True)


@click.command("votes", cls=ImagierCommand, help=t("cli.votes.help"))
@click.argument("table", metavar=t("cli.votes.table_word"), required=False)
@click.option("--out", metavar="F.csv", help=t("cli.votes.out"))
@click.option("--annotators", metavar="F.csv", help=t("cli.votes.annotators"))
@click.option("--plot", metavar="F.png|F.svg", help=t("cli.votes.plot"))
@click.option("--controls", metavar=t("cli.votes.table_word"), help=t("cli.votes.controls"))
@click.option(
    "--pass",
    "pass_mark",
    type=Decimal(0, 1, is_share=True),
    default=0.5,
    metavar=t("cli.votes.share_word"),
    help=t("cli.votes.pass"),
)
@click.option("--truth", metavar=t("cli.votes.table_word"), help=t("cli.votes.truth"))
@click.option(
    "--confidence", type=SHARE, metavar=t("cli.votes.share_word"), help=t("cli.votes.confidence")
)
@click.option(
    "--majority", type=SHARE, metavar=t("cli.votes.share_word"), help=t("cli.votes.majority")
)
@click.option(
    "--least", type=click.IntRange(1, 1000), default=2, metavar="N", help=t("cli.votes.least")
)
@click.option("--columns", metavar=t("cli.votes.columns_word"), help=t("cli.votes.columns"))
@click.option("--simulate", is_flag=True, help=t("cli.votes.simulate"))
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help=t("cli.votes.seed"))
@click.option("--force", is_flag=True, help=t("cli.votes.force"))
@json_option
@quiet_option
def votes(
    *,
    table: str | None,
    out: str | None,
    annotators: str | None,
    plot: str | None,
    controls: str | None,
    pass_mark: float,
    truth: str | None,
    confidence: float | None,
    majority: float | None,
    least: int,
    columns: str | None,
    simulate: bool,
    seed: int,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.labelling.votes import VoteOptions, VoteResult, settle_table, sweep_robots

    _check_source(table, simulate=simulate, controls=controls, truth=truth, annotators=annotators)
    if confidence is not None and majority is not None:
        raise UsageError("votes_two_rules")
    inputs = [word for word in (table, controls, truth) if word]
    wanted = {
        "out": (out, TABLES),
        "annotators_table": (annotators, TABLES),
        "plot": (plot, CURVES),
    }
    files = {
        name: None if path is None else check_output(path, kinds=kinds, inputs=inputs, force=force)
        for name, (path, kinds) in wanted.items()
    }
    answer = (
        sweep_robots(seed=seed)
        if table is None
        else settle_table(
            Path(table),
            columns=_titles(columns),
            controls=None if controls is None else Path(controls),
            truth=None if truth is None else Path(truth),
            options=VoteOptions(
                confidence=0.95 if confidence is None else confidence,
                majority=majority,
                least=least,
                pass_mark=pass_mark,
                seed=seed,
            ),
        )
    )
    if files["out"] is not None:
        write_table(answer, files["out"], quiet=quiet)
    if files["annotators_table"] is not None and isinstance(answer, VoteResult):
        write_table(answer, files["annotators_table"], name="annotators", quiet=quiet)
    if files["plot"] is not None:
        write_figure(answer, files["plot"], quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files=files)


def _check_source(table: str | None, *, simulate: bool, **tables: str | None) -> None:
    """Ask for a table or a simulation, and for tables beside only where there are votes."""
    if (table is None) != simulate:
        raise UsageError("votes_source")
    given = next((name for name, word in tables.items() if word is not None), None)
    if simulate and given is not None:
        raise UsageError("votes_simulated", option=f"--{given}")


def _titles(text: str | None) -> tuple[str, str, str] | None:
    """Read `task,worker,answer`; a title that holds a comma stands in quotation marks."""
    from imagier.datasets.class_names import split_names

    if text is None:
        return None
    titles = split_names(text)
    if len(titles) != 3:
        raise UsageError("votes_columns", received=printable(text)[:60])
    return titles[0], titles[1], titles[2]
