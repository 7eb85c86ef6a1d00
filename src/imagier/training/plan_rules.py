"""What the values of a plan may be, where the plan comes from a file that anybody may have made."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["broken_rule"]

MAX_THREADS: Final = 1024
MAX_COUNT: Final = 2**53
MAX_SEED: Final = 2**63 - 1
LONGEST_TEXT: Final = 1000


def broken_rule(values: Mapping[str, Any]) -> str | None:
    """Name the first value that no plan has, with what was received; None where all are right.

    Args:
        values: Of a plan, by name; those that are left out keep their defaults.

    >>> broken_rule({"epochs": 3, "threads": 2}), broken_rule({"threads": -1})
    (None, 'threads: -1')
    """
    for name, is_right in _RULES.items():
        if name in values and not is_right(values[name]):
            return f"{name}: {ascii(values[name])[:40]}"
    return None


def _whole(least: int, most: int = MAX_COUNT) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _number(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: (
        type(value) in (int, float) and math.isfinite(value) and least <= value <= most
    )


def _or_none(rule: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or rule(value)


def _are_weights(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) >= 2 and all(map(_number(0, 1e9), value))


def _are_cuts(value: Any) -> bool:
    """Tell whether each cut comes after the one before, and leaves an epoch."""
    if not isinstance(value, tuple) or not all(len(cut) == 2 for cut in value):
        return False
    done = [cut[0] for cut in value]
    return done == sorted(done) and all(0 <= at <= total and total >= 1 for at, total in value)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT


_RULES: Final[dict[str, Callable[[Any], bool]]] = {
    "network": _is_text,
    "epochs": _whole(1),
    "epoch_size": _whole(1),
    "batch_size": _whole(1),
    "learning_rate": _number(1e-12, 1e6),
    "weight_decay": _number(0, 1e6),
    "class_weights": _are_weights,
    "patience": _or_none(_whole(1)),
    "seed": _whole(0, MAX_SEED),
    "threads": _whole(1, MAX_THREADS),
    "cuts": _are_cuts,
    "momentum": _number(0, 1),
    "beta2": _number(0, 1),
    "muon_lr": _number(0, 1e6),
    "warm_up": _number(0, 1),
    "label_smoothing": _number(0, 1),
    "shift": _whole(0, 10_000),
    "rotation": _number(0, 360),
    "stretch": _number(0, 1),
    "flip": _is_truth,
    "flip_tta": _is_truth,
    "averaging": _number(0, 1),
    "shuffle_pixels": _or_none(_whole(0, MAX_SEED)),
    "init": _or_none(_is_text),
    "init_name": _or_none(_is_text),
}
