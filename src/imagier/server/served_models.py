"""The models of a server, by the names that requests choose them with."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.reading import LineReader
from imagier.recognizer import Recognizer, load
from imagier.server.decoder_pool import PictureJob

__all__ = ["ServedModel", "choose_model", "load_models"]

LONGEST_NAME = 100
_ENDINGS = (".imagier", ".onnx")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServedModel:
    """A model under its public name; no path of this machine is left in it.

    Attributes:
        name: What requests call it.
        recognizer: The model, called so in its messages too.
        job: What is wanted of its pictures.
    """

    name: str
    recognizer: Recognizer
    job: PictureJob

    @classmethod
    def of(cls, name: str, recognizer: Recognizer) -> "ServedModel":
        """Give a loaded model its public name."""
        named = replace(recognizer, name=name)
        if named.columns is not None:
            LineReader(named)  # refuses what answers by columns and reads no lines
        job = PictureJob.of(named.prepare, whole=named.columns is not None)
        return cls(name=name, recognizer=named, job=job)

    @property
    def reads(self) -> bool:
        """Whether it reads lines; else it names pictures."""
        return self.recognizer.columns is not None

    def to_json(self) -> dict[str, Any]:
        """Say what it is, without anything of where it came from."""
        card = self.recognizer.card
        return {
            "name": self.name,
            "reads": self.reads,
            "network": card.network,
            "classes": list(card.classes),
            "input": [card.prepare.height, card.prepare.width, card.prepare.channels],
            "strangers": self.recognizer.tells_strangers,
            "parameters": card.parameters,
        }


def load_models(words: Iterable[str], *, threads: int) -> Mapping[str, ServedModel]:
    """Open models and name them: `photos.imagier` is called `photos`, `cats=photos.imagier` `cats`.

    Args:
        words: The models' folders or files, each perhaps behind a name and `=`.
        threads: How many cores each may use.

    Raises:
        UsageError: `models_of_one_name`; `model_name_odd`, for a name that is empty, too long or
            holds what no line can show.
        ModelError: As `imagier.load`.
    """
    places: dict[str, str] = {}
    for word in words:
        name, path = _named(word)
        if not name or len(name) > LONGEST_NAME or printable(name) != name:
            raise UsageError("model_name_odd", name=printable(name)[:LONGEST_NAME])
        if name in places:
            facts = {"first": printable(places[name]), "second": printable(path)}
            raise UsageError("models_of_one_name", name=name, **facts)
        places[name] = path
    loaded = {name: load(path, threads=threads) for name, path in places.items()}
    return MappingProxyType({name: ServedModel.of(name, one) for name, one in loaded.items()})


def choose_model(models: Mapping[str, ServedModel], name: str | None) -> ServedModel:
    """Give the model of that name; without one the only model there is.

    Raises:
        UsageError: `model_unknown`; `model_unnamed`, when there are several and none is named.
    """
    if name is None and len(models) == 1:
        return next(iter(models.values()))
    known = ", ".join(models)
    if name is None:
        raise UsageError("model_unnamed", known=known)
    if name not in models:
        shown = printable(name)[:LONGEST_NAME]
        raise UsageError("model_unknown", name=shown, known=known, hint=did_you_mean(name, models))
    return models[name]


def _named(word: str) -> tuple[str, str]:
    name, mark, path = word.partition("=")
    if mark and not os.path.lexists(word):
        return name, path
    stem = Path(os.path.abspath(word)).name  # noqa: PTH100 - a link keeps its own name
    ending = next((one for one in _ENDINGS if stem.endswith(one) and stem != one), "")
    return stem.removesuffix(ending), word
