"""The families of networks by name, and which one `auto` stands for."""

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

    `auto` stands for the plain convolutional network; nothing is compared for it yet.

    >>> resolve("auto"), resolve("dense:8, 8:sigmoid"), resolve("googlenet")
    ('cnn', 'dense:8,8:sigmoid', 'googlenet:batch-norm')
    """
    return canonical(NETWORKS["cnn"] if spec.strip().lower() == "auto" else spec)
