"""A backbone by what the user typed.

features            EfficientNet-Lite0, pictures of 224 pixels
features:160        the same, pictures of 160 pixels
photos/net.onnx     any backbone as an ONNX file
hf:owner/name       one from the Hugging Face hub

Nothing of what they name is run before it was looked through.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from imagier.errors import UsageError, did_you_mean
from imagier.features.backbone import Backbone
from imagier.features.efficientnet_lite import lite0
from imagier.features.foreign import foreign
from imagier.features.hub import fetch
from imagier.files import printable

__all__ = ["as_typed", "backbone_name", "is_backbone", "open_backbone", "tuned_backbone"]

OWN, TUNED = "features", "finetune"
SIDED = re.compile(r"features(?::(\d{1,5}))?", re.ASCII | re.IGNORECASE)
FOREIGN = re.compile(r"(.+\.onnx)(?::(\d{1,5}))?", re.IGNORECASE | re.DOTALL)


def is_backbone(spec: str) -> bool:
    """Tell whether a network's name stands for a backbone with a head, by its form alone.

    >>> [is_backbone(name) for name in ("features:160", "a/b.onnx", "hf:owner/name", "cnn")]
    [True, True, True, False]
    """
    text = spec.strip()
    is_own = text.lower().split(":")[0] == OWN
    return is_own or text.startswith("hf:") or bool(FOREIGN.fullmatch(text))


def tuned_backbone(spec: str) -> str | None:
    """Give the name of the backbone that a network's name says to tune; None where it says none.

    >>> tuned_backbone("finetune:288"), tuned_backbone("features")
    ('features:288', None)
    """
    text = spec.strip().lower()
    family, colon, side = text.partition(":")
    return f"{OWN}{colon}{side}" if family.strip() == TUNED else None


def backbone_name(spec: str) -> str:
    """Give the name by which a model remembers a network: of a file, without its folders.

    >>> backbone_name("/home/me/nets/resnet.onnx:160"), backbone_name("hf:owner/name")
    ('resnet.onnx:160', 'hf:owner/name')
    """
    text = spec.strip()
    if text.startswith("hf:") or not FOREIGN.fullmatch(text):
        return spec
    return re.split(r"[/\\]", text)[-1]


def as_typed(remembered: str, typed: Iterable[str]) -> str:
    """Give what the user typed for a network that a model remembers; else what it remembers.

    >>> as_typed("resnet.onnx", ["/home/me/nets/resnet.onnx"]), as_typed("cnn", ["auto"])
    ('/home/me/nets/resnet.onnx', 'cnn')
    """
    return next((spec for spec in typed if backbone_name(spec) == remembered), remembered)


def open_backbone(
    spec: str, *, endpoint: str | None = None, threads: int | None = None
) -> Backbone:
    """Open a backbone, checked and ready to be used.

    Args:
        spec: Such as `features`, `features:160`, a path to an ONNX file, `hf:owner/name`.
        endpoint: Address of the hub for `hf:` names; None for the public one.
        threads: How many cores to use; None for all that this process may use.

    Raises:
        UsageError: `backbone_name`, `backbone_side`, `backbone_missing`, `backbone_no_onnx`.
        ModelError: `backbone_refused`, `backbone_fails`, `backbone_answers`, `backbone_changed`,
            `backbone_settings`, `backbone_too_large`.
        MachineError: `backbone_not_installed`, `backbone_download`, `engine_missing`.
    """
    text = spec.strip()
    if text.startswith("hf:"):
        fetched = fetch(text, endpoint=endpoint)
        return foreign(fetched.path, name=fetched.name, threads=threads)
    if found := SIDED.fullmatch(text):
        return _sided(_own(), OWN, found[1])
    if found := FOREIGN.fullmatch(text):
        return _sided(foreign(found[1], name=found[1], threads=threads), found[1], found[2])
    near = did_you_mean(text.split(":")[0], [OWN])
    raise UsageError("backbone_name", name=printable(text)[:80], near=near)


@lru_cache(maxsize=1)
def _own() -> Backbone:
    return lite0()


def _sided(backbone: Backbone, name: str, side: str | None) -> Backbone:
    if side is None or int(side) == backbone.side:
        return backbone
    return replace(backbone.at(int(side)), name=f"{name}:{int(side)}")
