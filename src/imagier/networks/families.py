"""The families of networks of layers by name; backbones have a room of their own."""

from imagier.neurons import CLASSICS, canonical

__all__ = ["NETWORKS", "resolve"]

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
    return canonical(spec)
