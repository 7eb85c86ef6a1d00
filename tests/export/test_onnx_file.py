"""The one file: the same answers, in another version too, and lines that call it elsewhere."""

import subprocess
import sys

import numpy as np
import onnx
import pytest

from imagier.errors import ModelError, UsageError
from imagier.export import export_onnx
from imagier.export.opset import reference_pixels, with_opset
from imagier.recognizer import load


def test_the_file_answers_as_the_model(digits, noise, tmp_path):
    found = export_onnx(str(digits), "m.onnx")
    file = tmp_path / "m.onnx"
    file.write_bytes(found.content)
    pixels = noise(9, (8, 8, 1)) // 16
    before, after = load(digits), load(file)
    assert (after.probabilities(pixels) == before.probabilities(pixels)).all()
    assert after.card == before.card
    assert found.opset == 18
    facts = found.to_json()
    assert facts["input"] == {"name": "pixels", "type": "uint8", "shape": ["N", 8, 8, 1]}
    assert facts["dynamic_batch"] is True
    assert facts["int8"] is None


def test_the_lines_that_are_printed_call_it_without_imagier(digits, tmp_path):
    found = export_onnx(str(digits), "m.onnx")
    (tmp_path / "m.onnx").write_bytes(found.content)
    lines = list(found.lines())
    start = next(place for place, line in enumerate(lines) if "import json" in line)
    code = "\n".join(line.strip() for line in lines[start : start + 5])
    program = f"""
import sys, numpy
sys.modules["imagier"] = None
pixels = numpy.arange(3 * 64, dtype=numpy.uint8).reshape(3, 8, 8, 1) % 17
{code}
print(*names)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    recognizer = load(digits)
    pixels = np.arange(3 * 64, dtype=np.uint8).reshape(3, 8, 8, 1) % 17
    named = recognizer.probabilities(pixels).argmax(axis=1)
    assert done.stdout.split() == [recognizer.classes[row] for row in named]


@pytest.mark.parametrize("opset", [17, 21])
def test_another_version_of_the_operators_answers_alike(thirds, noise, opset):
    found = export_onnx(str(thirds), "m.onnx", opset=opset)
    assert found.opset == opset
    assert onnx.load_model_from_string(found.content).opset_import[0].version == opset
    pixels = noise(20, (9, 9, 1))
    expected = load(thirds).probabilities(pixels)
    assert np.abs(found.recognizer.probabilities(pixels) - expected).max() <= 1e-6


def test_a_version_that_is_not_read_is_refused(thirds):
    with pytest.raises(UsageError) as refusal:
        export_onnx(str(thirds), "m.onnx", opset=5)
    assert refusal.value.code == "opset_range"


def test_an_operator_without_an_older_form_is_named(tiny):
    parts = tiny.graph_parts()
    node = onnx.helper.make_node("HardSwish", ["light"], ["swished"])  # since version 14
    parts["nodes"].insert(2, node)
    parts["nodes"][3].input[0] = "swished"
    content = tiny.model_of(parts).SerializeToString()
    with pytest.raises(ModelError) as refusal:
        with_opset(content, 13, path="m")
    assert refusal.value.code == "opset_impossible"


def test_reference_pixels_cover_the_scale():
    pixels = reference_pixels((8, 8, 1), 16)
    assert pixels.max() <= 16
    assert np.ptp(pixels.mean(axis=(1, 2, 3))) > 4


def test_a_reader_is_exported_too(tiny, tmp_path):
    tiny.tiny_reader().save(tmp_path / "bars.imagier")
    found = export_onnx(str(tmp_path / "bars.imagier"), "bars.onnx")
    assert found.to_json()["outputs"][0]["shape"] == ["N", 16, 5]
    assert any("row.argmax(axis=1)" in line for line in found.lines())
