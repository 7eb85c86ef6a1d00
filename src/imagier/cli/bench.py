"""`imagier bench`: measure this machine with the commands that users type."""

from pathlib import Path

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.errors import UsageError, did_you_mean
from imagier.i18n import t

__all__ = ["bench"]


@click.command("bench", cls=ImagierCommand, help=t("cli.bench.help"))
@click.option("--suite", default="main", metavar=t("cli.name_word"), help=t("cli.bench.suite"))
@click.option("--only", default="", metavar=t("cli.text_word"), help=t("cli.bench.only"))
@click.option("--out", metavar="F.jsonl", help=t("cli.bench.out"))
@click.option("--list", "list_only", is_flag=True, help=t("cli.bench.list"))
@json_option
@quiet_option
def bench(
    suite: str, only: str, out: str | None, list_only: bool, as_json: bool, quiet: bool
) -> None:
    from imagier.bench import (
        SUITES,
        describe_bench_machine,
        read_measurements,
        run_suite,
        summarise,
        table_lines,
    )

    if suite not in SUITES:
        hint = did_you_mean(suite, SUITES)
        raise UsageError("unknown_suite", suite=suite, known=", ".join(SUITES), hint=hint)
    rows = SUITES[suite]
    file = Path(out or f"benchmarks/results/{suite}.jsonl")
    machine = describe_bench_machine()
    if not list_only:
        note(
            t("cli.bench.machine", gflops=machine.gflops, processor=machine.processor), quiet=quiet
        )
        for one in run_suite(rows, file, machine, only=only):
            note(f"{one.task} · {one.seed} · {one.error or one.figures}", quiet=quiet)
    summaries = summarise(rows, read_measurements(file))
    if as_json:
        table = [summary.to_json() for summary in summaries]
        print_json({"suite": suite, "file": str(file), "machine": machine.to_json(), "rows": table})
    else:
        click.echo("\n".join(table_lines(summaries)))
