"""The files of `imagier fit`: the figure, and the table of predictions."""

import csv
import io
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from imagier.cli.fit_answer import Answer
from imagier.cli.framework import note
from imagier.errors import UsageError
from imagier.files import printable, write_file
from imagier.i18n import t

__all__ = ["check_output", "write_plot", "write_table"]


def check_output(
    path: str, kinds: Sequence[str], *, inputs: Iterable[str | None], force: bool
) -> None:
    """Refuse before any work: an unknown kind, one of the inputs, a file already there."""
    out = Path(path)
    if out.suffix.lower() not in kinds:
        raise UsageError("fit_output_kind", path=printable(path), kinds=", ".join(kinds))
    for word in inputs:
        if word and out.exists() and os.path.realpath(word) == os.path.realpath(out):
            raise UsageError("fit_output_is_input", path=printable(path))
    if os.path.lexists(out) and not force:
        raise UsageError("output_exists", path=printable(path))


def write_plot(answer: Answer, path: str, *, quiet: bool) -> None:
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
    is_svg = Path(path).suffix.lower() == ".svg"
    label = t("cli.fit.figure", target=study.target, names=", ".join(study.variables.names))
    _write(path, svg(figure, label=label).encode() if is_svg else png(figure), quiet=quiet)


def write_table(answer: Answer, path: str, *, quiet: bool) -> None:
    """Write the points to predict, else those learned from, with what the answer says of each."""
    table = answer.study.table if answer.new is None else answer.new
    answer = Answer(study=answer.study, level=answer.level, new=table)
    titles = [*table.cells]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*titles, *_titles(answer)])
    for cells, rest in zip(zip(*table.cells.values(), strict=True), _rows(answer), strict=True):
        writer.writerow([*cells, *rest])
    _write(path, file.getvalue().encode(), quiet=quiet)


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


def _write(path: str, content: bytes, *, quiet: bool) -> None:
    write_file(Path(path), content)
    note(t("cli.fit.written", path=printable(path)), quiet=quiet)
