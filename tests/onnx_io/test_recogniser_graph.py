"""Hostile and merely foreign ONNX files: refused with a reason before the engine sees them."""

import os
import sys
from contextlib import suppress

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from imagier.errors import ModelError, Refused
from imagier.i18n import catalogue, use_language
from imagier.onnx_io import checks
from imagier.onnx_io.fields import OPERATORS
from imagier.onnx_io.graph import embed_card, read_graph
from imagier.onnx_io.protobuf import Field, Reader


def refusal(content):
    """Give the reason of a refusal in English."""
    with use_language("en"), pytest.raises(ModelError) as refused:
        read_graph(content, path="evil.onnx")
    assert refused.value.code == "model_unsafe"
    assert refused.value.exit_code == 4
    assert refused.value.message.startswith("The network evil.onnx is refused: ")
    return refused.value.facts["reason"]


def reason(key, **facts):
    return catalogue("en")[f"refused.{key}"].format(**facts)


def external(tensor, location):
    """Make a tensor read its numbers from a file."""
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "12"}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def numbers(name="numbers", shape=(3,)):
    return numpy_helper.from_array(np.zeros(shape, np.float32), name)


def test_a_good_network_is_described(tiny):
    found = read_graph(tiny.tiny_model().SerializeToString(), path="good.onnx")
    assert found.input == (9, 9, 1)
    assert found.classes == 3
    assert found.card is None
    assert found.operators == {"Cast", "Div", "Flatten", "Gemm", "Softmax"}


def test_a_convolutional_network_passes(tiny):
    model = tiny.convolution_model()
    onnx.checker.check_model(model, full_check=True)
    assert read_graph(model.SerializeToString(), path="good.onnx").input == (16, 16, 3)


def test_every_operator_of_the_list_exists_in_onnx():
    for name in OPERATORS:
        assert onnx.defs.get_schema(name, 18, "").name == name


@pytest.mark.parametrize("opset", [13, 17, 18, 21, 23])
def test_supported_operator_versions_pass(tiny, opset):
    model = tiny.model_of(tiny.graph_parts(), opset=opset)
    assert read_graph(model.SerializeToString(), path="good.onnx").classes == 3


def test_numbers_in_typed_lists_pass(tiny):
    parts = tiny.graph_parts()
    parts["initializer"][0] = helper.make_tensor("white", TensorProto.FLOAT, [], [255.0])
    parts["initializer"].append(helper.make_tensor("shape", TensorProto.INT64, [2], [-1, 81]))
    parts["initializer"].append(helper.make_tensor("flag", TensorProto.BOOL, [1], [True]))
    parts["initializer"].append(helper.make_tensor("none", TensorProto.FLOAT, [0], []))
    assert read_graph(tiny.model_of(parts).SerializeToString(), path="good.onnx").classes == 3


def eight_bits(tiny, uses=1, dims=(243, 3), count=243 * 3):
    """Give a network whose weights are whole numbers of eight bits, used so many times."""
    parts = tiny.graph_parts(side=9, channels=3)
    table = TensorProto(name="whole", data_type=TensorProto.INT8, dims=dims, raw_data=bytes(count))
    parts["initializer"] += [
        table,
        numpy_helper.from_array(np.float32(0.1), "step"),
        numpy_helper.from_array(np.int8(0), "zero"),
    ]
    back = helper.make_node("DequantizeLinear", ["whole", "step", "zero"], ["floats"])
    more = [helper.make_node("MatMul", ["row", "floats"], [f"m{use}"]) for use in range(uses)]
    parts["nodes"][3:3] = [back, *more]
    return tiny.model_of(parts).SerializeToString()


def test_whole_numbers_of_eight_bits_pass(tiny):
    graph = read_graph(eight_bits(tiny), path="good.onnx")
    assert "DequantizeLinear" in graph.operators


