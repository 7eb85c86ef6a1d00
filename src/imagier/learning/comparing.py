"""One network, or several of which validation keeps the best."""

import time
from contextlib import suppress

from imagier.i18n import percent, t
from imagier.learning.choosing import Choice, choose
from imagier.learning.learner import Learner
from imagier.learning.making import (
    check_network,
    learner_again,
    learners_by_time,
    make_learner,
)
from imagier.learning.material import Material
from imagier.learning.planning import PLAINEST, TooShortError
from imagier.learning.resuming import Journal
from imagier.learning.steps import Step, Watch
from imagier.recognizer import Recognizer
from imagier.training import Deadline

__all__ = ["learn_best"]

AUTO = "auto"


def learn_best(
    material: Material,
    past: Recognizer | None,
    clock: Deadline | None,
    watch: Watch,
    journal: Journal,
) -> Learner:
    """Learn what was asked for; of several networks the one that validation prefers is kept.

    Args:
        material: The pictures.
        past: The model whose plan is carried out again, if one is.
        clock: The budget for all networks together; None where epochs or a plan decide.
        watch: Called at each step.
        journal: What an earlier run left, and where to keep what is learnt.
    """
    if past:
        return _run(learner_again(material, past), "", clock, watch, journal)
    networks = material.wishes.networks
    if len(networks) > 1:
        return _learn_all(material, networks, clock, watch, journal)
    if networks[0].lower() == AUTO:
        return _learn_chosen(material, clock, watch, journal)
    return _learn(material, networks[0], "", clock, watch, journal)


def _learn(
    material: Material,
    network: str,
    name: str,
    clock: Deadline | None,
    watch: Watch,
    journal: Journal,
    *,
    is_chosen: bool = False,
) -> Learner:
    """Learn one network; where time is too short for it, the plainest one that there is."""
    begun = journal.network(name)
    if clock and not begun:
        for learner in learners_by_time(material, network, clock, is_chosen=is_chosen):
            with suppress(TooShortError):
                return _run(learner, name, clock, watch, journal)
    learner = make_learner(material, begun or network)
    try:
        return _run(learner, name, clock, watch, journal)
    except TooShortError:
        plainest = make_learner(material, PLAINEST)
        plainest.notes.append(t("learning.choice.too_short", network=learner.network))
        return _run(plainest, name, clock, watch, journal)


def _run(
    learner: Learner, name: str, clock: Deadline | None, watch: Watch, journal: Journal
) -> Learner:
    page = journal.page(name, learner.task.dataset.fingerprint())
    learner.run(clock, watch, page)
    return learner


def _learn_chosen(
    material: Material, clock: Deadline | None, watch: Watch, journal: Journal
) -> Learner:
    """Let pilots choose, unless a stopped run had chosen already."""
    found = journal.choice
    choice = Choice.from_json(found) if found else choose(material, clock, watch)
    journal.choice = choice.to_json()
    learner = _learn(material, choice.network, "", clock, watch, journal, is_chosen=True)
    learner.notes.insert(0, choice.reason)
    learner.compared = choice.tried
    return learner


def _learn_all(
    material: Material,
    networks: tuple[str, ...],
    clock: Deadline | None,
    watch: Watch,
    journal: Journal,
) -> Learner:
    """Give each network an equal share of the time; keep the best of those that were learnt."""
    for network in networks:
        check_network(network, material.wishes)
    learners: list[Learner] = []
    for number, network in enumerate(networks):
        watch(Step(phase="compare", done=number, total=len(networks), network=network))
        share = _share(clock, len(networks) - number)
        learners.append(_learn(material, network, f"{number + 1}", share, watch, journal))
        if learners[-1].interrupted:
            break
    lines = tuple(learner.tried() for learner in learners)
    best = min(learners, key=lambda one: (-one.tried().accuracy, one.tried().loss))
    best.interrupted = learners[-1].interrupted
    best.compared = lines
    figures = " · ".join(f"{one.network} {percent(one.accuracy)}" for one in lines)
    n = len(best.task.parts.validation)
    best.notes.insert(0, t("learning.choice.compared", network=best.network, figures=figures, n=n))
    return best


def _share(clock: Deadline | None, remaining: int) -> Deadline | None:
    """Give an equal part of the time that is left to each network that is left."""
    if clock is None:
        return None
    return Deadline(started=time.monotonic(), budget=clock.left() / remaining)
