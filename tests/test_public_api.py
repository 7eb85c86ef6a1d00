"""What is public is a tested list: nothing enters or leaves the front door by accident."""

import importlib
import importlib.metadata
import types
from pathlib import Path

import pytest

import imagier

SOURCE = Path(imagier.__file__).parent
ROOT = SOURCE.parents[1]
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))
FRONT_DOOR = [
    *("Dataset", "ImagierError", "Prediction", "Recognizer", "Report"),
    *("learn", "learn_reader", "load", "load_reader"),
]


def public_modules():
    """Name every module whose path has no part that begins with an underscore."""
    paths = [path.relative_to(SOURCE).with_suffix("") for path in sorted(SOURCE.rglob("*.py"))]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    own = [f"imagier.{name}" for name in names if not name.startswith("_") and "._" not in name]
    beside = [path.relative_to(ROOT).with_suffix("") for path in BENCHMARKS if path.stem[0] != "_"]
    return own + [".".join(path.parts) for path in beside]


def order(name):
    """Constants, then classes, then functions, as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_the_front_door():
    assert imagier.__all__ == FRONT_DOOR


@pytest.mark.parametrize("name", FRONT_DOOR)
def test_each_name_of_the_front_door_opens(name):
    assert callable(getattr(imagier, name))
    assert name in dir(imagier)


def test_the_version_is_that_of_the_package():
    assert imagier.__version__ == importlib.metadata.version("imagier")
    assert "__version__" in dir(imagier)


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = imagier.no_such_name


@pytest.mark.parametrize("name", public_modules())
def test_every_public_module_lists_what_it_offers(name):
    module = importlib.import_module(name)
    offered = list(module.__all__)
    assert offered == sorted(offered, key=order)
    assert len(set(offered)) == len(offered)
    assert [word for word in offered if not hasattr(module, word)] == []


@pytest.mark.parametrize("name", public_modules())
def test_what_a_module_defines_without_underscore_is_listed(name):
    module = importlib.import_module(name)
    defined = {
        word
        for word, value in vars(module).items()
        if not word.startswith("_")
        and isinstance(value, types.FunctionType | type)
        and value.__module__ == name
    }
    assert defined - set(module.__all__) == set()