@pytest.mark.parametrize("count", [0, 243 * 3 - 1, 243 * 12])
def test_whole_numbers_that_are_too_few_or_too_many(tiny, count):
    assert refusal(eight_bits(tiny, count=count)) == reason("tensor_size")


def test_whole_numbers_that_become_floats_again_are_counted_by_who_reads_them(tiny):
    once, often = (
        read_graph(eight_bits(tiny, uses=uses), path="good.onnx").reused for uses in (1, 9)
    )
    assert often - once >= 8 * 243 * 3


# External data, in every place where a tensor may stand and every way to write the place

PLACES = ["secret.bin", "../secret.bin", "/etc/hostname", "a/../../secret.bin", "\\\\host\\x", ""]


@pytest.mark.parametrize("location", PLACES)
def test_external_data_of_an_initialiser(tiny, location):
    parts = tiny.graph_parts()
    external(parts["initializer"][2], location)
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("external_data")


@pytest.mark.parametrize("location", PLACES[:3])
def test_external_data_of_a_constant(tiny, location):
    parts = tiny.graph_parts()
    value = external(numbers(), location)
    parts["nodes"].insert(0, helper.make_node("Constant", [], ["secret"], value=value))
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("external_data")


def test_external_data_without_its_mark(tiny):
    parts = tiny.graph_parts()
    external(parts["initializer"][2], "secret.bin").ClearField("data_location")
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("external_data")


def test_the_mark_of_external_data_alone(tiny):
    parts = tiny.graph_parts()
    parts["initializer"][2].data_location = TensorProto.EXTERNAL
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("external_data")


def test_external_data_of_a_sparse_tensor(tiny):
    model = tiny.tiny_model()
    sparse = model.graph.sparse_initializer.add()
    sparse.values.CopyFrom(external(numbers("sparse"), "secret.bin"))
    sparse.indices.CopyFrom(numpy_helper.from_array(np.arange(3), "places"))
    assert refusal(model.SerializeToString()) == reason("sparse_tensor")


def test_a_sparse_constant(tiny):
    parts = tiny.graph_parts()
    sparse = helper.make_sparse_tensor(
        numbers("values"), numpy_helper.from_array(np.arange(3), "places"), [9]
    )
    parts["nodes"].insert(0, helper.make_node("Constant", [], ["x"], sparse_value=sparse))
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("sparse_tensor")


# Networks inside the network


def branch():
    value = helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])
    node = helper.make_node("Constant", [], ["y"], value=external(numbers(), "secret.bin"))
    return helper.make_graph([node], "inside", [], [value])


def test_a_branch(tiny):
    parts = tiny.graph_parts()
    node = helper.make_node("If", ["white"], ["x"], then_branch=branch(), else_branch=branch())
    parts["nodes"].insert(0, node)
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("operator", name="'If'")


def test_a_subgraph_under_a_harmless_name(tiny):
    parts = tiny.graph_parts()
    parts["nodes"].insert(0, helper.make_node("Relu", ["white"], ["x"], body=branch()))
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("subgraph")


def test_several_subgraphs_under_a_harmless_name(tiny):
    parts = tiny.graph_parts()
    node = helper.make_node("Relu", ["white"], ["x"])
    node.attribute.add(name="bodies", type=onnx.AttributeProto.GRAPHS).graphs.append(branch())
    parts["nodes"].insert(0, node)
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("subgraph")


def test_a_function(tiny):
    model = tiny.tiny_model()
    node = helper.make_node("Constant", [], ["y"], value=external(numbers(), "secret.bin"))
    opsets = [helper.make_opsetid("", 18)]
    model.functions.append(helper.make_function("", "Relu", ["x"], ["y"], [node], opsets))
    assert refusal(model.SerializeToString()) == reason("functions")


def test_instructions_for_learning(tiny):
    model = tiny.tiny_model()
    model.training_info.add().algorithm.CopyFrom(branch())
    assert refusal(model.SerializeToString()) == reason("training_graph")


# Operators


