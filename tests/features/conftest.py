"""What the tests of networks share."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny():
    """The builders of `tiny_backbones.py`."""
    place = Path(__file__).with_name("tiny_backbones.py")
    spec = importlib.util.spec_from_file_location("tiny_backbones", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
