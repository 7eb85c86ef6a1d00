"""What all tests share: English, a cache and a home of their own, small pictures to learn from."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "imagier",
    deadline=None,  # the first call of torch takes seconds, and the machines are shared
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("imagier")


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path_factory, monkeypatch):
    """Keep the tests away from the user's cache, key and language."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
    monkeypatch.setenv("IMAGIER_LANG", "en")


@pytest.fixture(autouse=True)
def _no_process_for_the_memory_of_predictions(monkeypatch):
    """Start no second process for each small model of a test: hundreds would take minutes."""
    monkeypatch.setattr("imagier.testing.cost_report.prediction_memory", lambda *_: None)


@pytest.fixture(scope="session")
def imagier_data() -> Path:
    """Give the folder of real data, or skip."""
    folder = os.environ.get("IMAGIER_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real pictures: set IMAGIER_DATA to the folder that holds them")
    return Path(folder)


def striped_pictures(n: int, *, size: int = 12, seed: int = 0):
    """Draw pictures of two classes, lying and standing stripes: uint8 (n, size, size, 1), (n,)."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, n)
    wave = 120 * np.sin(np.arange(size) * generator.uniform(1.4, 2.2, (n, 1)))
    lying = np.broadcast_to(wave[:, :, None], (n, size, size))
    standing = np.broadcast_to(wave[:, None, :], (n, size, size))
    pictures = np.where(labels[:, None, None] == 0, lying, standing)
    noisy = 128 + pictures + generator.normal(0, 25, (n, size, size))
    return noisy.clip(0, 255).astype(np.uint8)[..., None], labels


@pytest.fixture(scope="session")
def draw_stripes():
    """Give the function that draws striped pictures."""
    return striped_pictures


@pytest.fixture(scope="session")
def stripes():
    """Give 240 striped pictures and their labels."""
    return striped_pictures(240)


@pytest.fixture
def stripes_folder(tmp_path, stripes):
    """Write 120 striped pictures into lying/ and standing/."""
    from PIL import Image

    root = tmp_path / "stripes"
    pictures, labels = stripes
    for number in range(120):
        place = root / ("lying", "standing")[labels[number]]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[number, :, :, 0]).save(place / f"{number}.png")
    return root


@pytest.fixture(scope="session")
def picture_zoo():
    """Give the function that writes a zoo of odd pictures into a folder."""
    import importlib.util
    import sys

    file = Path(__file__).with_name("picture_zoo.py")
    spec = importlib.util.spec_from_file_location("picture_zoo", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["picture_zoo"] = module
    spec.loader.exec_module(module)
    return module.write_picture_zoo
