"""The families of networks of layers by name; backbones have a room of their own."""

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.neurons import CLASSICS, canonical

__all__ = ["NETWORKS", "resolve"]

ON_BACKBONES = ("features", "finetune")  # named where nothing else was understood

# Each family with the specification that stands for it.
NETWORKS: dict[str, str] = {
    "linear": "linear",
    "dense": "dense:128",
    "cnn": "cnn",
    **{name: canonical(name) for name in CLASSICS},
}


def resolve(spec: str) -> str:
    """Turn what the user typed into the canonical name of one network.

    >>> resolve("dense:8, 8:sigmoid"), resolve("googlenet")
    ('dense:8,8:sigmoid', 'googlenet:batch-norm')

    Raises:
        UsageError: `unknown_network` or `network_spec`.
    """
    family = spec.split(":", maxsplit=1)[0].strip().lower()
    if family not in NETWORKS:
        known = (*NETWORKS.values(), *ON_BACKBONES)
        near = did_you_mean(family, [*NETWORKS, *ON_BACKBONES])
        shown = printable(spec.strip())[:80]
        raise UsageError("unknown_network", spec=shown, near=near, known=" · ".join(known))
    return canonical(spec)
