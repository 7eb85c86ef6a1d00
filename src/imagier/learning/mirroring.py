"""May pictures be mirrored while learning? A pilot that never saw a mirror tells.

Twice as many cats are learnt from when each may look the other way; but a mirrored b is a d, and
where all shoes point left, one that points right teaches nothing that will be asked. So a quick
network learns from some pictures as they are, and names validation pictures as they are and
mirrored. Where it names both as well, left and right do not matter here, and mirrored pictures are
worth learning from; the test part is not looked at.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from imagier.i18n import percent, t
from imagier.learning.planning import first_plan
from imagier.learning.task import Task
from imagier.networks import build
from imagier.neurons import parse_spec
from imagier.training import TrainingData, evaluate, measure_normalisation, train

__all__ = ["Mirroring", "try_mirroring"]

PILOT = "cnn"
PILOT_TRAIN, PILOT_VALIDATION, PILOT_EPOCHS = 8_000, 2_000, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirroring:
    """How a pilot named validation pictures.

    Attributes:
        straight: Share named right as they are.
        mirrored: Share named right with left and right exchanged.
        n: How many there were.
    """

    straight: float
    mirrored: float
    n: int

    @property
    def is_harmless(self) -> bool:
        """Whether the difference is within the noise of so many pictures."""
        noise = math.sqrt(max(self.straight * (1 - self.straight), 1 / self.n) / self.n)
        return self.straight - self.mirrored <= 2 * noise

    def sentence(self, *, both_ways: bool = True) -> str:
        """Say what was found and decided.

        Args:
            both_ways: Whether answers, too, are then given both ways.
        """
        shown = "mirrored" if both_ways else "shown_mirrored"
        key = f"learning.note.{shown if self.is_harmless else 'not_mirrored'}"
        straight, mirrored = percent(self.straight), percent(self.mirrored)
        return t(key, straight=straight, mirrored=mirrored, n=self.n)


def try_mirroring(task: Task) -> Mirroring:
    """Learn a little from pictures as they are, and judge on both sorts."""
    generator = np.random.default_rng(task.wishes.seed)
    rows = np.sort(generator.permutation(task.parts.train)[:PILOT_TRAIN])
    judged = np.sort(generator.permutation(task.parts.validation)[:PILOT_VALIDATION])
    pixels, labels = task.dataset.pixels, task.dataset.labels
    straight = pixels[judged]
    examples = TrainingData(
        pixels=np.concatenate([pixels[rows], straight, straight[:, :, ::-1]]),
        labels=np.concatenate([labels[rows], labels[judged], labels[judged]]),
        train=np.arange(len(rows)),
        validation=np.arange(len(rows), len(rows) + len(judged)),
    )
    plan = replace(first_plan(task, PILOT), epochs=PILOT_EPOCHS, epoch_size=len(rows))
    layers = parse_spec(PILOT, input=task.shape, classes=len(task.dataset.classes))
    network = build(layers, measure_normalisation(examples.pixels, examples.train), seed=plan.seed)
    *_, last = train(network, examples, plan)
    mirrors = replace(examples, validation=examples.validation + len(judged))
    _, mirrored = evaluate(network, mirrors, plan)
    return Mirroring(straight=last.validation_accuracy, mirrored=mirrored, n=len(judged))