@pytest.mark.parametrize(
    "name", ["Loop", "Scan", "Expand", "ConstantOfShape", "Range", "Tile", "Optional", "Shrink"]
)
def test_operators_beyond_the_list(tiny, name):
    parts = tiny.graph_parts()
    parts["nodes"].insert(0, helper.make_node(name, ["white"], ["x"]))
    expected = reason("operator", name=repr(name))
    assert refusal(tiny.model_of(parts).SerializeToString()) == expected


@pytest.mark.parametrize("domain", ["com.microsoft", "ai.onnx.ml", "evil", " ", "AI.ONNX"])
def test_foreign_domains_of_an_operator(tiny, domain):
    parts = tiny.graph_parts()
    parts["nodes"].insert(0, helper.make_node("Relu", ["white"], ["x"], domain=domain))
    expected = reason("domain", name=repr(domain))
    assert refusal(tiny.model_of(parts).SerializeToString()) == expected


def test_a_foreign_domain_imported(tiny):
    model = tiny.tiny_model()
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert refusal(model.SerializeToString()) == reason("domain", name="'com.microsoft'")


@pytest.mark.parametrize("opset", [0, 1, 12, 99, -1])
def test_unsupported_operator_versions(tiny, opset):
    model = tiny.tiny_model()
    model.opset_import[0].version = opset
    assert refusal(model.SerializeToString()) == reason("opset", version=opset)


def test_no_operator_version(tiny):
    model = tiny.tiny_model()
    del model.opset_import[:]
    assert refusal(model.SerializeToString()) == reason("opset_count", n=0)


@pytest.mark.parametrize("version", [0, 3, 99])
def test_unsupported_format_versions(tiny, version):
    model = tiny.tiny_model()
    model.ir_version = version
    assert refusal(model.SerializeToString()) == reason("ir_version", version=version)


# Tables of numbers that are not what they announce


@pytest.mark.parametrize(
    ("dims", "key"),
    [
        ([4], "tensor_size"),
        ([2], "tensor_size"),
        ([10**15], "dimension"),
        ([2**31 - 1, 2**31 - 1, 2**31 - 1], "tensor_size"),
        ([-3], "dimension"),
        ([3] + [1] * 8, "dimension"),
        ([], "tensor_size"),
        ([0], "tensor_size"),
    ],
)
def test_impossible_sizes(tiny, dims, key):
    parts = tiny.graph_parts()
    parts["initializer"][2].dims[:] = dims
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason(key)


@pytest.mark.parametrize("kind", [TensorProto.STRING, TensorProto.DOUBLE, TensorProto.UINT64, 0])
def test_kinds_of_numbers_that_are_not_needed(tiny, kind):
    parts = tiny.graph_parts()
    parts["initializer"][2].data_type = kind
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("tensor_kind")


def test_texts_in_a_table(tiny):
    parts = tiny.graph_parts()
    parts["initializer"][2].string_data.append(b"/etc/passwd")
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("tensor_kind")


def test_numbers_written_twice(tiny):
    parts = tiny.graph_parts()
    parts["initializer"][2].float_data.extend([0, 0, 0])
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("tensor_size")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(tiny, value):
    parts = tiny.graph_parts()
    table = np.array([0, value, 0], np.float32)
    parts["initializer"][2].CopyFrom(numpy_helper.from_array(table, "bias"))
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("not_finite")


def test_two_tables_of_one_name(tiny):
    parts = tiny.graph_parts()
    parts["initializer"].append(numbers("bias"))
    assert refusal(tiny.model_of(parts).SerializeToString()) == reason("name_twice", name="'bias'")


def test_a_table_in_the_place_of_the_input(tiny):
    parts = tiny.graph_parts()
    parts["initializer"].append(numbers("pixels"))
    expected = reason("name_twice", name="'pixels'")
    assert refusal(tiny.model_of(parts).SerializeToString()) == expected


# Inputs and outputs


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


U8, F32 = TensorProto.UINT8, TensorProto.FLOAT


