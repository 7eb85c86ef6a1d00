"""Weights files: what safetensors writes is read; what is wrong in any way is refused."""

import json
import random
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from imagier.errors import ModelError
from imagier.i18n import catalogue, use_language
from imagier.recognizer import read_weights

ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


def reason(key, **facts):
    return catalogue("en")[f"refused.{key}"].format(**facts)


def refusal(content):
    with use_language("en"), pytest.raises(ModelError) as refused:
        read_weights(content, path="w")
    assert refused.value.code == "weights_damaged"
    return refused.value.facts["reason"]


def test_what_safetensors_writes_is_read():
    tables = {
        "weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "bias": np.array(0.5, np.float64),
        "count": np.array([7], np.int64),
        "empty": np.empty((0, 4), np.float32),
    }
    found = read_weights(save(tables), path="w")
    assert found.keys() == tables.keys()
    for name, table in tables.items():
        np.testing.assert_array_equal(found[name], table)
        assert found[name].dtype == table.dtype
        assert not found[name].flags.writeable


def test_no_weights_at_all():
    assert read_weights(b"", path="w") == {}


def test_the_mark_of_torch_is_let_in_and_other_notes_are_not():
    tables = {"w": np.zeros(2, np.float32)}
    assert list(read_weights(save(tables, {"format": "pt"}), path="w")) == ["w"]
    note = {"path": "/home/ada/model"}
    expected = reason("weights_metadata", received=json.dumps(note))
    assert refusal(save(tables, note)) == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(value):
    assert refusal(save({"w": np.array([0, value], np.float32)})) == reason("not_finite")


def test_a_header_beyond_a_megabyte(tiny):
    many = {f"t{n}": {**ONE, "shape": [0], "data_offsets": [0, 0]} for n in range(30_000)}
    content = tiny.safetensors_of(json.dumps(many).encode())
    assert refusal(content) == reason("header_too_large", limit=1)
    assert refusal(b"\xff" * 64) == reason("header_too_large", limit=1)


@pytest.mark.parametrize(
    "spans",
    [
        [(0, 4), (0, 4)],  # overlap
        [(0, 4), (2, 6)],
        [(0, 4), (6, 10)],  # hole
        [(4, 8)],
    ],
)
def test_tables_that_overlap_or_leave_holes(tiny, spans):
    header = {f"t{n}": {**ONE, "data_offsets": span} for n, span in enumerate(spans)}
    content = tiny.safetensors_of(json.dumps(header).encode(), bytes(10))
    assert refusal(content) == reason("table_overlap")


def test_numbers_after_the_last_table(tiny):
    content = tiny.safetensors_of(json.dumps({"t": ONE}).encode(), bytes(5))
    assert refusal(content) == reason("table_overlap")


@pytest.mark.parametrize(
    "changes",
    [
        {"dtype": "OBJECT"},
        {"dtype": ["F32"]},
        {"shape": [-1]},
        {"shape": [1.0]},
        {"shape": [True]},
        {"shape": "1"},
        {"data_offsets": [0]},
        {"data_offsets": [0, 4, 4]},
        {"data_offsets": [-4, 0]},
        {"more": 1},
    ],
)
def test_tables_that_are_not_well_described(tiny, changes):
    header = {"t": ONE | changes}
    content = tiny.safetensors_of(json.dumps(header).encode(), bytes(4))
    assert refusal(content) == reason("table_header", name="'t'")


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [2]},
        {"shape": [2**40, 2**40]},
        {"data_offsets": [4, 0]},
        {"data_offsets": [0, 400], "shape": [100]},
    ],
)
def test_tables_of_another_size(tiny, changes):
    header = {"t": ONE | changes}
    content = tiny.safetensors_of(json.dumps(header).encode(), bytes(4))
    assert refusal(content) == reason("table_size", name="'t'")


@pytest.mark.parametrize(
    "header",
    [b"", b"[]", b"{", b'{"t": NaN}', b"\xff{}", b"[" * 100_000, b'{"t":' * 50_000, b"9" * 5000],
)
def test_headers_that_are_no_object(tiny, header):
    assert refusal(tiny.safetensors_of(header)) == reason("not_json")


def test_a_table_named_twice(tiny):
    one = json.dumps(ONE).encode()
    content = tiny.safetensors_of(b'{"t":' + one + b',"t":' + one + b"}", bytes(4))
    assert refusal(content) == reason("twice", name="JSON")


def test_every_truncation_is_refused():
    content = save({"w": np.ones((3, 2), np.float32), "b": np.ones(3, np.float32)})
    for length in range(1, len(content)):
        assert refusal(content[:length])


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_changed_bytes_never_cause_another_error(chance: random.Random):
    content = bytearray(save({"w": np.ones((3, 2), np.float32), "b": np.ones(3, np.float32)}))
    for _ in range(chance.randint(1, 3)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with suppress(ModelError):
        assert read_weights(bytes(content), path="w").keys()
