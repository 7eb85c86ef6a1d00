"""The files of `imagier fit`: the figure, and the table of predictions."""

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from imagier.cli.fit_answer import Answer
from imagier.cli.outputs import write_output
from imagier.i18n import t

__all__ = ["write_plot", "write_table"]


def write_plot(answer: Answer, path: Path, *, quiet: bool) -> None:
    """Draw the answer into a PNG or SVG file."""
    from imagier.figures import png, svg
    from imagier.regression import draw_fit, draw_labels

    study = answer.study
    remark = t("cli.fit.synthetic_mark") if study.table.synthetic else ""
    if study.fit is not None:
        names = study.variables.names
        figure = draw_fit(
            study.fit, names=names, target=study.target, level=answer.level, remark=remark
        )
    else:
        assert study.labels is not None  # noqa: S101 - a study finds one or the other
        figure = draw_labels(study.labels, remark=remark)
    is_svg = path.suffix.lower() == ".svg"
    label = t("cli.fit.figure", target=study.target, names=", ".join(study.variables.names))
    content = svg(figure, label=label).encode() if is_svg else png(figure)
    write_output(path, content, quiet=quiet)


def write_table(answer: Answer, path: Path, *, quiet: bool) -> None:
    """Write the points to predict, else those learned from, with what the answer says of each."""
    table = answer.study.table if answer.new is None else answer.new
    answer = Answer(study=answer.study, level=answer.level, new=table)
    titles = [*table.cells]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*titles, *_titles(answer)])
    for cells, rest in zip(zip(*table.cells.values(), strict=True), _rows(answer), strict=True):
        writer.writerow([*cells, *rest])
    write_output(path, file.getvalue().encode(), quiet=quiet)


def _titles(answer: Answer) -> list[str]:
    if answer.labels is not None:
        shares = [f"probability_{label}" for label in answer.labels.classes]
        return ["predicted", *shares, "outside"]
    return ["predicted", "mean_low", "mean_high", "new_low", "new_high", "outside"]


def _rows(answer: Answer) -> Iterable[list[object]]:
    outside = answer.outside
    for place in range(0 if outside is None else len(outside)):
        far = int(outside is not None and bool(outside[place]))
        found = answer.predictions
        if found is not None:
            ends = [
                _number(float(end))
                for pair in (found.mean, found.new)
                for end in (pair[place] if pair is not None else ())
            ]
            yield [_number(float(found.values[place])), *(ends or [""] * 4), far]
        elif answer.labels is not None and answer.probabilities is not None:
            shares = answer.probabilities[place].tolist()
            yield [answer.labels.classes[shares.index(max(shares))], *map(repr, shares), far]


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else ""
