import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny():
    """The builders of `tiny_models.py`."""
    spec = importlib.util.spec_from_file_location(
        "tiny_models", Path(__file__).with_name("tiny_models.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def recognizer(tiny):
    return tiny.tiny_recognizer()


@pytest.fixture
def model_folder(recognizer, tmp_path):
    folder = tmp_path / "thirds.imagier"
    recognizer.save(folder)
    return folder
