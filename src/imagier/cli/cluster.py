"""`imagier cluster points.csv|FOLDER -k 8`: groups that nobody has named, of points or pictures."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.outputs import check_output, write_figure, write_table
from imagier.errors import DataError, MachineError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.kmeans.results import ClusterOptions, PointClusters
    from imagier.kmeans.tables import PointTable
    from imagier.labelling import PictureGroups
    from imagier.tables import Table

__all__ = ["cluster"]

MOST, RESTARTS = 10, 10
MOST_CLUSTERS = 10_000
STARTS = ("kmeans++", "random", "points")  # those of `imagier.kmeans`, not loaded for `--help`
TABLES, CURVES = (".csv", ".tsv"), (".png", ".svg")
KINDS = {"out": TABLES, "plot": (*CURVES, ".gif"), "scores": CURVES}
FOR_POINTS = ("columns", "weights", "scale")


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
    number = _read_k(k)
    if start not in STARTS and not Path(start).is_file():
        shown, hint = printable(start), did_you_mean(start, STARTS)
        raise UsageError("cluster_start", received=shown, known=", ".join(STARTS), hint=hint)
    settings: dict[str, Any] = {
        "k": number,
        "start": start,
        "restarts": options["restarts"] or RESTARTS,
        "seed": options["seed"],
        "most": options["most"] or MOST,
        "is_scaled": options["scale"],
    }
    answer: PictureGroups | PointClusters
    if Path(source).is_dir():
        files = _check_for_pictures(source, start, options)
        answer = _group_pictures(source, settings, options["describe"], quiet=quiet)
    else:
        files = _check_for_points(source, start, options)
        answer = _cluster_points(source, settings, options, quiet=quiet)
    written = _write(answer, files, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={**dict.fromkeys(KINDS), **written})


def _read_k(text: str) -> int | None:
    """Read `-k`: a number, or None for `auto`."""
    number = int(text) if re.fullmatch(r"\s*\d{1,7}\s*", text, re.ASCII) else 0
    if text.strip() != "auto" and not 1 <= number <= MOST_CLUSTERS:
        raise UsageError("cluster_k", received=printable(text[:40]), limit=integer(MOST_CLUSTERS))
    return number or None


def _check_for_points(source: str, start: str, options: Mapping[str, Any]) -> dict[str, Path]:
    """Refuse early what has no sense for points, and files that cannot be written."""
    if options["describe"]:
        raise UsageError("cluster_pictures_only", option="--describe")
    inputs = [source, start]
    return {
        name: check_output(options[name], kinds=KINDS[name], inputs=inputs, force=options["force"])
        for name in KINDS
        if options[name] is not None
    }


def _check_for_pictures(folder: str, start: str, options: Mapping[str, Any]) -> dict[str, Path]:
    """Refuse early what has no sense for pictures, and files that cannot be written."""
    from imagier.labelling import check_links

    for name in FOR_POINTS:
        if options[name]:
            raise UsageError("cluster_points_only", option=f"--{name}")
    if start not in STARTS:
        raise UsageError("cluster_points_only", option=f"--start {printable(start)}")
    files = {}
    for name in ("plot", "scores"):
        if options[name] is not None:
            files[name] = check_output(options[name], kinds=CURVES, force=options["force"])
    out = options["out"]
    if out is not None and _is_table(Path(out)):
        files["out"] = check_output(out, kinds=TABLES, force=options["force"])
    elif out is not None:
        check_links(Path(out), Path(folder), force=options["force"])
        files["out"] = Path(out)
    return files


def _cluster_points(
    source: str, settings: dict[str, Any], options: Mapping[str, Any], *, quiet: bool
) -> "PointClusters":
    from imagier.kmeans.results import ClusterOptions, cluster_points
    from imagier.kmeans.tables import point_table

    table = point_table(_table(source), columns=options["columns"], weights=options["weights"])
    wanted = ClusterOptions(**settings)
    if wanted.start not in STARTS:
        wanted = _with_first_centres(wanted, table)
    _tell_of_compiling(quiet=quiet)
    return cluster_points(table, wanted)


def _group_pictures(
    folder: str, settings: dict[str, Any], described_by: Any, *, quiet: bool
) -> "PictureGroups":
    from imagier.kmeans.results import ClusterOptions
    from imagier.labelling import group_pictures

    _tell_of_compiling(quiet=quiet)
    with progress_bar(t("cli.cluster.progress"), quiet=quiet) as advance:
        return group_pictures(
            folder,
            ClusterOptions(**settings),
            described_by=described_by,
            progress=advance,
        )


def _table(source: str) -> "Table":
    """Read a file of points, or take an example by its name."""
    from imagier.kmeans.tables import EXAMPLES, example_table

    if Path(source).is_file():
        return _table_file(Path(source))
    if source not in EXAMPLES:
        shown, hint = printable(source), did_you_mean(source, EXAMPLES)
        raise DataError("cluster_missing", path=shown, examples=", ".join(EXAMPLES), hint=hint)
    return example_table(source)


def _table_file(path: Path) -> "Table":
    from imagier.tables import TABLE_SUFFIXES, read_table

    if path.suffix.lower() not in TABLE_SUFFIXES:
        kinds = ", ".join(TABLE_SUFFIXES)
        raise DataError("cluster_kind", path=printable(path), kinds=kinds)
    return read_table(path)


def _with_first_centres(options: "ClusterOptions", table: "PointTable") -> "ClusterOptions":
    """Read the first centres: a table with the columns of the points, one row a centre."""
    from imagier.kmeans.tables import point_table

    path = Path(options.start)
    is_untitled = table.columns[0] == "c1"  # as `read_table` calls a first column without a title
    columns = None if is_untitled else ",".join(table.columns)
    centres = point_table(_table_file(path), columns=columns).points
    if options.k not in (None, len(centres)):
        facts = {"rows": len(centres), "k": options.k}
        raise UsageError("cluster_start_rows", path=printable(path), **facts)
    return replace(options, first_centres=centres)


def _write(
    answer: "PictureGroups | PointClusters", files: Mapping[str, Path], *, quiet: bool
) -> dict[str, Path]:
    """Write the files that were asked for; give those that there was something for."""
    written = dict(files)
    for name, path in files.items():
        figure = "figure" if name == "plot" else name
        if name == "out":
            _write_out(answer, path, quiet=quiet)
        elif figure in answer.figures():
            write_figure(answer, path, name=figure, quiet=quiet)
        else:
            note(t("cli.cluster.nothing_to_score"), quiet=quiet)
            del written[name]
    return written


def _write_out(answer: "PictureGroups | PointClusters", path: Path, *, quiet: bool) -> None:
    if _is_table(path):
        write_table(answer, path, quiet=quiet)
        return
    from imagier.labelling import PictureGroups, link_clusters

    if isinstance(answer, PictureGroups):
        link_clusters(answer.found, path)
        note(t("cli.written", path=printable(path)), quiet=quiet)


def _tell_of_compiling(*, quiet: bool) -> None:
    from imagier.kmeans import engine

    if engine.is_compiled():
        return
    try:
        engine.kept_code()
    except MachineError as error:
        note(t("cli.cluster.compiling_each_time", reason=error.message), quiet=quiet)
    else:
        note(t("cli.cluster.compiling"), quiet=quiet)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLES
