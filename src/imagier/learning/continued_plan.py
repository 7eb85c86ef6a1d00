"""The plan of learning that goes on from a model: how far its weights are to move, and how often.

What the model's own plan says of how pictures are shown (shifted, turned, mirrored) holds on, and
so does its optimizer. Rate and epochs are of their own: weights that know something already are not
to be thrown about, and a hundred pictures need to be shown more often than sixty thousand.
"""

import math
from typing import Any, Final

from imagier.learning.initial_model import InitialModel
from imagier.training import Plan

__all__ = ["continued", "continued_epochs"]

KEPT: Final = ("optimizer", "shift", "rotation", "stretch", "flip", "flip_tta", "shuffle_pixels")
RATE: Final = 0.3  # of the recipe's
STEPS: Final = 400  # corrections of the weights that few pictures are worth
FEWEST_EPOCHS: Final = 12


def continued(init: InitialModel, fields: dict[str, Any]) -> dict[str, Any]:
    """Give what a plan has beside the recipe of its network where learning goes on.

    Args:
        init: The model that it goes on from.
        fields: Those of the recipe.

    Raises:
        ModelError: `bad_plan`, where that of the model cannot be read.
    """
    own = {"init": init.hash, "init_name": init.name or None}
    if "epochs" not in init.plan:
        return own
    past = Plan.from_json(init.plan)
    kept = {name: getattr(past, name) for name in KEPT}
    return own | kept | {"learning_rate": RATE * fields["learning_rate"]}


def continued_epochs(plan: Plan, *, pictures: int) -> int:
    """Give the number of epochs after which more gain nothing."""
    steps = max(1, round(pictures / plan.batch_size))
    return max(FEWEST_EPOCHS, math.ceil(STEPS / steps))