@pytest.mark.parametrize(
    ("inputs", "key", "facts"),
    [
        ([], "input_count", {"n": 0}),
        ([value("pixels", U8, ["N", 9, 9, 1]), value("b", F32, [1])], "input_count", {"n": 2}),
        ([value("image", U8, ["N", 9, 9, 1])], "input_name", {"name": "'image'"}),
        ([value("pixels", F32, ["N", 9, 9, 1])], "input_kind", {}),
        ([value("pixels", U8, ["N", 9, 9])], "input_shape", {}),
        ([value("pixels", U8, ["N", "H", 9, 1])], "input_shape", {}),
        ([value("pixels", U8, ["N", 9, 9, 4])], "input_shape", {}),
        ([value("pixels", U8, ["N", 1, 9, 9])], "input_shape", {}),
        ([value("pixels", U8, [1, 9, 9, 1])], "input_shape", {}),
        ([value("pixels", U8, ["N", 0, 9, 1])], "dimension", {}),
        ([value("pixels", U8, ["N", 2**40, 9, 1])], "dimension", {}),
        ([value("pixels", U8, None)], "missing_part", {"name": "shape"}),
        ([helper.make_tensor_sequence_value_info("pixels", U8, [1])], "tensor_kind", {}),
    ],
)
def test_wrong_inputs(tiny, inputs, key, facts):
    model = tiny.model_of(tiny.graph_parts() | {"inputs": inputs})
    assert refusal(model.SerializeToString()) == reason(key, **facts)


@pytest.mark.parametrize(
    ("outputs", "key", "facts"),
    [
        ([], "output_count", {"n": 0}),
        ([value("probabilities", F32, ["N", 3])] + [value("strangeness", F32, ["N", 1])] * 2,
         "output_count", {"n": 3}),
        ([value("probabilities", F32, ["N", 3]), value("sums", F32, ["N", 1])], "output_name",
         {"name": "'sums'"}),
        ([value("probabilities", F32, ["N", 3]), value("strangeness", F32, ["N", 3])],
         "output_shape", {}),
        ([value("probabilities", F32, ["N", 3]), value("strangeness", F32, ["N", "M"])],
         "output_shape", {}),
        ([value("sums", F32, ["N", 3])], "output_name", {"name": "'sums'"}),
        ([value("probabilities", TensorProto.DOUBLE, ["N", 3])], "output_kind", {}),
        ([value("probabilities", F32, ["N", 3, 1, 1])], "output_shape", {}),
        ([value("probabilities", F32, ["N", "T", 3])], "output_shape", {}),
        ([value("probabilities", F32, ["N", 4, 3]), value("strangeness", F32, ["N", 1])],
         "output_count", {"n": 2}),
        ([value("probabilities", F32, ["N", "K"])], "output_shape", {}),
        ([value("probabilities", F32, [1, 3])], "output_shape", {}),
    ],
)  # fmt: skip
def test_wrong_outputs(tiny, outputs, key, facts):
    model = tiny.model_of(tiny.graph_parts() | {"outputs": outputs})
    assert refusal(model.SerializeToString()) == reason(key, **facts)


# The notation itself


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"PK\x03\x04", b"no model at all", b"{}"])
def test_what_is_no_onnx_file(content):
    assert refusal(content)


def test_the_engines_private_format_in_disguise(tiny):
    # A text as first field puts the mark where the engine looks for its own, unchecked format.
    model = tiny.tiny_model().SerializeToString()
    assert refusal(b"\x12\x06abORTM" + model) == reason("not_protobuf")


def test_a_second_graph_is_not_overlooked(tiny):
    model = tiny.tiny_model().SerializeToString()
    assert refusal(model + model) == reason("twice", name="ir_version")
    second = tiny.tiny_model().graph.SerializeToString()
    field = bytes([7 << 3 | 2]) + _varint(len(second)) + second
    assert refusal(model + field) == reason("twice", name="graph")


