"""`imagier bench`: measure this machine with the commands that users type."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.errors import UsageError, did_you_mean
from imagier.i18n import duration, t

if TYPE_CHECKING:
    from imagier.bench import BenchMachine, Contender, Row

__all__ = ["bench"]


@click.command("bench", cls=ImagierCommand, help=t("cli.bench.help"))
@click.option("--suite", default="main", metavar=t("cli.name_word"), help=t("cli.bench.suite"))
@click.option("--only", default="", metavar=t("cli.text_word"), help=t("cli.bench.only"))
@click.option("--seeds", type=click.IntRange(min=1), metavar="N", help=t("cli.bench.seeds"))
@click.option("--out", metavar="F.jsonl", help=t("cli.bench.out"))
@click.option("--list", "list_only", is_flag=True, help=t("cli.bench.list"))
@json_option
@quiet_option
def bench(
    suite: str,
    only: str,
    seeds: int | None,
    out: str | None,
    list_only: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.bench import describe_bench_machine, read_measurements, summarise, table_lines

    rows = _rows(suite, only)
    file = Path(out or f"benchmarks/results/{suite}.jsonl")
    machine = describe_bench_machine()
    if not list_only:
        note(
            t("cli.bench.machine", gflops=machine.gflops, processor=machine.processor), quiet=quiet
        )
        _install(rows, quiet=quiet)
        few = rows if seeds is None else tuple(row.of_seeds(seeds) for row in rows)
        _measure(few, file, machine, quiet=quiet)
    summaries = summarise(rows, read_measurements(file))
    if as_json:
        table = [summary.to_json() for summary in summaries]
        print_json({"suite": suite, "file": str(file), "machine": machine.to_json(), "rows": table})
    else:
        click.echo("\n".join(table_lines(summaries)))


def _rows(suite: str, only: str) -> "tuple[Row, ...]":
    """Choose the rows whose name, in English or as it is shown, contains a text."""
    from imagier.bench import SUITES, row_title

    if suite not in SUITES:
        hint = did_you_mean(suite, SUITES)
        raise UsageError("unknown_suite", suite=suite, known=", ".join(SUITES), hint=hint)
    names = {row: f"{row.name}\n{row_title(row)}".casefold() for row in SUITES[suite]}
    rows = tuple(row for row, name in names.items() if only.casefold() in name)
    if not rows:
        raise UsageError("no_such_row", only=only, suite=suite)
    return rows


def _install(rows: "tuple[Row, ...]", *, quiet: bool) -> None:
    """Make the environments of the peers first; a row whose peer cannot come says so itself."""
    from imagier.bench import FailedError, install, missing

    sides = (side for row in rows for side in row.contenders)
    for name in missing(side.arguments[0] for side in sides if side.task == "peer"):
        note(t("cli.bench.installing", name=name), quiet=quiet)
        try:
            install(name)
        except FailedError as failure:
            note(str(failure), quiet=quiet)


def _measure(rows: "tuple[Row, ...]", file: Path, machine: "BenchMachine", *, quiet: bool) -> None:
    from imagier.bench import left_to_do, row_title, run_suite

    left = left_to_do(rows, file, machine)
    minutes = sum(contender.minutes for _, contender, _ in left)
    note(t("cli.bench.left", n=len(left), about=duration(60 * minutes)), quiet=quiet)

    def announce(row: "Row", contender: "Contender", seed: int) -> None:
        about = duration(60 * contender.minutes)
        line = t("cli.bench.begins", row=row_title(row), what=contender.key, seed=seed, about=about)
        note(line, quiet=quiet)

    for one in run_suite(rows, file, machine, announce=announce):
        note(f"  {one.error or one.figures}", quiet=quiet)
