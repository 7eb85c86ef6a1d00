"""Foreign backbones: looked through before they are run, refused with the reason."""

import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from imagier.errors import ImagierError, ModelError, UsageError
from imagier.features import engine, open_backbone
from imagier.i18n import t


def refusal(path, spec=None):
    with pytest.raises(ImagierError) as caught:
        open_backbone(spec or str(path))
    return caught.value


def spoilt(tiny, path, change, **settings):
    """Write a backbone after `change` was made to its ModelProto."""
    model = tiny.model_of(tiny.parts(**settings))
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def _never_run(monkeypatch):
    """Fail where the engine sees the file."""

    def seen(*_, **__):
        raise AssertionError

    monkeypatch.setattr(engine, "open_session", seen)


def external(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def second_input(model):
    value = helper.make_tensor_value_info("other", TensorProto.FLOAT, ["N", 3])
    model.graph.input.append(value)


def second_output(model):
    model.graph.output.append(helper.make_tensor_value_info("sums", TensorProto.FLOAT, None))


def unknown_operator(model):
    model.graph.node.append(helper.make_node("Loop", ["maps"], ["more"]))


def foreign_domain(model):
    model.graph.node.append(helper.make_node("Relu", ["maps"], ["more"], domain="evil"))


def foreign_import(model):
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def function(model):
    model.functions.add().name = "f"


def old_operators(model):
    model.opset_import[0].version = 9


def inputs_of(*shape, kind=TensorProto.FLOAT):
    def change(model):
        del model.graph.input[:]
        model.graph.input.append(helper.make_tensor_value_info("picture", kind, shape))

    return change


def outputs_of(*shape, kind=TensorProto.FLOAT):
    def change(model):
        del model.graph.output[:]
        model.graph.output.append(helper.make_tensor_value_info("found", kind, shape))

    return change


REFUSED = {
    "external data": (external, "external_data", {}),
    "two inputs": (second_input, "backbone_inputs", {"n": 2}),
    "two outputs": (second_output, "backbone_outputs", {"n": 2}),
    "an operator": (unknown_operator, "operator", {"name": "'Loop'"}),
    "a domain": (foreign_domain, "domain", {"name": "'evil'"}),
    "an imported domain": (foreign_import, "domain", {"name": "'com.microsoft'"}),
    "functions": (function, "functions", {}),
    "old operators": (old_operators, "opset", {"version": 9}),
    "four channels": (inputs_of("N", 4, 32, 32), "backbone_picture", {}),
    "not square": (inputs_of("N", 3, 32, 64), "backbone_picture", {}),
    "huge": (inputs_of("N", 3, 4096, 4096), "backbone_picture", {}),
    "flat": (inputs_of("N", 3072), "backbone_picture", {}),
    "one at a time": (inputs_of(1, 3, 32, 32), "backbone_batch", {}),
    "doubles": (
        inputs_of("N", 3, 32, 32, kind=TensorProto.DOUBLE),
        "backbone_input_kind",
        {},
    ),
    "words out": (outputs_of("N", 5, 6), "backbone_output", {}),
    "whole numbers out": (outputs_of("N", 6, kind=TensorProto.INT64), "backbone_output", {}),
    "one row out": (outputs_of(1, 6), "backbone_batch", {}),
}


@pytest.mark.usefixtures("_never_run")
@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_the_engine_sees_it(tiny, tmp_path, name):
    change, reason, facts = REFUSED[name]
    path = spoilt(tiny, tmp_path / "odd.onnx", change)
    error = refusal(path)
    assert (error.code, error.facts["reason"]) == (
        "backbone_refused",
        t(f"refused.{reason}", **facts),
    )
    assert str(path) in error.message


@pytest.mark.usefixtures("_never_run")
@pytest.mark.parametrize("content", [b"", b"no ONNX at all", b"PK\x03\x04" * 30, b"\x08\x07ORTM"])
def test_what_is_no_onnx_is_refused(tmp_path, content):
    path = tmp_path / "odd.onnx"
    path.write_bytes(content)
    assert refusal(path).code == "backbone_refused"


@pytest.mark.usefixtures("_never_run")
def test_every_cut_and_many_flipped_bytes_are_refused_or_read(tiny, tmp_path):
    whole = tiny.model_of(tiny.parts()).SerializeToString()
    path = tmp_path / "odd.onnx"
    rng = np.random.default_rng(0)
    for place in rng.integers(1, len(whole), 60).tolist():
        path.write_bytes(whole[:place])
        assert refusal(path).code == "backbone_refused"
        flipped = bytearray(whole)
        flipped[place] ^= int(rng.integers(1, 256))
        path.write_bytes(flipped)
        with pytest.raises((ModelError, AssertionError)):  # AssertionError: it passed the checks
            open_backbone(str(path))


def test_numbers_listed_as_inputs_are_no_inputs(tiny, tmp_path):
    def listed(model):
        shape = [tiny.OUTPUTS, 3, 3, 3]
        value = helper.make_tensor_value_info("kernels", TensorProto.FLOAT, shape)
        model.graph.input.append(value)

    backbone = open_backbone(str(spoilt(tiny, tmp_path / "old.onnx", listed)))
    assert backbone.outputs == tiny.OUTPUTS


def test_a_graph_that_cannot_run(tiny, tmp_path):
    def mismatched(model):
        kernels = np.zeros((6, 5, 3, 3), np.float32)
        model.graph.initializer[0].CopyFrom(numpy_helper.from_array(kernels, "kernels"))

    error = refusal(spoilt(tiny, tmp_path / "odd.onnx", mismatched))
    assert (error.code, error.exit_code) == ("backbone_fails", 4)


def test_features_that_are_no_numbers(tiny, tmp_path):
    def endless(model):
        kernels = np.full((6, 3, 3, 3), 3e38, np.float32)
        model.graph.initializer[0].CopyFrom(numpy_helper.from_array(kernels, "kernels"))

    assert refusal(spoilt(tiny, tmp_path / "odd.onnx", endless)).code == "backbone_answers"


@pytest.mark.parametrize("spec", ["{}/none.onnx", "{}", "resnet", "features:", "features:big"])
def test_what_is_no_backbone(tmp_path, spec):
    with pytest.raises(UsageError) as caught:
        open_backbone(spec.format(tmp_path))
    assert caught.value.code in {"backbone_missing", "backbone_name"}


def test_sides(tiny, tmp_path):
    free = tiny.write(tmp_path / "free.onnx")
    assert open_backbone(str(free)).side == 224
    backbone = open_backbone(f"{free}:64")
    assert (backbone.side, backbone.name) == (64, f"{free}:64")
    fixed = tiny.write(tmp_path / "fixed.onnx", side=48)
    assert open_backbone(str(fixed)).side == 48
    assert refusal(fixed, f"{fixed}:64").code == "backbone_side"


def test_levels_are_read_beside_the_file(tiny, tmp_path):
    path = tiny.write(tmp_path / "tiny.onnx")
    plain = open_backbone(str(path))
    settings = {"image_mean": [0.5] * 3, "image_std": [0.25] * 3, "do_resize": True}
    place = tmp_path / "preprocessor_config.json"
    place.write_text(json.dumps(settings))
    told = open_backbone(str(path))
    assert told.levels.mean == pytest.approx((127.5,) * 3)
    assert told.levels.std == pytest.approx((63.75,) * 3)
    assert told.key != plain.key


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"image_mean": [1]}', '{"image_std": [0, 0, 0]}', '{"rescale_factor": 0}',
     '{"image_mean": ["a", "b", "c"]}', '{"image_mean": [NaN, 0, 0]}'],
)  # fmt: skip
def test_levels_that_cannot_be_read(tiny, tmp_path, text):
    path = tiny.write(tmp_path / "tiny.onnx")
    (tmp_path / "preprocessor_config.json").write_text(text)
    assert refusal(path).code == "backbone_settings"


def test_the_key_is_that_of_the_content(tiny, tmp_path):
    seeds = {"first": 0, "same": 0, "other": 1}
    paths = [tiny.write(tmp_path / f"{name}.onnx", seed=seed) for name, seed in seeds.items()]
    first, same, other = (open_backbone(str(path)).key for path in paths)
    assert first == same != other
