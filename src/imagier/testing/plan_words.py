"""A plan in words: what was decided before the learning, for people who do not read JSON.

What a plan leaves out (no rotation, no cut) is not listed; `model.json` holds every value.

>>> from imagier.i18n import use_language
>>> with use_language("en"):
...     list(plan_facts({"flip": True, "rotation": 0.0, "views": [{"side": 224}]}, ()))
[('Left and right exchanged', 'yes'), ('Each picture seen as', '224 pixels')]
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imagier.files import printable
from imagier.i18n import catalogue, integer, language, significant, t

__all__ = ["plan_facts"]

HIDDEN = {"format"}  # of use to programs only
AS_GIVEN = {"seed", "shuffle_pixels"}  # numbers that count nothing
FURTHEST = 3  # weights of classes that are named, at each end


def plan_facts(plan: Mapping[str, Any], classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give the name and the value of each thing that a plan decides, in the user's language.

    Args:
        plan: As a model's card holds it; plans of other versions may hold other names.
        classes: Names of the classes, in their order.
    """
    for name, value in plan.items():
        if name in HIDDEN or not _is_said(name, value):
            continue
        if isinstance(value, Mapping):  # the plan of a part, such as the head's
            part = _label(name)
            inner = {key: one for key, one in value.items() if plan.get(key) != one}
            yield from ((f"{part} · {said}", text) for said, text in plan_facts(inner, classes))
        else:
            yield _label(name), _value(name, value, classes)


def _is_said(name: str, value: object) -> bool:
    if name in AS_GIVEN:
        return value is not None
    return bool(value) and not (name == "class_weights" and _is_even(value))


def _is_even(weights: object) -> bool:
    return isinstance(weights, list | tuple) and len({str(one) for one in weights}) < 2


def _label(name: str) -> str:
    key = f"testing.plan.{name}"
    return t(key) if key in catalogue(language()) else printable(name.replace("_", " "))


def _value(name: str, value: Any, classes: Sequence[str]) -> str:
    if name == "class_weights" and _are_numbers(value) and len(value) == len(classes):
        return _weights(value, classes)
    if name == "cuts" and all(_are_numbers(pair) and len(pair) == 2 for pair in value):
        pairs = [
            t("testing.plan_cut", n=done, done=integer(int(done)), total=integer(int(total)))
            for done, total in value
        ]
        return ", ".join(pairs)
    if name == "views" and all(isinstance(view, Mapping) for view in value):
        return ", ".join(map(_view, value))
    return str(value) if name in AS_GIVEN else _plain(value)


def _weights(weights: Sequence[float], classes: Sequence[str]) -> str:
    """Name the classes whose errors count most and least."""
    order = sorted(zip(weights, classes, strict=True), key=lambda pair: -pair[0])
    cut = len(order) > 2 * FURTHEST
    said = [f"{name} {significant(weight, 3)}" for weight, name in order]
    return " · ".join([*said[:FURTHEST], "…", *said[-FURTHEST:]] if cut else said)


def _view(view: Mapping[str, Any]) -> str:
    side = view.get("side")
    kind = "view_mirrored" if view.get("mirrored") else "view"
    return t(f"testing.plan_{kind}", side=_plain(side))


def _are_numbers(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, int | float) for one in value)


def _plain(value: object) -> str:
    """Write any value as people would: no brackets, no True, the language's own numbers."""
    if value is None or value in ([], (), {}):
        return "–"
    if isinstance(value, bool):
        return t("testing.plan_yes" if value else "testing.plan_no")
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, float):
        return significant(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{_label(str(name))} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return printable(str(value))
