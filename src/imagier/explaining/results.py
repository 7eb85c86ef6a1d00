"""What `imagier explain` answers: why a model gives a picture this name.

Five views, as far as the model allows each: the places that the answer hangs on (`occlusion.py`,
every model), how it changes with their brightness (`gradient_map.py`, every model), the first
kernels and what they find (`trained_kernels.py`, networks that begin with a convolution), the sums
of the neurons (`neuron_sums.py`, linear and dense networks), and the nearest of the pictures that
the model keeps. What a model does not show is said in the notes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.convolution import ConvolutionLayer, Stage, stages
from imagier.errors import ImagierError, UsageError, did_you_mean
from imagier.explaining.gradient_map import GradientMap, gradient_map
from imagier.explaining.neuron_sums import TracedNeuron, neuron_sums
from imagier.explaining.occlusion import OcclusionMap, occlusion_map
from imagier.explaining.plots import explanation_figure
from imagier.explaining.trained_kernels import first_steps, normalised
from imagier.explaining.wording import explanation_lines
from imagier.files import printable
from imagier.i18n import t
from imagier.recognizer import golden_pictures
from imagier.recognizer.inputs import read_picture

if TYPE_CHECKING:
    from imagier.recognizer import Recognizer
    from imagier.recognizer.inputs import Picturable

__all__ = ["Explanation", "KeptPicture", "explain_picture"]

SHOWN = 5  # classes, products, and no more
NEAREST = 3
MOST_KEPT = 100  # kept pictures that are compared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptPicture:
    """A picture that the model keeps, golden: one of a class, at most ten.

    Attributes:
        name: Its file in the model folder.
        pixels: The picture as the network gets it, (H, W, C).
        answered: What the model answers to it.
        distance: How far it is from the picture that is explained: the norm of the difference, of
            levels from 0 to 255.
    """

    name: str
    pixels: NDArray[np.uint8]
    answered: str
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Explanation(Shown):
    """Why an answer was given.

    Attributes:
        name: The picture, on one line.
        given: Its name, in a named set.
        model: Name of the model.
        network: What it consists of.
        classes: The names it can give.
        full_scale: The level that is white in `pixels`.
        pixels: The picture as the network gets it, (H, W, C).
        probabilities: The answer, (K,).
        strangeness: Above 1 the picture is of none of the classes; None where the model does not
            tell.
        target: The class that is explained, as a position: the answer, unless asked otherwise.
        occlusion: What became of its probability when each place was hidden.
        gradient: How its odds change with the brightness of each cell.
        first_layer: The first convolution and its maps; None where there is none to show.
        sums: Neurons, from that of the class back to the pixels; none in other networks.
        kept: The nearest of the pictures that the model keeps, the nearest first.
        notes: What the model does not show, as sentences.
    """

    name: str
    given: str | None
    model: str
    network: str
    classes: tuple[str, ...]
    full_scale: int
    pixels: NDArray[np.uint8]
    probabilities: NDArray[np.float64]
    strangeness: float | None
    target: int
    occlusion: OcclusionMap
    gradient: GradientMap
    first_layer: Stage | None
    sums: tuple[TracedNeuron, ...]
    kept: tuple[KeptPicture, ...]
    notes: tuple[str, ...]

    @property
    def stranger(self) -> bool | None:
        """Whether the model takes the picture for none of its classes; None where it never does."""
        return None if self.strangeness is None else self.strangeness > 1

    @property
    def top(self) -> list[tuple[str, float]]:
        """The best choices with their probabilities, the best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:SHOWN]
        return [(self.classes[place], float(self.probabilities[place])) for place in order]

    @property
    def kernels(self) -> NDArray[np.float64] | None:
        """The kernels of the first convolution, (K, C, h, w)."""
        step = self.first_layer.step if self.first_layer else None
        return step.kernels if isinstance(step, ConvolutionLayer) else None

    @property
    def strongest_kernels(self) -> list[int]:
        """The kernels, from 0, whose maps vary most over the picture, by their std."""
        if self.first_layer is None:
            return []
        std = self.first_layer.maps.std(axis=(0, 1))
        return [int(place) for place in np.argsort(-std, kind="stable")[:NEAREST]]

    def lines(self) -> Iterator[str]:
        """Give the answer, then each view that there is."""
        yield from explanation_lines(self)

    def to_json(self) -> dict[str, Any]:
        """Give the answer and all views; null or an empty list where there is none."""
        first, probability = self.top[0]
        return {
            "picture": self.name,
            "given": self.given,
            "model": self.model,
            "network": self.network,
            "label": first,
            "probability": probability,
            "top": [list(choice) for choice in self.top],
            "stranger": self.stranger,
            "class": self.classes[self.target],
            "occlusion": self._occlusion_json(),
            "gradient": {
                "cell": list(self.gradient.cell),
                "step": self.gradient.step,
                "slopes": self.gradient.slopes.tolist(),
            },
            "kernels": self._kernels_json(),
            "neurons": [_sum_json(one) for one in self.sums],
            "kept": [
                {"picture": one.name, "answered": one.answered, "distance": one.distance}
                for one in self.kept
            ],
            "notes": list(self.notes),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Draw all views on one sheet."""
        label = t("explaining.alt", name=self.name, label=printable(self.classes[self.target]))
        return {"figure": AnswerFigure(label=label, draw=lambda: explanation_figure(self))}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give `occlusion` and `gradient`, a row a place, and `products`, a row an input."""
        found = self.occlusion
        places = [
            (int(top), int(left), *found.patch, float(found.probabilities[row, column]))
            for row, top in enumerate(found.tops)
            for column, left in enumerate(found.lefts)
        ]
        products = [
            (one.layer, one.neuron, " ".join(map(str, place)), weight, number, weight * number)
            for one in self.sums
            for (place, weight), number in zip(
                np.ndenumerate(one.weights), one.inputs.ravel(), strict=True
            )
        ]
        return {
            "occlusion": AnswerTable(
                columns=("top", "left", "height", "width", "probability"), rows=places
            ),
            "gradient": AnswerTable(
                columns=("row", "column", "slope"),
                rows=[(*at, float(slope)) for at, slope in np.ndenumerate(self.gradient.slopes)],
            ),
            "products": AnswerTable(
                columns=("layer", "neuron", "input", "weight", "number", "product"),
                rows=products,
            ),
        }

    def _occlusion_json(self) -> dict[str, Any]:
        found, (row, column) = self.occlusion, self.occlusion.deepest
        return {
            "patch": list(found.patch),
            "tops": found.tops.tolist(),
            "lefts": found.lefts.tolist(),
            "before": found.before,
            "probabilities": found.probabilities.tolist(),
            "lowest": float(found.probabilities[row, column]),
            "at": [int(found.tops[row]), int(found.lefts[column])],
            "then": self.classes[found.answers[row, column]],
        }

    def _kernels_json(self) -> dict[str, Any] | None:
        if self.kernels is None or self.first_layer is None:
            return None
        return {
            "shape": list(self.kernels.shape),
            "maps": list(self.first_layer.maps.shape),
            "strongest": [place + 1 for place in self.strongest_kernels],
        }


def explain_picture(
    recognizer: "Recognizer",
    picture: "Picturable",
    *,
    name: str | None = None,
    scale: int | None = None,
    given: str | None = None,
    label: str | None = None,
    patch: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Explanation:
    """Ask a model for a picture's name, and look for the reasons.

    Args:
        recognizer: The model.
        picture: A file's name, a file's content, a Pillow image, or an array of levels.
        name: What the picture is called; None for the name it brings.
        scale: The level that is white in an array; None for the scale the network learnt on.
        given: Its name, where it is known.
        label: The class to explain; None for the answer.
        patch: Side of what hides, in pixels of the input; None chooses it by what it changes.
        progress: Called with the places hidden and the places in all.

    Raises:
        UsageError: `model_reads_lines`, `explain_class` or `explain_patch`.
        PictureError: With the reason why the picture cannot be read.
        ModelError: When the model cannot be run, or does not hold together.
    """
    recognizer.check_names()
    found, pixels = read_picture(picture, recognizer.prepare, scale=scale)
    _check_patch(patch, pixels)
    answers = recognizer.answers(pixels[np.newaxis])
    probabilities = answers.probabilities[0].astype(np.float64)
    target = int(probabilities.argmax()) if label is None else _position(label, recognizer.classes)
    sums = neuron_sums(recognizer, pixels, target)
    first_layer, kernel_notes = _first_layer(recognizer, pixels)
    kept = _nearest(recognizer, pixels)
    return Explanation(
        name=name or found,
        given=given,
        model=recognizer.name,
        network=recognizer.card.network,
        classes=recognizer.classes,
        full_scale=recognizer.prepare.full_scale,
        pixels=pixels,
        probabilities=probabilities,
        strangeness=None if answers.strangeness is None else float(answers.strangeness[0]),
        target=target,
        occlusion=occlusion_map(recognizer, pixels, target, patch=patch, progress=progress),
        gradient=gradient_map(recognizer, pixels, target, progress=progress),
        first_layer=first_layer,
        sums=sums,
        kept=kept,
        notes=(
            *(() if sums else kernel_notes),
            *(() if sums or first_layer is None else (t("explaining.no_sums"),)),
            t("explaining.no_training_pictures") if kept else t("explaining.no_pictures"),
        ),
    )


def _position(label: str, classes: Sequence[str]) -> int:
    if label not in classes:
        shown = ", ".join(map(printable, classes[:10])) + ("…" if len(classes) > 10 else "")
        facts = {"classes": shown, "hint": did_you_mean(label, classes)}
        raise UsageError("explain_class", label=printable(label[:80]), **facts)
    return classes.index(label)


def _check_patch(patch: int | None, pixels: NDArray[np.uint8]) -> None:
    side = min(pixels.shape[:2])
    if patch is not None and not 1 <= patch <= side:
        raise UsageError("explain_patch", received=patch, side=side)


def _first_layer(
    recognizer: "Recognizer", pixels: NDArray[np.uint8]
) -> tuple[Stage | None, tuple[str, ...]]:
    """Carry out the first convolution; where that cannot be, say why in a sentence."""
    try:
        steps = first_steps(recognizer, 1)
        *_, last = stages(normalised(recognizer, pixels), steps)
    except ImagierError as error:
        return None, (error.message,)
    return last, ()


def _nearest(recognizer: "Recognizer", pixels: NDArray[np.uint8]) -> tuple[KeptPicture, ...]:
    """Find the kept pictures that differ least, pixel by pixel."""
    found: list[KeptPicture] = []
    white = recognizer.prepare.full_scale
    for number, (name, kept, probabilities) in enumerate(golden_pictures(recognizer)):
        if number == MOST_KEPT:
            break
        difference = (kept.astype(np.float64) - pixels) * (255 / white)
        found.append(
            KeptPicture(
                name=printable(name),
                pixels=kept,
                answered=recognizer.classes[int(probabilities.argmax())],
                distance=float(np.sqrt((difference**2).sum())),
            )
        )
        found = sorted(found, key=lambda one: one.distance)[:NEAREST]
    return tuple(found)


def _sum_json(one: TracedNeuron) -> dict[str, Any]:
    products = one.products
    strongest = one.strongest(SHOWN)
    shown = sum(float(products[place]) for place in strongest)
    return {
        "layer": one.layer,
        "neuron": one.neuron,
        "bias": one.bias,
        "sum": one.sum,
        "output": one.output,
        "products": [
            {
                "input": list(place),
                "weight": float(one.weights[place]),
                "number": float(one.inputs[place]),
                "product": float(products[place]),
            }
            for place in strongest
        ],
        "rest": float(products.sum()) - shown,
    }
