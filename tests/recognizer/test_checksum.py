"""A lone ONNX file checks itself: a byte spoilt on the way is found out before it answers."""

import hashlib

import numpy as np
import onnx
import pytest

from imagier import load
from imagier.errors import ModelError


def test_no_flipped_byte_changes_an_answer_unnoticed(recognizer, tiny):
    content = recognizer.onnx
    pictures = np.stack([tiny.bright(third) for third in range(3)])
    wanted = recognizer.probabilities(pictures)
    refused = 0
    for place in range(0, len(content), 3):
        spoilt = bytearray(content)
        spoilt[place] ^= 0x40
        try:
            model = load(bytes(spoilt))
        except ModelError:
            refused += 1
            continue
        np.testing.assert_array_equal(model.probabilities(pictures), wanted)
        assert model.card == recognizer.card
    assert refused > 0.95 * len(range(0, len(content), 3))


def test_a_flipped_weight_is_said_in_words(recognizer):
    content = bytearray(recognizer.onnx)
    at = content.index(b"weights")
    content[at + 200] ^= 1
    with pytest.raises(ModelError) as caught:
        load(bytes(content))
    assert caught.value.code == "model_unsafe"
    assert "hash" in caught.value.message


def test_a_lone_file_without_a_checksum_is_refused(recognizer):
    model = onnx.load_from_string(recognizer.onnx)
    kept = [entry for entry in model.metadata_props if entry.key == "imagier"]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    with pytest.raises(ModelError) as caught:
        load(model.SerializeToString())
    assert caught.value.code == "model_damaged"


def test_the_checksum_is_the_one_that_the_documentation_tells(recognizer):
    model = onnx.load_from_string(recognizer.onnx)
    notes = {entry.key: entry.value for entry in model.metadata_props}
    digest = hashlib.sha256(model.graph.SerializeToString())
    for version in model.opset_import:
        digest.update(version.SerializeToString())
    digest.update(notes["imagier"].encode())
    assert notes["imagier-sha256"] == digest.hexdigest()
