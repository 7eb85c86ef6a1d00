"""What a model says about itself: the content of `model.json`.

The same text stands in the metadata of the model's ONNX file, so that this single file is enough
to predict. A card is checked in full when it is made and when it is read.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from imagier.errors import ModelError, Refused
from imagier.files import printable, read_object, version
from imagier.images import Prepare
from imagier.onnx_io.graph import MAX_CARD, Graph

__all__ = ["FORMAT", "ModelCard", "check_version"]

FORMAT: Final = 3
MAX_CLASSES = 10_000  # a table of who is taken for whom has the square of it


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A model's description, without which its probabilities have no names.

    Attributes:
        format: Version of the model folder's format.
        classes: Names of the classes, in the order of the probabilities.
        prepare: How a picture becomes the input.
        network: The network's specification, such as `cnn:16,32,64`.
        parameters: How many numbers were learnt.
        seed: The seed it was learnt with.
        plan: The learning as it was carried out.
        data: The pictures it was learnt from: name, number, fingerprint; made without pictures,
            no name, and the key under which it keeps hashes.
        temperature: By what the graph divides its last sums before the softmax; already inside
            the ONNX file, noted here.
        thresholds: Limits under which the recogniser would rather not say.
        versions: Versions of imagier and of its engines at the time of learning.
        other: The class that took the rest (`--other`), None when there is none.
    """

    format: int = FORMAT
    classes: tuple[str, ...]
    prepare: Prepare
    network: str
    parameters: int
    seed: int
    plan: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    temperature: float = 1.0
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    other: str | None = None

    def __post_init__(self) -> None:
        for name, is_right in _RULES.items():
            if not is_right(getattr(self, name)):
                raise _wrong(name, getattr(self, name))
        if self.other is not None and self.other not in self.classes:
            raise _wrong("other", self.other)
        try:
            self.to_text().encode()
        except (ValueError, TypeError, RecursionError) as error:  # halves of letters, infinity
            raise _wrong("card", str(error)) from None

    @property
    def key(self) -> str:
        """The key of the hashes by which the model knows pictures; empty where they are plain."""
        key = self.data.get("key", "")
        return key if isinstance(key, str) else ""

    def to_json(self) -> dict[str, Any]:
        """Give the card as the object that is stored in `model.json`."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"classes": list(self.classes), "prepare": self.prepare.to_json()}

    def to_text(self) -> str:
        """Give the card as JSON on one line, the same text for the same card."""
        return json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False)

    def check_graph(self, graph: Graph, *, path: str) -> None:
        """Let no network pass whose answers would bear the wrong names.

        Raises:
            ModelError: `model_damaged`, when it takes other pictures or knows other classes.
        """
        size = self.prepare.height, self.prepare.width, self.prepare.channels
        if graph.input != size:
            refused = Refused("mismatch_input", graph=graph.input, card=size)
        elif graph.classes != len(self.classes):
            refused = Refused("mismatch_classes", graph=graph.classes, card=len(self.classes))
        else:
            return
        raise refused.as_error("model_damaged", path=path)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, path: str = "model.json") -> "ModelCard":
        """Read a card, trusting nothing in it.

        Args:
            data: The object.
            path: The file it comes from, for messages.

        Raises:
            ModelError: `model_newer`, `model_older`, `model_damaged` or the error of
                `Prepare.from_json`.
        """
        check_version(data, path)
        known = {item.name for item in fields(cls)}
        needed = {"classes", "prepare", "network", "parameters", "seed"}
        odd = sorted(map(str, (set(data) - known) | (needed - set(data))))
        if odd:
            raise _damaged("card_fields", path, names=ascii(", ".join(odd)[:80]))
        if not isinstance(data["classes"], list) or not isinstance(data["prepare"], dict):
            raise _damaged("card_fields", path, names="classes, prepare")
        values = dict(data) | {
            "classes": tuple(data["classes"]),
            "prepare": Prepare.from_json(data["prepare"]),
        }
        try:
            return cls(**values)
        except ModelError as error:
            raise ModelError("model_damaged", path=path, reason=error.facts["reason"]) from None

    @classmethod
    def from_text(cls, text: bytes | str, *, path: str) -> "ModelCard":
        """Read a card from JSON.

        Raises:
            ModelError: As `from_json`; also when the text is no JSON object.
        """
        try:
            data = read_object(text, most=MAX_CARD)
        except Refused as refused:
            raise refused.as_error("model_damaged", path=path) from None
        return cls.from_json(data, path=path)


def check_version(data: Mapping[str, Any], path: str) -> None:
    """Refuse what another version of imagier wrote in another format, by name.

    Raises:
        ModelError: `model_newer`, `model_older` or `model_damaged`.
    """
    number = data.get("format")
    if not isinstance(number, int) or not _is_whole(number, at_least=1):
        raise _damaged("card_fields", path, names="format")
    if number != FORMAT:
        versions = data.get("versions")
        maker = str(versions.get("imagier", "?")) if isinstance(versions, dict) else "?"
        facts = {"path": path, "maker": printable(maker)[:40], "mine": version()}
        if number > FORMAT:
            raise ModelError("model_newer", **facts)
        raise ModelError("model_older", format=number, needed=FORMAT, **facts)


def _damaged(reason: str, path: str, **facts: object) -> ModelError:
    return Refused(reason, **facts).as_error("model_damaged", path=path)


def _wrong(name: str, received: object) -> ModelError:
    return _damaged("card_value", "model.json", name=name, received=ascii(received)[:80])


def _is_whole(value: object, *, at_least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= at_least


def _are_classes(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and 2 <= len(value) <= MAX_CLASSES
        and all(isinstance(name, str) and name and _is_plain(name) for name in value)
        and len(set(value)) == len(value)
    )


def _is_plain(text: str) -> bool:
    """Tell whether a text can be written in UTF-8: names of files may hold stray bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_temperature(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 < value < math.inf


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


_RULES: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: value == FORMAT,
    "classes": _are_classes,
    "prepare": lambda value: isinstance(value, Prepare),
    "network": lambda value: isinstance(value, str) and bool(value) and _is_plain(value),
    "parameters": lambda value: _is_whole(value, at_least=0),
    "seed": lambda value: _is_whole(value, at_least=0),
    "plan": _is_object,
    "data": _is_object,
    "temperature": _is_temperature,
    "thresholds": _is_object,
    "versions": _is_object,
    "other": lambda value: value is None or isinstance(value, str),
}
