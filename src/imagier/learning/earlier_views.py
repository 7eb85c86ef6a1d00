"""How the pictures of an earlier run were seen, read from its plan."""

from collections.abc import Mapping
from typing import Any

from imagier.errors import ModelError
from imagier.features import FeaturePlan
from imagier.learning.fold_tuning import folds_of

__all__ = ["views_of"]


def views_of(plan: Mapping[str, Any]) -> FeaturePlan:
    """Read how the pictures were seen: in one view only, unless folds judge.

    Raises:
        ModelError: `bad_plan`.
    """
    try:
        views = FeaturePlan.from_json(plan["features"])
        _, *more = views.views
        if not folds_of(plan):
            () = more
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("bad_plan", reason=ascii(str(error))[:80]) from error
    return views
