"""The plan of learning that goes on from a model: how far its weights are to move, and how often.

What the model's own plan says of how pictures are shown (shifted, turned, mirrored) holds on, and
so does its optimizer. Rate and epochs are of their own: weights that know something already are not
to be thrown about, and a hundred pictures need to be shown more often than sixty thousand. Few
signs drawn by hand are turned and stretched a little, as hands do; it was chosen, like the rate and
the number of steps, on training pictures of MNIST after USPS (docs/decisions/0023).
"""

import math
from typing import Any, Final

from imagier.learning.initial_model import InitialModel
from imagier.training import HANDS, Plan
from imagier.training.plan import MUON_LR

__all__ = ["continued", "continued_epochs", "known_optimizer"]

KEPT: Final = ("shift", "rotation", "stretch", "flip", "flip_tta", "shuffle_pixels")
RATE: Final = 0.3  # of the recipe's
STEPS: Final = 200  # corrections of the weights that few pictures are worth
FEWEST_EPOCHS: Final = 12
FEW: Final = 2_000  # pictures


def continued(init: InitialModel, fields: dict[str, Any], *, pictures: int) -> dict[str, Any]:
    """Give what a plan has beside the recipe of its network where learning goes on.

    Args:
        init: The model that it goes on from.
        fields: Those of the recipe.
        pictures: How many there are to learn from.

    Raises:
        ModelError: `bad_plan`, where that of the model cannot be read.
    """
    past = Plan.from_json(init.plan)
    kept = {name: getattr(past, name) for name in KEPT}
    if init.prepare.ink is not None and pictures <= FEW and past.shuffle_pixels is None:
        kept |= {name: max(kept[name], value) for name, value in HANDS.items()}
    own = {"init": init.hash, "init_name": init.name or None}
    rates = {"learning_rate": RATE * fields["learning_rate"], "muon_lr": RATE * MUON_LR}
    return own | kept | rates


def known_optimizer(init: InitialModel | None) -> str | None:
    """Tell what followed the gradient of a model; None without one.

    Raises:
        ModelError: `bad_plan`.
    """
    return None if init is None else Plan.from_json(init.plan).optimizer


def continued_epochs(plan: Plan, *, pictures: int) -> int:
    """Give the number of epochs after which more gain nothing."""
    steps = max(1, round(pictures / plan.batch_size))
    return max(FEWEST_EPOCHS, math.ceil(STEPS / steps))
