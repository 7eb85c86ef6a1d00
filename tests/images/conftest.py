import importlib.util
import sys
from pathlib import Path

import pytest


def module_of(path):
    """Import a module of builders by its place."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def zoo():
    """The writers of `tests/picture_zoo.py`."""
    return module_of(Path(__file__).parents[1] / "picture_zoo.py")


@pytest.fixture(scope="session")
def phone():
    """The photographer of `phone_photos.py`."""
    return module_of(Path(__file__).with_name("phone_photos.py"))
