"""What is saved answers like what was learnt, or is refused."""

import numpy as np
import pytest
import safetensors.numpy
import torch

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
from imagier.training import export, export_network, train

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
    recognizer = export_network(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:3])
    answers = recognizer.probabilities(pixels).argmax(axis=1)
    assert np.mean(answers == examples.labels[180:]) > 0.95
    assert replay_golden(recognizer) < 1e-5
    assert sum(name.endswith(".png") for name in recognizer.artifacts) == 3


def test_a_model_that_answers_both_ways_cannot_tell_a_picture_from_its_mirror_image(
    new_network, examples
):
    network = new_network()
    network.flip_tta = True
    pixels = examples.pixels[180:]
    recognizer = export_network(network, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:3])
    mirrored = np.ascontiguousarray(pixels[:, :, ::-1])
    np.testing.assert_allclose(
        recognizer.probabilities(pixels), recognizer.probabilities(mirrored), atol=1e-6
    )


def test_weights_are_kept_as_safetensors_without_time_or_path(learnt, examples):
    pixels = examples.pixels[:2]
    files = {
        export_network(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:0]).weights
        for _ in "ab"
    }
    assert len(files) == 1
    kept = safetensors.numpy.load(files.pop())
    np.testing.assert_array_equal(kept["body.0.weight"], learnt.body[0].weight.detach().numpy())


def test_a_graph_that_answers_otherwise_is_refused(learnt, examples, monkeypatch):
    def onnx_of_other_weights(layers, weights, **settings):
        moved = {name: value * 0.2 for name, value in weights.items()}
        return onnx_bytes(layers, moved, **settings)

    monkeypatch.setattr(export, "onnx_bytes", onnx_of_other_weights)
    with pytest.raises(ModelError) as caught:
        export_network(
            learnt, LAYERS, CARD, reference_inputs=examples.pixels[:50], golden=examples.pixels[:0]
        )
    assert caught.value.code == "export_differs"


def test_golden_pictures_that_answer_otherwise_are_refused(learnt, examples, monkeypatch):
    def other_levels(pixels, probabilities, **settings):
        return golden_files(np.zeros_like(pixels), probabilities, **settings)

    monkeypatch.setattr(verification, "golden_files", other_levels)
    pixels = examples.pixels[180:]
    with pytest.raises(ModelError) as caught:
        export_network(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:10])
    assert caught.value.code == "export_differs"


def export_with_answers(learnt, pixels, monkeypatch, expected, answered):
    """Export a network that answers all pictures alike, as a graph that answers otherwise."""
    rows = len(pixels), 1
    learnt.register_forward_hook(lambda *_: torch.tensor([expected]).log().repeat(*rows))
    answers = np.tile(np.float32([answered]), rows)
    monkeypatch.setattr(Recognizer, "probabilities", lambda *_: answers)
    return export_network(learnt, LAYERS, CARD, reference_inputs=pixels, golden=pixels[:0])


def test_a_tie_may_fall_either_way_within_the_tolerance(learnt, examples, monkeypatch):
    """A lead of 1.5e-4 turns round where both probabilities differ by an allowed 8.5e-5."""
    pixels = examples.pixels[:4]
    expected, answered = (0.500075, 0.499925), (0.49999, 0.50001)
    export_with_answers(learnt, pixels, monkeypatch, expected, answered)


def test_a_difference_beyond_the_tolerance_is_refused(learnt, examples, monkeypatch):
    pixels = examples.pixels[:4]
    with pytest.raises(ModelError) as caught:
        export_with_answers(learnt, pixels, monkeypatch, (0.5001, 0.4999), (0.49998, 0.50002))
    assert caught.value.code == "export_differs"
