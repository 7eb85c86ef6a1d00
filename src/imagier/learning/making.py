"""From the name of a network to its learner."""

from collections.abc import Iterator

from imagier.errors import UsageError
from imagier.files import printable
from imagier.learning.features import FeatureLearner
from imagier.learning.gradient import GradientLearner
from imagier.learning.learner import Learner
from imagier.learning.material import Material
from imagier.learning.task import Task
from imagier.networks import resolve
from imagier.networks.backbones import is_backbone
from imagier.recognizer import Recognizer
from imagier.training import Clock, Plan, ladder
from imagier.training.features import FeaturePlan

__all__ = ["learner_again", "learner_for", "learners_by_time", "make_learner"]


def make_learner(material: Material, network: str) -> Learner:
    """Make the learner of a network, as typed.

    Raises:
        UsageError: `unknown_network` or `network_spec`.
    """
    name = network if is_backbone(network) else resolve(network)
    return learner_for(material.task(name), name)


def learner_for(task: Task, network: str) -> Learner:
    """Make the learner of a network by its canonical name, on a task prepared for it."""
    if is_backbone(network):
        return FeatureLearner(task, network)
    return GradientLearner(task, network)


def learners_by_time(material: Material, network: str, clock: Clock) -> Iterator[Learner]:
    """Give the learners that may take the place of a plain `cnn` in so much time, largest first.

    Each learns only where the budget allows as many epochs as make it worth while.
    """
    if network.strip().lower() != "cnn":
        return
    task = material.task("cnn")
    rungs = ladder(min(task.shape[:2]), is_ink=task.dataset.prepare.ink is not None)
    for rung in reversed(rungs):
        learner = GradientLearner(task, rung.network, rung=rung)
        if learner.may_fit(clock):
            yield learner


def learner_again(material: Material, past: Recognizer) -> Learner:
    """Make the learner that carries out the learning of a model again.

    Raises:
        UsageError: `plan_of_other_classes`.
        ModelError: `bad_plan`.
    """
    name = past.card.network
    task = material.task(name)
    if past.classes != task.dataset.classes:
        names = ", ".join(map(printable, past.classes))
        raise UsageError("plan_of_other_classes", model=past.name, classes=names)
    if is_backbone(name):
        return FeatureLearner(task, name, FeaturePlan.from_json(past.card.plan))
    return GradientLearner(task, name, Plan.from_json(past.card.plan))
