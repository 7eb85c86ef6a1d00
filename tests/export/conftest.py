"""Models to export, and onnxruntime-web as npm distributes it, fetched once for all tests."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from imagier.errors import MachineError


def module_of(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny():
    """Give the builders of tiny recognisers, which are not trained."""
    return module_of(Path(__file__).parents[1] / "recognizer" / "tiny_models.py")


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    """Give the folder of a small network that learnt the digits of the package."""
    import imagier

    recognizer, _ = imagier.learn("digits", network="cnn:8", epochs=3, seed=0)
    folder = tmp_path_factory.mktemp("models") / "digits.imagier"
    recognizer.save(folder)
    return folder


@pytest.fixture(scope="session")
def thirds(tiny, tmp_path_factory):
    """Give the folder of the recogniser of thirds."""
    folder = tmp_path_factory.mktemp("models") / "thirds.imagier"
    tiny.tiny_recognizer().save(folder)
    return folder


@pytest.fixture(scope="session")
def photos(tiny):
    """Give a recogniser of colour pictures with random weights, the worst kind to compare."""
    from imagier.images import Prepare
    from imagier.recognizer import Recognizer

    def made(**settings):
        card = tiny.tiny_card(
            channels=3,
            side=16,
            classes=("a", "b", "c", "d", "<b>&"),
            prepare=Prepare(height=16, width=16, channels=3, **settings),
        )
        return Recognizer(card=card, onnx=tiny.convolution_model().SerializeToString())

    return made


@pytest.fixture(scope="session")
def runtime_package(tmp_path_factory):
    """Give the package of onnxruntime-web, downloaded once."""
    from imagier.datasets.sources.download import fetch
    from imagier.export.browser_runtime import PACKAGE, REGISTRY

    try:
        return fetch(PACKAGE, tmp_path_factory.mktemp("npm"), REGISTRY)
    except MachineError:
        pytest.skip("npm does not answer, so that no page can run in Chromium")


@pytest.fixture
def noise():
    """Give noisy prepared pictures, (n, H, W, C)."""

    def made(n, shape, seed=0):
        return np.random.default_rng(seed).integers(0, 256, (n, *shape)).astype(np.uint8)

    return made
