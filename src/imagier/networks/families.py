"""The families of networks by name, and which one `auto` stands for."""

from imagier.neurons import canonical

__all__ = ["NETWORKS", "resolve"]

# Each family with what it is good for; the sentences are in the catalogues as `network.NAME`.
NETWORKS: dict[str, str] = {
    "linear": "linear",
    "dense": "dense:128",
    "cnn": "cnn",
}


def resolve(spec: str) -> str:
    """Turn what the user typed into the canonical name of one network.

    `auto` is the plain convolutional network: on all the sets measured so far it was ahead of
    the others within the same seconds (`docs/measurements.md`).

    >>> resolve("auto"), resolve("dense:8, 8:sigmoid")
    ('cnn', 'dense:8,8:sigmoid')
    """
    return canonical(NETWORKS["cnn"] if spec.strip().lower() == "auto" else spec)
