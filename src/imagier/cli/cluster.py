"""`imagier cluster points.csv|FOLDER -k 8`: groups that nobody has named, of points or pictures."""

from pathlib import Path
from typing import Any

import click

from imagier.cli.cluster_points import PointClusters, Wishes, cluster_points, read_wishes
from imagier.cli.cluster_table import open_points
from imagier.cli.cluster_text import facts, lines, remarks
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.cli.outputs import check_output, write_output
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["cluster"]

MOST, RESTARTS = 10, 10
TABLES, PLOTS, CURVES = (".csv", ".tsv"), (".png", ".svg", ".gif"), (".png", ".svg")


@click.command("cluster", cls=ImagierCommand, help=t("cli.cluster.help"))
@click.argument("source", metavar=t("cli.cluster.source_word"))
@click.option("-k", "k", metavar="K|auto", default="auto", help=t("cli.cluster.k"))
@click.option(
    "--start",
    metavar=f"kmeans++|random|points|{t('cli.cluster.file_word')}",
    default="kmeans++",
    help=t("cli.cluster.start"),
)
@click.option("--columns", metavar="a,b", help=t("cli.cluster.columns"))
@click.option("--weights", metavar=t("cli.cluster.column_word"), help=t("cli.cluster.weights"))
@click.option("--scale", is_flag=True, help=t("cli.cluster.scale"))
@click.option(
    "--most",
    type=click.IntRange(2, 100),
    metavar="N",
    help=t("cli.cluster.most", default=MOST),
)
@click.option(
    "--restarts",
    type=click.IntRange(1, 1000),
    metavar="N",
    help=t("cli.cluster.restarts", default=RESTARTS),
)
@click.option("--seed", type=click.IntRange(0), metavar="N", default=0, help=t("cli.cluster.seed"))
@click.option("--out", metavar=f"F.csv|{t('cli.cluster.folder_word')}", help=t("cli.cluster.out"))
@click.option("--plot", metavar="F.png|F.svg|F.gif", help=t("cli.cluster.plot"))
@click.option("--scores", metavar="F.png|F.svg", help=t("cli.cluster.scores"))
@click.option(
    "--describe",
    type=click.Choice(("features", "histogram")),
    help=t("cli.cluster.describe"),
)
@click.option("--force", is_flag=True, help=t("cli.cluster.force"))
@json_option
@quiet_option
def cluster(source: str, k: str, start: str, as_json: bool, quiet: bool, **options: Any) -> None:
    wishes = read_wishes(
        k,
        start,
        restarts=options["restarts"] or RESTARTS,
        seed=options["seed"],
        most=options["most"] or MOST,
        is_scaled=options["scale"],
    )
    if Path(source).is_dir():
        _pictures(source, wishes, options, as_json=as_json, quiet=quiet)
    else:
        _points(source, wishes, options, as_json=as_json, quiet=quiet)


def _tell_of_compiling(*, quiet: bool) -> None:
    from imagier.kmeans.engine import is_compiled

    if not is_compiled():
        note(t("cli.cluster.compiling"), quiet=quiet)


def _pictures(
    source: str, wishes: Wishes, options: dict[str, Any], *, as_json: bool, quiet: bool
) -> None:
    from imagier.cli import cluster_pictures as pictures

    files = pictures.check_files(source, wishes, options)
    _tell_of_compiling(quiet=quiet)
    found = pictures.find_clusters(source, wishes, options["describe"], quiet=quiet)
    written = pictures.write_files(found, files, quiet=quiet)
    if as_json:
        print_json(pictures.answer_pictures(source, found, wishes, written))
        return
    for line in pictures.picture_lines(source, found):
        click.echo(line)


def _points(
    source: str, wishes: Wishes, options: dict[str, Any], *, as_json: bool, quiet: bool
) -> None:
    if options["describe"]:
        raise UsageError("cluster_pictures_only", option="--describe")
    kinds = {"out": TABLES, "plot": PLOTS, "scores": CURVES}
    inputs = [source, str(wishes.start)]
    files = {
        name: check_output(options[name], kinds=kinds[name], inputs=inputs, force=options["force"])
        for name in kinds
        if options[name] is not None
    }
    table = open_points(source, columns=options["columns"], weights=options["weights"])
    _tell_of_compiling(quiet=quiet)
    found = cluster_points(table, wishes)
    for text in (*table.notes, *remarks(found, wishes)):
        note(text, quiet=quiet)
    written = _write(found, files, quiet=quiet)
    if as_json:
        print_json(facts(found, wishes, written))
        return
    for line in lines(found, wishes):
        click.echo(line)


def _write(found: PointClusters, files: dict[str, Path], *, quiet: bool) -> dict[str, str]:
    """Write the files that were asked for; give the names of those that there was something for."""
    from imagier.cli.cluster_files import draw_points, draw_scores, write_table

    writers = {"out": write_table, "plot": draw_points, "scores": draw_scores}
    written = {}
    for name, path in files.items():
        content = writers[name](found, path)
        if content is None:
            note(t("cli.cluster.nothing_to_score"), quiet=quiet)
        else:
            write_output(path, content, quiet=quiet)
            written[name] = printable(path)
    return written
