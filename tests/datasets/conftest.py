import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def zoo():
    """The builders of `tests/source_zoo.py`."""
    name = "source_zoo"
    path = Path(__file__).parents[1] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
