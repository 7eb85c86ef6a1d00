"""Whole numbers of eight bits: who calibrates, who judges, what is promised after."""

from dataclasses import replace

import numpy as np
import onnx
import pytest

from imagier.datasets import load as load_dataset
from imagier.datasets import open_source
from imagier.errors import DataError, UsageError
from imagier.export import EightBitOptions, export_onnx
from imagier.export.calibration_rows import choose_rows, without_test_part
from imagier.export.quantization import quantise
from imagier.recognizer import load
from imagier.testing.leakage import known_pictures


@pytest.fixture(scope="module")
def dataset(digits):
    return load_dataset(without_test_part(open_source("digits")), load(digits).prepare)


@pytest.fixture(scope="module")
def known(digits):
    recognizer = load(digits)
    return known_pictures(recognizer.artifacts, key=recognizer.card.key)


@pytest.fixture(scope="module")
def exported(digits):
    return export_onnx(
        str(digits), "m.onnx", eight_bits=EightBitOptions(calibrate="digits", max_loss=0.05)
    )


def test_it_is_smaller_and_nearly_as_good(exported, digits, tmp_path):
    eight = exported.eight_bits
    assert len(exported.content) < 0.6 * eight.bytes_before
    assert abs(eight.loss.loss) <= 0.03
    assert exported.is_accepted
    file = tmp_path / "m.onnx"
    file.write_bytes(exported.content)
    assert load(file).classes == load(digits).classes


def test_the_graph_holds_whole_numbers(exported):
    model = onnx.load_model_from_string(exported.content)
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    weights = [
        onnx.numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if kinds[tensor.name] == onnx.TensorProto.INT8 and len(tensor.dims) > 1
    ]
    assert weights
    assert min(table.min() for table in weights) >= -64  # seven bits: AVX2 overflows with eight
    assert max(table.max() for table in weights) <= 64
    assert [one.domain for one in model.opset_import] == [""]


def test_the_loss_is_counted_as_by_hand(exported, digits, dataset, known):
    rows = choose_rows(dataset, known, {}).judging
    labels = np.array([dataset.classes[label] for label in dataset.labels[rows]])
    pixels, names = np.asarray(dataset.pixels[rows]), np.array(load(digits).classes)
    right = [
        names[one.probabilities(pixels).argmax(axis=1)] == labels
        for one in (load(digits), exported.recognizer)
    ]
    loss = exported.eight_bits.loss
    assert loss.n == len(rows)
    assert loss.before == pytest.approx(right[0].mean())
    assert loss.loss == pytest.approx(right[0].mean() - right[1].mean())
    low, high = loss.interval
    assert low <= loss.loss <= high


def test_no_test_picture_calibrates_or_judges(dataset, known):
    chosen = choose_rows(dataset, known, {})
    hashes = np.asarray(dataset.hashes)
    used = np.concatenate([chosen.calibrating, chosen.judging])
    assert not known.are_set_aside(hashes[used].tolist()).any()
    assert known.are_learnt(hashes[chosen.calibrating].tolist()).all()
    assert not known.are_chosen_with(hashes[chosen.calibrating].tolist()).any()
    assert known.are_chosen_with(hashes[chosen.judging].tolist()).all()
    assert chosen.judges == "validation"


def test_a_head_that_learnt_from_validation_is_not_judged_by_it_unsaid(dataset, known):
    assert choose_rows(dataset, known, {"views": []}).judges == "learnt"
    assert choose_rows(dataset, None, {}).judges == "unknown"


def test_the_test_part_of_a_source_is_left_unopened(draw_stripes, tmp_path):
    from PIL import Image

    pictures, labels = draw_stripes(12)
    for number, picture in enumerate(pictures):
        folder = tmp_path / ("test" if number % 3 == 0 else "train") / str(labels[number])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[:, :, 0]).save(folder / f"{number}.png")
    listing = open_source(tmp_path)
    assert "test" in listing.parts
    assert set(without_test_part(listing).parts) == {"train"}


def test_thresholds_are_read_again_off_its_own_answers(exported):
    card = exported.recognizer.card
    assert card.thresholds["held_out"]
    assert card.thresholds["held_out"][-1][1] <= exported.eight_bits.loss.n
    assert card.versions["int8"].startswith("onnxruntime ")


def test_without_its_validation_it_promises_nothing(digits, tmp_path):
    (tmp_path / "m.onnx").write_bytes(load(digits).onnx)
    asked = EightBitOptions(calibrate="digits")
    found = export_onnx(str(tmp_path / "m.onnx"), "q.onnx", eight_bits=asked)
    assert found.eight_bits.loss.part == "unknown"
    assert "held_out" not in found.recognizer.card.thresholds
    with pytest.raises(UsageError) as refusal:
        found.recognizer.threshold(0.1)
    assert refusal.value.code == "max_error_unknown"


def test_a_loss_that_is_not_proven_is_not_accepted(exported):
    eight = replace(exported.eight_bits, max_loss=exported.eight_bits.loss.interval[1] - 1e-6)
    refused = replace(exported, eight_bits=eight)
    assert not refused.is_accepted
    assert refused.to_json()["out"] is None


def test_the_same_pictures_give_the_same_bytes(thirds, noise):
    content, pixels = load(thirds).onnx, noise(16, (9, 9, 1))
    assert quantise(content, pixels) == quantise(content, pixels)


def test_batch_normalisation_goes_into_the_weights(photos, noise):
    recognizer, pixels = photos(fit="stretch"), noise(64, (16, 16, 3))
    content = quantise(recognizer.onnx, pixels)
    operators = [node.op_type for node in onnx.load_model_from_string(content).graph.node]
    assert "BatchNormalization" not in operators
    made = replace(recognizer, onnx=content, graph=None)
    difference = np.abs(made.probabilities(pixels) - recognizer.probabilities(pixels))
    assert difference.mean() < 0.05
    assert operators[-2:] == ["Gemm", "Softmax"]  # the last weights stay as they were


def test_too_few_pictures_are_refused(dataset):
    few = dataset.take(range(5))
    with pytest.raises(DataError) as refusal:
        choose_rows(few, None, {})
    assert refusal.value.code == "calibrate_too_few"


def test_another_test_source_judges_and_is_counted(digits, draw_stripes):
    asked = EightBitOptions(calibrate="digits", test="digits")
    found = export_onnx(str(digits), "m.onnx", eight_bits=asked)
    assert found.eight_bits.loss.part == "test"
    assert (digits / "evaluations.jsonl").is_file()
