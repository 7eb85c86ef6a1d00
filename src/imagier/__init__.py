"""imagier: show a computer named pictures until it can name new ones, and know how far to trust it.

    import imagier
    recognizer, report = imagier.learn("photos/", budget="60s", seed=0)
    recognizer.predict("new.jpg").label
    recognizer.save("animals.imagier")
    recognizer = imagier.load("animals.imagier")

Nothing heavy is loaded before it is used.
"""

from importlib import import_module

TYPE_CHECKING = False  # `python -m imagier` has not left out the current folder yet: import nothing
if TYPE_CHECKING:
    __version__: str
    from imagier.datasets import Dataset as Dataset
    from imagier.errors import ImagierError as ImagierError
    from imagier.learning import learn as learn
    from imagier.reading import load_reader as load_reader
    from imagier.reading.learn import learn_reader as learn_reader
    from imagier.recognizer import Prediction as Prediction
    from imagier.recognizer import Recognizer as Recognizer
    from imagier.recognizer import load as load
    from imagier.testing import Report as Report

__all__ = [
    "Dataset",
    "ImagierError",
    "Prediction",
    "Recognizer",
    "Report",
    "learn",
    "learn_reader",
    "load",
    "load_reader",
]

_ROOMS = {
    "Dataset": "imagier.datasets",
    "ImagierError": "imagier.errors",
    "Prediction": "imagier.recognizer",
    "Recognizer": "imagier.recognizer",
    "Report": "imagier.testing",
    "learn": "imagier.learning",
    "learn_reader": "imagier.reading.learn",
    "load": "imagier.recognizer",
    "load_reader": "imagier.reading",
}


def __getattr__(name: str) -> object:
    """Load a public name from its room when it is first asked for."""
    if name == "__version__":
        return import_module("importlib.metadata").version("imagier")
    if name not in _ROOMS:
        message = f"module 'imagier' has no attribute {name!r}"
        raise AttributeError(message)
    if name in ("learn", "learn_reader"):
        import_module("imagier.machine").share_cores()  # before NumPy is loaded
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
