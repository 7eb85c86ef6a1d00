"""An explanation in words: the answer, what it hangs on, the kernels, the sums, the neighbours."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from imagier.answers import text_table
from imagier.files import printable
from imagier.i18n import decimal, integer, percent, t

if TYPE_CHECKING:
    from imagier.explaining.neuron_sums import TracedNeuron
    from imagier.explaining.occlusion import OcclusionMap
    from imagier.explaining.results import Explanation

__all__ = ["PRODUCTS", "explanation_lines", "input_name", "neuron_name"]

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
SHADES = " ░▒▓█"
MOST_SHADED = 28  # places in a row that are shaded
LEAST_FALL = 0.005
PRODUCTS = 5


def explanation_lines(found: "Explanation") -> Iterator[str]:
    """Write an explanation for a terminal.

    Args:
        found: What was found.
    """
    yield from _answer(found)
    yield ""
    yield from _occlusion(found)
    yield ""
    yield from _gradient(found)
    if found.kernels is not None:
        yield ""
        yield from _kernels(found)
    for one in found.sums:
        yield ""
        yield from _sum(found, one)
    if found.kept:
        yield ""
        yield from _kept(found)


def neuron_name(found: "Explanation", one: "TracedNeuron") -> str:
    """Name a neuron: by its class in the last layer, else by its number."""
    if one is found.sums[0]:
        return t("explaining.neuron_of", label=printable(found.classes[one.neuron]))
    return t("explaining.neuron", number=one.neuron + 1, layer=one.layer)


def input_name(one: "TracedNeuron", place: tuple[int, ...]) -> str:
    """Name an input of a neuron: a pixel, or a neuron of the layer before."""
    if not one.is_on_pixels:
        return t("explaining.neuron", number=place[0] + 1, layer=one.layer - 1)
    row, column, channel = place
    key = "pixel" if one.weights.shape[2] == 1 else "channel"
    colour = t(f"explaining.colour.{channel}")
    return t(f"explaining.{key}", row=row + 1, column=column + 1, colour=colour)


def _answer(found: "Explanation") -> Iterator[str]:
    (label, probability), *rest = found.top
    others = ", ".join(f"{printable(name)} {percent(share)}" for name, share in rest)
    others = f"  ({others})" if others else ""
    yield f"{BOLD}{printable(label)}  {percent(probability)}{PLAIN}  {found.name}{others}"
    if found.stranger:
        yield t("explaining.stranger", label=printable(label))
    if found.given is not None and found.given != label:
        yield t("explaining.given", given=printable(found.given))
    if found.classes[found.target] != label:
        facts = {"label": printable(found.classes[found.target])}
        yield t("explaining.asked", share=percent(found.occlusion.before), **facts)


def _occlusion(found: "Explanation") -> Iterator[str]:
    hidden, (row, column) = found.occlusion, found.occlusion.deepest
    facts = {
        "label": printable(found.classes[found.target]),
        "patch": f"{hidden.patch[0]} × {hidden.patch[1]}",
        "size": f"{hidden.size[0]} × {hidden.size[1]}",
        "places": integer(hidden.falls.size),
        "n": hidden.falls.size,
    }
    yield t("explaining.occlusion", **facts)
    if hidden.falls.max() < LEAST_FALL:
        yield t("explaining.occlusion_nothing", **facts)
        return
    top, left = int(hidden.tops[row]), int(hidden.lefts[column])
    facts |= {
        "before": percent(hidden.before),
        "after": percent(float(hidden.probabilities[row, column])),
        "rows": f"{top + 1}–{top + hidden.patch[0]}",
        "columns": f"{left + 1}–{left + hidden.patch[1]}",
    }
    then = int(hidden.answers[row, column])
    key = "explaining.occlusion_fall" if then == found.target else "explaining.occlusion_turn"
    yield t(key, then=printable(found.classes[then]), **facts)
    yield from _shaded(hidden)


def _gradient(found: "Explanation") -> Iterator[str]:
    gradient, (row, column) = found.gradient, found.gradient.steepest
    high, wide = gradient.cell
    slope = float(gradient.slopes[row, column])
    bottom, right = (
        min((row + 1) * high, gradient.size[0]),
        min((column + 1) * wide, gradient.size[1]),
    )
    facts = {
        "label": printable(found.classes[found.target]),
        "cell": f"{high} × {wide}",
        "places": integer(gradient.slopes.size),
        "n": gradient.slopes.size,
        "step": gradient.step,
        "white": found.full_scale,
        "rows": f"{row * high + 1}–{bottom}",
        "columns": f"{column * wide + 1}–{right}",
    }
    yield t("explaining.gradient", **facts)
    if slope:
        yield t(f"explaining.gradient_{'brighter' if slope > 0 else 'darker'}", **facts)
    else:
        yield t("explaining.gradient_nothing", **facts)


def _shaded(hidden: "OcclusionMap") -> Iterator[str]:
    """Draw the falls with letters, two a place; of many places, the deepest of some."""
    falls = hidden.falls
    step = -(-max(falls.shape) // MOST_SHADED)
    strength = np.maximum(falls, 0) / falls.max()
    rows = range(0, falls.shape[0], step)
    for row in rows:
        cells = [
            strength[row : row + step, column : column + step].max()
            for column in range(0, falls.shape[1], step)
        ]
        yield "  |" + "".join(2 * SHADES[round(4 * float(cell))] for cell in cells) + "|"


def _kernels(found: "Explanation") -> Iterator[str]:
    kernels = found.kernels
    assert kernels is not None and found.first_layer is not None  # noqa: S101, PT018 - just asked
    numbers = [integer(place + 1) for place in found.strongest_kernels]
    yield t(
        "explaining.kernels",
        n=len(kernels),
        count=integer(len(kernels)),
        size=f"{kernels.shape[2]} × {kernels.shape[3]}",
        strongest=", ".join(numbers),
        model=found.model,
    )


def _sum(found: "Explanation", one: "TracedNeuron") -> Iterator[str]:
    products, strongest = one.products, one.strongest(PRODUCTS)
    yield t("explaining.sum", name=neuron_name(found, one), n=products.size)
    rows = [[t(f"explaining.column.{name}") for name in ("input", "weight", "number", "product")]]
    for place in strongest:
        numbers = (one.weights[place], one.inputs[place], products[place])
        rows.append([input_name(one, place), *(_number(value) for value in numbers)])
    rest = products.sum() - sum(products[place] for place in strongest)
    left = products.size - len(strongest)
    if left:
        name = t("explaining.rest", n=left, count=integer(left))
        rows.append([name, "", "", _number(float(rest))])
    rows.append([t("explaining.bias"), "", "", _number(one.bias)])
    rows.append([t("explaining.total"), "", "", _number(one.sum)])
    yield from ("  " + line for line in text_table(rows, gap="   "))
    if one is not found.sums[0]:
        yield "  " + t("explaining.output", output=_number(one.output))


def _kept(found: "Explanation") -> Iterator[str]:
    yield t("explaining.kept", n=len(found.kept), count=integer(len(found.kept)))
    rows = [[printable(one.answered), one.name, integer(round(one.distance))] for one in found.kept]
    yield from ("  " + line for line in text_table(rows, left=(0, 1), gap="   "))


def _number(value: float) -> str:
    return decimal(float(value), 3)
