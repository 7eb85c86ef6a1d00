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
def tiny():
    """The builders of `tiny_models.py`."""
    return module_of(Path(__file__).with_name("tiny_models.py"))


@pytest.fixture
def recognizer(tiny):
    return tiny.tiny_recognizer()


@pytest.fixture
def model_folder(recognizer, tmp_path):
    folder = tmp_path / "thirds.imagier"
    recognizer.save(folder)
    return folder


@pytest.fixture(scope="session")
def zoo():
    """The writers of `tests/picture_zoo.py`."""
    return module_of(Path(__file__).parents[1] / "picture_zoo.py")
