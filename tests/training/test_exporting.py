"""What is saved answers like what was learnt, or is refused."""

import numpy as np
import pytest
import safetensors.numpy

from imagier.errors import ModelError
from imagier.images import Prepare
from imagier.neurons import parse_spec
from imagier.onnx_io.graph_writer import onnx_bytes
from imagier.recognizer import (
    ModelCard,
    Recognizer,
    golden_files,
    replay_golden,
    verification,
)
from imagier.training import export, exporting, train

PREPARE = Prepare(height=12, width=12, channels=1)
LAYERS = parse_spec("cnn:4", input=(12, 12, 1), classes=2)
CARD = ModelCard(
    classes=("lying", "standing"), prepare=PREPARE, network="cnn:4", parameters=1, seed=0
)


@pytest.fixture
def learnt(new_network, examples, plan):
    network = new_network()
    for _ in train(network, examples, plan):
        pass
    return network


def test_the_exported_model_answers_alike(learnt, examples):
    pixels = examples.pixels[180:]
    recognizer = export(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:3])
    answers = recognizer.probabilities(pixels).argmax(axis=1)
    assert np.mean(answers == examples.labels[180:]) > 0.95
    assert replay_golden(recognizer) < 1e-5
    assert sum(name.endswith(".png") for name in recognizer.artifacts) == 3


def test_a_model_that_answers_both_ways_cannot_tell_a_picture_from_its_mirror_image(
    new_network, examples
):
    network = new_network()
    network.both_ways = True
    pixels = examples.pixels[180:]
    recognizer = export(network, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:3])
    mirrored = np.ascontiguousarray(pixels[:, :, ::-1])
    np.testing.assert_allclose(
        recognizer.probabilities(pixels), recognizer.probabilities(mirrored), atol=1e-6
    )


def test_weights_are_kept_as_safetensors_without_time_or_path(learnt, examples):
    pixels = examples.pixels[:2]
    files = {
        export(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:0]).weights
        for _ in "ab"
    }
    assert len(files) == 1
    kept = safetensors.numpy.load(files.pop())
    np.testing.assert_array_equal(kept["body.0.weight"], learnt.body[0].weight.detach().numpy())


def test_a_graph_that_answers_otherwise_is_refused(learnt, examples, monkeypatch):
    def onnx_of_other_weights(layers, weights, **settings):
        moved = {name: value * 0.2 for name, value in weights.items()}
        return onnx_bytes(layers, moved, **settings)

    monkeypatch.setattr(exporting, "onnx_bytes", onnx_of_other_weights)
    with pytest.raises(ModelError) as caught:
        export(
            learnt, LAYERS, CARD, reference_inputs=examples.pixels[:50], golden=examples.pixels[:0]
        )
    assert caught.value.code == "export_differs"


def test_a_lead_that_the_allowed_differences_can_turn_is_no_difference(
    learnt, examples, monkeypatch
):
    expected = np.array([[0.5 + 0.9e-4, 0.5 - 0.9e-4]], np.float32)
    monkeypatch.setattr(exporting, "_probabilities", lambda *_: expected)
    monkeypatch.setattr(Recognizer, "probabilities", lambda *_: 0.55 - 0.1 * expected)
    export(learnt, LAYERS, CARD, reference_inputs=examples.pixels[:1], golden=examples.pixels[:0])


def test_golden_pictures_that_answer_otherwise_are_refused(learnt, examples, monkeypatch):
    def other_levels(pixels, probabilities, **settings):
        return golden_files(np.zeros_like(pixels), probabilities, **settings)

    monkeypatch.setattr(verification, "golden_files", other_levels)
    pixels = examples.pixels[180:]
    with pytest.raises(ModelError) as caught:
        export(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:10])
    assert caught.value.code == "export_differs"
