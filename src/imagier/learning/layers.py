"""Learning a network of layers from its first weights on."""

from dataclasses import replace

from imagier.learning.gradient import GradientLearner
from imagier.learning.mirroring import try_mirroring
from imagier.learning.planning import first_plan, may_fit, plan_within
from imagier.learning.task import Task
from imagier.networks import Network, build
from imagier.neurons import describe, parse_spec, total
from imagier.recognizer import Recognizer
from imagier.training import Clock, Plan, Rung, export, measure_normalisation, measure_pace

__all__ = ["LayersLearner"]


class LayersLearner(GradientLearner):
    """The learning of one network of layers.

    Args:
        task: What it learns from.
        network: Canonical name of the network.
        plan: A plan to carry out again; None to make one.
        rung: Its place among the networks that time buys; None where the user named it.
    """

    def __init__(
        self, task: Task, network: str, plan: Plan | None = None, *, rung: Rung | None = None
    ) -> None:
        super().__init__(task, network, plan or first_plan(task, network, rung))
        self.rung = rung
        self.layers = parse_spec(
            network,
            input=task.shape,
            classes=len(task.dataset.classes),
            shuffle_pixels=self.plan.shuffle_pixels,
        )
        self.normalisation = measure_normalisation(task.dataset.pixels, task.parts.train)

    @property
    def parameters(self) -> int:
        """How many numbers it learns."""
        return total(describe(self.layers, self.task.shape)).parameters

    def may_fit(self, clock: Clock) -> bool:
        """Tell, before anything is measured, whether its rung may be climbed in time."""
        multiplications = total(describe(self.layers, self.task.shape)).multiplications
        return self.rung is None or may_fit(clock, self.task, multiplications, self.rung)

    def export(self) -> Recognizer:
        """Write the best epoch as a recogniser, checked against torch."""
        network = self._build()
        network.load_state_dict(self.weights)
        card = self.task.card(
            self.network,
            parameters=self.parameters,
            seed=self.plan.seed,
            plan=self._plan_json(),
        )
        return export(
            network,
            self.layers,
            card,
            reference_inputs=self.task.witnesses(),
            golden=self.task.golden(),
        )

    def _build(self) -> Network:
        plan = self.plan
        return build(self.layers, self.normalisation, seed=plan.seed, both_ways=plan.both_ways)

    def _plan_within(self, clock: Clock) -> float:
        """Let the time that is left decide the plan; give the seconds to keep for what follows."""
        task, rung = self.task, self.rung
        pace = measure_pace(self._build(), task.examples, self.plan, clock=clock)
        reserve = task.reserve(pace.predict)
        plan = plan_within(clock, task, self.plan, pace, reserve=reserve, rung=rung)
        if rung and rung.may_mirror and plan.shuffle_pixels is None:
            mirroring = try_mirroring(task)
            self.notes.append(mirroring.sentence())
            harmless = mirroring.is_harmless
            changed = replace(self.plan, flip=harmless, both_ways=harmless)
            if harmless:
                pace = replace(pace, predict=2 * pace.predict)
                reserve = task.reserve(pace.predict)
            plan = plan_within(clock, task, changed, pace, reserve=reserve, rung=rung)
        self.plan = plan
        return reserve
