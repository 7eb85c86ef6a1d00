"""From the name of a network to its learner."""

from collections.abc import Iterator, Mapping
from typing import Any

from imagier.errors import UsageError
from imagier.features import FeaturePlan, is_backbone, open_backbone, tuned_backbone
from imagier.files import printable
from imagier.learning.features import FeatureLearner, refuse_shuffled
from imagier.learning.finetuning import FinetuneLearner
from imagier.learning.layers import LayersLearner
from imagier.learning.learner import Learner
from imagier.learning.material import Material
from imagier.learning.task import Task
from imagier.learning.wishes import Wishes
from imagier.networks import resolve
from imagier.recognizer import Recognizer
from imagier.training import Deadline, Plan, tiers

__all__ = ["check_network", "learner_again", "learner_for", "learners_by_time", "make_learner"]


def check_network(network: str, wishes: Wishes) -> None:
    """Refuse the name of a network that cannot be learnt as wished, before anything is learnt.

    Raises:
        UsageError: `unknown_network`, `network_spec` or `shuffled_photos`.
        ImagierError: As `open_backbone` tells.
    """
    backbone = tuned_backbone(network) or network
    if is_backbone(backbone):
        open_backbone(backbone)
        refuse_shuffled(network, wishes)
    else:
        resolve(network)


def make_learner(material: Material, network: str) -> Learner:
    """Make the learner of a network, as typed.

    Raises:
        UsageError: `unknown_network` or `network_spec`.
    """
    if tuned_backbone(network):
        name = network.strip().lower()
    else:
        name = network if is_backbone(network) else resolve(network)
    return learner_for(material.task(name), name)


def learner_for(task: Task, network: str, plan: Mapping[str, Any] | None = None) -> Learner:
    """Make the learner of a network by its canonical name, on a task prepared for it.

    Args:
        task: What it learns from.
        network: Its name.
        plan: The plan of a model to carry out again, as JSON values; None to make one.

    Raises:
        ModelError: `bad_plan`.
    """
    if backbone := tuned_backbone(network):
        return FinetuneLearner(task, network, backbone, plan)
    if is_backbone(network):
        return FeatureLearner(task, network, None if plan is None else FeaturePlan.from_json(plan))
    return LayersLearner(task, network, None if plan is None else Plan.from_json(plan))


def learners_by_time(
    material: Material, network: str, clock: Deadline, *, is_chosen: bool
) -> Iterator[Learner]:
    """Give the learners that may take the place of a network in so much time, most able first.

    A plain `cnn` gives way to larger ones; `features`, where pilots chose it and nobody asked for
    it by name, to `finetune`. Each learns only where the budget allows as many epochs as make it
    worth while.

    Args:
        material: The pictures.
        network: As typed, or as chosen.
        clock: What is left of the budget.
        is_chosen: Whether pilots chose it.
    """
    if is_chosen and network == "features":
        tuned = FinetuneLearner(material.task("finetune"), "finetune", network)
        if tuned.may_fit(clock):
            yield tuned
    if network.strip().lower() != "cnn":
        return
    task = material.task("cnn")
    rungs = tiers(min(task.shape[:2]), is_ink=task.dataset.prepare.ink is not None)
    for rung in reversed(rungs):
        learner = LayersLearner(task, rung.network, rung=rung)
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
    return learner_for(task, name, past.card.plan)