def test_unknown_fields(tiny):
    model = tiny.tiny_model().SerializeToString()
    assert refusal(model + b"\xfa\x07\x01x") == reason("unknown_field", number=127)


def test_groups_of_the_old_notation(tiny):
    model = tiny.tiny_model().SerializeToString()
    assert refusal(model + bytes([14 << 3 | 3])) == reason("not_protobuf")


def test_foreign_notes(tiny):
    model = tiny.tiny_model()
    model.metadata_props.add(key="ort_config", value="{}")
    assert refusal(model.SerializeToString()) == reason("metadata", name="'ort_config'")


def test_files_beyond_all_measure(monkeypatch):
    monkeypatch.setattr(checks, "MAX_BYTES", 1000)
    assert refusal(bytes(1001)) == reason("too_large", limit=0)


def test_too_many_operators(tiny):
    parts = tiny.graph_parts()
    parts["nodes"] += [helper.make_node("Relu", ["row"], [f"x{n}"]) for n in range(4_000)]
    expected = reason("too_many_parts", limit=4_000)
    assert refusal(tiny.model_of(parts).SerializeToString()) == expected


def test_too_many_values_end_the_reading():
    content = memoryview(b"\x08\x00" * 100)
    with pytest.raises(Refused, match="too_many_values"):
        Reader(limit=50).message(content, {1: Field("x", "integer", repeated=True)})


def test_a_text_that_is_no_text(tiny):
    model = tiny.tiny_model()
    model.graph.node[0].op_type = "RELU"
    content = model.SerializeToString().replace(b"RELU", b"\xff\xfe\xfd\xfc")
    assert refusal(content) == reason("not_protobuf")


def test_every_truncation_is_refused(tiny):
    content = tiny.tiny_model().SerializeToString()
    for length in range(len(content)):
        assert refusal(content[:length])


@settings(max_examples=300, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_a_changed_byte_is_refused_or_still_a_plain_network(tiny, place, bits):
    content = bytearray(tiny.tiny_model().SerializeToString())
    content[int(place * len(content))] ^= bits
    with suppress(ModelError):
        assert read_graph(bytes(content), path="changed.onnx").operators <= OPERATORS


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(content):
    assert refusal(content)


def test_no_file_is_opened_while_a_hostile_network_is_refused(tiny, tmp_path, monkeypatch):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"\0" * 12)
    monkeypatch.chdir(tmp_path)
    opened = []

    def watch(event, arguments):
        if event == "open" and "secret" in os.fsdecode(str(arguments[0])):
            opened.append(arguments[0])

    sys.addaudithook(watch)
    parts = tiny.graph_parts()
    external(parts["initializer"][2], "secret.bin")
    refusal(tiny.model_of(parts).SerializeToString())
    assert opened == []


# The card inside


def test_a_card_is_stored_and_found(tiny):
    content = embed_card(tiny.tiny_model().SerializeToString(), '{"é": 1}', path="x")
    assert read_graph(content, path="x").card == '{"é": 1}'
    again = embed_card(content, '{"é": 1}', path="x")
    assert again == content
    assert onnx.load_from_string(content).graph == tiny.tiny_model().graph


def test_a_new_card_replaces_the_old_one(tiny):
    content = embed_card(tiny.tiny_model().SerializeToString(), "old", path="x")
    content = embed_card(content, "new", path="x")
    assert read_graph(content, path="x").card == "new"
    assert b"old" not in content


def _varint(number):
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def test_each_field_that_is_refused_has_its_words():
    from imagier.i18n import t
    from imagier.onnx_io import fields

    tables = [fields.MODEL, fields.GRAPH, fields.NODE, fields.ATTRIBUTE, fields.TENSOR, fields.TYPE]
    refused = {one.name for table in tables for one in table.values() if one.kind == "refused"}
    assert len(refused) >= 5
    for name in refused:
        for language in ("en", "fr"):
            with use_language(language):
                assert t(f"refused.{name}")
