"""`imagier cluster FOLDER`: groups of pictures that look alike, as a table or folders of links."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from imagier.cli.cluster_points import Wishes
from imagier.cli.cluster_table import safe_row
from imagier.cli.cluster_text import aligned, choice_facts, told_choice
from imagier.cli.framework import note, progress_bar
from imagier.cli.outputs import check_output, write_output
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, percent, t

if TYPE_CHECKING:
    from imagier.kmeans import Start
    from imagier.labelling import PictureClusters

__all__ = ["answer_pictures", "check_files", "find_clusters", "picture_lines", "write_files"]

TABLES, PLOTS, CURVES = (".csv", ".tsv"), (".png", ".svg"), (".png", ".svg")
TYPICAL = 5  # pictures named for each cluster in the answer for programs
MOST_ROWS = 40
FOR_POINTS = ("columns", "weights", "scale")


def check_files(folder: str, wishes: Wishes, options: dict[str, Any]) -> dict[str, Path]:
    """Refuse early what has no sense for pictures, and files that cannot be written.

    Raises:
        UsageError: `cluster_points_only`, and what `check_output` and `check_links` refuse.
    """
    from imagier.labelling import check_links

    for name in FOR_POINTS:
        if options[name]:
            raise UsageError("cluster_points_only", option=f"--{name}")
    if isinstance(wishes.start, Path):
        raise UsageError("cluster_points_only", option=f"--start {printable(wishes.start)}")
    files = {}
    for name, kinds in (("plot", PLOTS), ("scores", CURVES)):
        if options[name] is not None:
            files[name] = check_output(options[name], kinds=kinds, force=options["force"])
    out = options["out"]
    if out is not None and _is_table(Path(out)):
        files["out"] = check_output(out, kinds=TABLES, force=options["force"])
    elif out is not None:
        check_links(Path(out), Path(folder), force=options["force"])
        files["out"] = Path(out)
    return files


def find_clusters(
    folder: str, wishes: Wishes, described_by: str | None, *, quiet: bool
) -> "PictureClusters":
    """Look at all pictures and sort them."""
    from imagier.labelling import Describing, cluster_pictures

    with progress_bar(t("cli.cluster.looking"), quiet=quiet) as advance:
        found = cluster_pictures(
            folder,
            wishes.k,
            described_by=cast("Describing | None", described_by),
            start=cast("Start", wishes.start),
            restarts=wishes.restarts,
            most=wishes.most,
            seed=wishes.seed,
            watch=advance,
        )
    for error in found.skipped:
        note(t("cli.cluster.skipped", message=error.message), quiet=quiet)
    if found.passed_over:
        n = found.passed_over
        note(t("cli.cluster.passed_over", n=n, number=integer(n)), quiet=quiet)
    k = len(found.clusters.centres)
    if wishes.k is not None and k < wishes.k:
        note(t("cli.cluster.few_places", n=k, number=integer(k), k=integer(wishes.k)), quiet=quiet)
    return found


def write_files(found: "PictureClusters", files: dict[str, Path], *, quiet: bool) -> dict[str, str]:
    """Write the table or the links, the page of pictures, the scores; give what was written."""
    from imagier.cli.cluster_files import figure_bytes
    from imagier.kmeans import draw_choice
    from imagier.labelling import contact_sheet, link_clusters

    written = {name: printable(path) for name, path in files.items()}
    for name, path in files.items():
        if name == "out" and not _is_table(path):
            link_clusters(found, path)
            note(t("cli.written", path=printable(path)), quiet=quiet)
        elif name == "out":
            write_output(path, _table(found, path), quiet=quiet)
        elif name == "plot":
            label = t("cli.cluster.sheet", k=len(found.clusters.centres))
            write_output(path, figure_bytes(contact_sheet(found), path, label=label), quiet=quiet)
        elif found.choice is None or not found.choice.scores:
            note(t("cli.cluster.nothing_to_score"), quiet=quiet)
            del written[name]
        else:
            label = t("cli.cluster.scores_figure", k=found.choice.k)
            figure = draw_choice(found.choice)
            write_output(path, figure_bytes(figure, path, label=label), quiet=quiet)
    return written


def answer_pictures(
    source: str, found: "PictureClusters", wishes: Wishes, files: dict[str, str]
) -> dict[str, object]:
    """Give the answer as programs read it: the keys are those of points."""
    clusters = found.clusters
    return {
        "source": printable(source),
        "kind": "pictures",
        "k": len(clusters.centres),
        "asked": wishes.k,
        "cost": clusters.cost,
        "steps": clusters.steps,
        "sizes": [int(size) for size in clusters.sizes.tolist()],
        "centres": None,
        "columns": None,
        "points": len(found.labels),
        "labels": (found.labels + 1).tolist(),
        "paths": [printable(path) for path in found.paths],
        "start": str(wishes.start),
        "restarts": wishes.restarts,
        "seed": wishes.seed,
        "scaled": False,
        "settled": clusters.has_settled,
        "choice": choice_facts(found.choice),
        "described_by": found.described_by,
        "typical": [
            [printable(path) for path in found.typical(number, TYPICAL)]
            for number in range(len(clusters.centres))
        ],
        "skipped": [
            {"path": str(error.facts["path"]), "code": error.code, "message": error.message}
            for error in found.skipped
        ],
        **{name: files.get(name) for name in ("out", "plot", "scores")},
    }


def picture_lines(source: str, found: "PictureClusters") -> Iterator[str]:
    """Give the answer as people read it."""
    n = len(found.paths)
    yield t("cli.cluster.pictures_title", name=printable(source), n=n, count=integer(n))
    yield t(f"cli.cluster.described_by.{found.described_by}")
    yield from told_choice(found.choice)
    yield ""
    titles = ("cluster", "pictures", "share", "typical")
    rows = [[t(f"cli.cluster.{title}") for title in titles]]
    sizes = [int(size) for size in found.clusters.sizes.tolist()]
    for number, size in enumerate(sizes[:MOST_ROWS]):
        names = ", ".join(printable(Path(path).name) for path in found.typical(number, 2))
        rows.append([integer(number + 1), integer(size), percent(size / n), names])
    yield from aligned(rows, left=3)
    if len(sizes) > MOST_ROWS:
        yield t("cli.cluster.more", count=integer(len(sizes) - MOST_ROWS))


def _table(found: "PictureClusters", path: Path) -> bytes:
    text = io.StringIO()
    mark = "\t" if path.suffix.lower() == ".tsv" else ","
    writer = csv.writer(text, delimiter=mark, lineterminator="\n")
    writer.writerow(["path", "cluster", "distance"])
    numbers, distances = (found.labels + 1).tolist(), found.distances.tolist()
    for name, number, distance in zip(found.paths, numbers, distances, strict=True):
        writer.writerow([*safe_row([printable(name)]), number, f"{distance:.6g}"])
    return text.getvalue().encode()


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLES
