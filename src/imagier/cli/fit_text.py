"""The answer of `imagier fit` as lines for a terminal."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from imagier.cli.fit_answer import Answer
from imagier.files import printable
from imagier.i18n import integer, percent, t

if TYPE_CHECKING:
    from imagier.regression import Choice, Fit

__all__ = ["label_lines", "lines"]

_MOST_ROWS = 30
_CURVES = {
    "exp": "{target} = a · exp(b · {x})",
    "power": "{target} = a · {x}^b",
    "growth": "{target} = limit / (1 + exp(−rate · ({x} − middle)))",
}


def lines(answer: Answer) -> Iterator[str]:
    """Write the model, its coefficients, its errors and its predictions."""
    fit = answer.fit
    assert fit is not None  # noqa: S101 - asked for numbers only
    yield _title(answer)
    if answer.study.choice:
        yield ""
        yield from _choice(answer.study.choice, fit)
    yield ""
    yield _formula(answer, fit)
    yield ""
    yield from _coefficients(fit, answer.level)
    yield ""
    yield from _errors(answer, fit)
    yield from _predictions(answer)


def label_lines(answer: Answer) -> Iterator[str]:
    """Write the line of each class, how often it is right, and the predictions."""
    from imagier.regression import written

    labels = answer.labels
    assert labels is not None  # noqa: S101 - asked for labels only
    yield _title(answer)
    yield ""
    yield t("cli.fit.softmax_formula")
    yield ""
    head = ["", *map(printable, labels.classes)]
    rows = [
        [printable(name), *map(written, labels.weights[row].tolist())]
        for row, name in enumerate(("intercept", *labels.names))
    ]
    yield from _table(head, rows)
    yield ""
    facts = {"accuracy": percent(labels.accuracy), "baseline": percent(labels.baseline)}
    yield t("cli.fit.accuracy", left_out=percent(answer.left_out), **facts)
    yield t("cli.fit.cross_entropy", value=written(labels.cross_entropy, 4))
    yield from _label_predictions(answer)


def _title(answer: Answer) -> str:
    study = answer.study
    return t(
        "cli.fit.title",
        n=len(study.table),
        name=study.table.name,
        count=integer(len(study.table)),
        target=printable(study.target),
        names=printable(", ".join(study.variables.names)),
    )


def _formula(answer: Answer, fit: "Fit") -> str:
    from imagier.regression import equation

    target, names = printable(answer.study.target), answer.study.variables.names
    if fit.family.is_linear:
        parameters = map(float, fit.parameters)
        text = equation(target, dict(zip(fit.family.parameters, parameters, strict=True)))
    elif fit.family.name in _CURVES:
        text = _CURVES[fit.family.name].format(target=target, x=names[0])
    else:
        text = f"{target} = {fit.family.name}"
    return t(f"cli.fit.found.{fit.error}", formula=printable(text))


def _coefficients(fit: "Fit", level: float) -> Iterator[str]:
    from imagier.regression import written

    intervals = fit.intervals(level)
    head = [t("cli.fit.coefficient"), t("cli.fit.value")]
    head += [t("cli.fit.interval", level=percent(level, 0))] if intervals else []
    rows = []
    for place, name in enumerate(fit.family.parameters):
        row = [printable(name), written(float(fit.parameters[place]))]
        row += [_interval(*intervals[place])] if intervals else []
        rows.append(row)
    yield from _table(head, rows)


def _errors(answer: Answer, fit: "Fit") -> Iterator[str]:
    from imagier.regression import written

    errors = fit.errors
    size = max(abs(errors.signed) / max(errors.absolute, 1e-300), 1e-300)
    signed = "0" if size < 1e-9 else written(errors.signed, 4)
    yield t("cli.fit.signed", value=signed)
    yield t("cli.fit.absolute", value=written(errors.absolute, 4))
    root = written(errors.squared**0.5, 4)
    unit = printable(answer.study.target)
    yield t("cli.fit.squared", value=written(errors.squared, 4), root=root, target=unit)
    if fit.r2 is not None:
        yield t("cli.fit.r2", value=written(fit.r2, 3), target=unit)


def _choice(choice: "Choice", fit: "Fit") -> Iterator[str]:
    from imagier.regression import written

    head = [t(f"cli.fit.choice.{word}") for word in ("family", "parameters", "error", "aicc")]
    rows = []
    for one in choice.candidates:
        if one.error is None:
            rows.append([one.family, "–", "–", "–"])
            continue
        aicc = "–" if one.aicc is None else written(one.aicc, 4)
        rows.append([one.family, str(one.parameters), written(one.error, 4), aicc])
    yield from _table(head, rows)
    yield t("cli.fit.choice.why", family=fit.family.name, n=choice.parts, parts=choice.parts)


def _predictions(answer: Answer) -> Iterator[str]:
    from imagier.regression import written

    found, new = answer.predictions, answer.new
    if found is None or new is None:
        return
    yield ""
    head = [*answer.study.variables.titles, printable(answer.study.target)]
    level = percent(answer.level, 0)
    head += [t("cli.fit.mean", level=level), t("cli.fit.new", level=level), ""]
    rows = []
    for place in range(min(len(found), _MOST_ROWS)):
        ends = [
            "–" if pair is None else _interval(*map(float, pair[place]))
            for pair in (found.mean, found.new)
        ]
        value, far = written(float(found.values[place])), bool(found.outside[place])
        rows.append([*_known(answer, place), value, *ends, t("cli.fit.far") if far else ""])
    yield from _table(head, rows)
    yield from _more(len(found))


def _label_predictions(answer: Answer) -> Iterator[str]:
    shares, labels = answer.probabilities, answer.labels
    if shares is None or labels is None or answer.outside is None:
        return
    yield ""
    head = [*answer.study.variables.titles, printable(answer.study.target), *labels.classes, ""]
    rows = []
    for place in range(min(len(shares), _MOST_ROWS)):
        best = labels.classes[int(shares[place].argmax())]
        far = t("cli.fit.far") if answer.outside[place] else ""
        rows.append([*_known(answer, place), best, *map(percent, shares[place].tolist()), far])
    yield from _table(head, rows)
    yield from _more(len(shares))


def _known(answer: Answer, place: int) -> list[str]:
    assert answer.new is not None  # noqa: S101 - asked for predictions only
    return [printable(answer.new.cells[title][place]) for title in answer.study.variables.titles]


def _more(count: int) -> Iterator[str]:
    if count > _MOST_ROWS:
        yield t("cli.fit.more", n=count - _MOST_ROWS, count=integer(count - _MOST_ROWS))


def _interval(low: float, high: float) -> str:
    from imagier.regression import written

    return t("cli.fit.from_to", low=written(low), high=written(high))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align a table: the first column to the left, numbers to the right."""
    cells = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    texts = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in cells
    ]
    yield texts[0]
    yield "─" * max(map(len, texts))
    yield from texts[1:]
