"""The graph around a backbone: what goes in, the views, the head."""

import numpy as np
import pytest
import torch

from imagier.features import FeatureEngine, Head, Socket, View, open_backbone
from imagier.images import Prepare
from imagier.onnx_io.graph import read_graph
from imagier.recognizer import ModelCard, Recognizer

SIDE = 16
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture
def backbone(tiny, tmp_path):
    return open_backbone(str(tiny.write(tmp_path / "tiny.onnx")) + f":{SIDE}")


def features(backbone, pixels, *views, full_scale=255):
    shape = pixels.shape[1:]
    return FeatureEngine(
        backbone.graph(shape, full_scale=full_scale, views=views), path="tiny"
    ).run(pixels)


def by_torch(tiny, picture):
    """Compute the tiny backbone's features of levels that are already ImageNet's, (N, 3, H, W)."""
    from onnx import numpy_helper

    kernels = numpy_helper.to_array(tiny.parts()["initializer"][0]).copy()
    sums = torch.nn.functional.conv2d(picture, torch.from_numpy(kernels), padding=1)
    return sums.relu().mean(dim=(2, 3)).numpy()


def levelled(pixels):
    mean = torch.tensor([0.485, 0.456, 0.406])
    spread = torch.tensor([0.229, 0.224, 0.225])
    return ((torch.from_numpy(pixels) / 255 - mean) / spread).permute(0, 3, 1, 2)


def test_levels_are_those_of_imagenet(tiny, backbone):
    expected = by_torch(tiny, levelled(PIXELS))
    np.testing.assert_allclose(features(backbone, PIXELS), expected, atol=1e-5)


@pytest.mark.parametrize("size", [(8, 8), (24, 12), (40, 40)])
def test_pictures_of_another_size_are_resized(tiny, backbone, size):
    pixels = RNG.integers(0, 256, (3, *size, 3), dtype=np.uint8)
    resized = torch.nn.functional.interpolate(levelled(pixels), size=(SIDE, SIDE), mode="bilinear")
    np.testing.assert_allclose(features(backbone, pixels), by_torch(tiny, resized), atol=1e-5)


def test_grey_pictures_and_other_scales_mean_the_same(backbone):
    grey = RNG.integers(0, 17, (4, SIDE, SIDE, 1), dtype=np.uint8)
    colour = np.repeat(grey, 3, axis=3)
    expected = features(backbone, colour, full_scale=16)
    np.testing.assert_allclose(features(backbone, grey, full_scale=16), expected, atol=1e-6)
    fifteen = colour * np.uint8(15)  # 16 times 15 is 240 of 240
    np.testing.assert_allclose(features(backbone, fifteen, full_scale=240), expected, atol=1e-5)


def test_a_mirrored_view_is_the_view_of_the_mirrored_picture(backbone):
    mirrored = features(backbone, PIXELS, View(side=SIDE, mirrored=True))
    np.testing.assert_array_equal(mirrored, features(backbone, PIXELS[:, :, ::-1]))


@pytest.mark.parametrize("opset", [17, 18])
def test_views_are_averaged(tiny, tmp_path, opset):
    backbone = open_backbone(str(tiny.write(tmp_path / "tiny.onnx", opset=opset)))
    views = (View(side=SIDE), View(side=SIDE, mirrored=True), View(side=12))
    apart = [features(backbone, PIXELS, view) for view in views]
    together = features(backbone, PIXELS, *views)
    np.testing.assert_allclose(together, np.mean(apart, axis=0), atol=1e-6)


def test_a_head_ends_the_graph_with_probabilities(tiny, backbone):
    head = Head(
        weights=RNG.normal(size=(3, tiny.OUTPUTS)).astype(np.float32),
        bias=np.array([0.1, -0.2, 0.3], np.float32),
    )
    views = (View(side=SIDE), View(side=SIDE, mirrored=True))
    content = backbone.graph((SIDE, SIDE, 3), full_scale=255, views=views, head=head)
    assert read_graph(content, path="whole").classes == 3
    card = ModelCard(
        classes=("a", "b", "c"),
        prepare=Prepare(height=SIDE, width=SIDE, channels=3),
        network="tiny",
        parameters=1,
        seed=0,
    )
    answers = Recognizer(card=card, onnx=content).probabilities(PIXELS)
    logits = features(backbone, PIXELS, *views) @ head.weights.T + head.bias
    expected = torch.from_numpy(logits).softmax(dim=1).numpy()
    np.testing.assert_allclose(answers, expected, atol=1e-6)


def test_the_same_arguments_give_the_same_bytes(backbone):
    graphs = {
        backbone.graph((SIDE, SIDE, 3), full_scale=255, views=(View(side=8), View(side=SIDE)))
        for _ in range(2)
    }
    assert len(graphs) == 1


def test_the_numbers_stand_once_however_many_views_there_are(backbone):
    one = backbone.graph((SIDE, SIDE, 3), full_scale=255)
    views = (View(side=8), View(side=SIDE), View(side=SIDE, mirrored=True))
    three = backbone.graph((SIDE, SIDE, 3), full_scale=255, views=views)
    assert three.count(b"core.kernels") == 3  # the table's own name, and each of two copies
    assert len(three) < len(one) + 3000


def test_features_do_not_depend_on_the_pictures_around(backbone):
    together = features(backbone, PIXELS)
    alone = np.concatenate([features(backbone, PIXELS[i : i + 1]) for i in range(len(PIXELS))])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("kind", ["float", "bytes"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("rank", [2, 4])
def test_all_forms_of_backbone_see_the_same(tiny, tmp_path, kind, last, rank):
    settings = {"kind": kind, "last": last, "rank": rank, "side": SIDE}
    backbone = open_backbone(str(tiny.write(tmp_path / "tiny.onnx", **settings)))
    assert backbone.socket == Socket(
        input="picture",
        output="found" if rank == 2 else "maps",
        is_float=kind == "float",
        channels_last=last,
        side=SIDE,
        is_map=rank == 4,
    )
    given = levelled(PIXELS) if kind == "float" else torch.from_numpy(PIXELS).permute(0, 3, 1, 2)
    expected = by_torch(tiny, given if kind == "float" else given / 64)
    np.testing.assert_allclose(features(backbone, PIXELS), expected, atol=1e-4)
    assert backbone.outputs == tiny.OUTPUTS
