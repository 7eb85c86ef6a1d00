"""A file of torch is read as data: its tensors, and nothing that would be carried out."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from imagier.features.efficientnet_lite import MODULE, WEIGHTS
from imagier.features.tensor_file import TensorFileError, read_tensors


def saved(state):
    """Write tensors as torch did before its version 1.6."""
    buffer = io.BytesIO()
    torch.save(state, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def state():
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(4, 3, 2, 2, generator=generator)
    return {
        "stem.weight": weights,
        "stem.channels_last": weights.contiguous(memory_format=torch.channels_last),
        "norm.bias": torch.randn(5, generator=generator),
        "norm.num_batches_tracked": torch.tensor(7),
        "head.weight": torch.arange(6.0).reshape(2, 3).T,
    }


def test_the_tensors_are_those_of_torch(state):
    found = read_tensors(saved(state))
    assert list(found) == list(state)
    for name, tensor in state.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())
        assert found[name].dtype == tensor.numpy().dtype


def test_the_published_weights_are_those_of_torch():
    package = pytest.importorskip(MODULE, reason="the backbone's weights are not installed")
    content = (Path(package.__file__).parent / WEIGHTS).read_bytes()
    expected = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    found = read_tensors(content)
    assert list(found) == list(expected)
    assert all(np.array_equal(found[name], expected[name].numpy()) for name in expected)


class Harmful:
    def __reduce__(self):
        return os.system, ("echo harm",)


@pytest.mark.parametrize(
    "harmful",
    [
        Harmful(),
        {"weight": Harmful()},
        {"weight": torch.zeros(1), "more": {"inside": 1}},
        [torch.zeros(1)],
        {"weight": torch.zeros(2, dtype=torch.float64)},
        {"weight": np.zeros(3)},
    ],
)
def test_whatever_is_no_table_of_tensors_is_refused(harmful, capfd):
    with pytest.raises(TensorFileError):
        read_tensors(saved(harmful))
    assert "harm" not in capfd.readouterr().out


def test_every_shortened_file_is_refused(state):
    content = saved(state)
    for end in range(0, len(content), 7):
        with pytest.raises(TensorFileError):
            read_tensors(content[:end])


def test_a_changed_byte_gives_tensors_or_a_refusal_and_nothing_else(state):
    content = saved(state)
    chance = np.random.default_rng(0)
    for at in chance.integers(0, len(content), 3_000).tolist():
        spoilt = bytearray(content)
        spoilt[at] ^= int(chance.integers(1, 256))
        try:
            found = read_tensors(bytes(spoilt))
        except TensorFileError:
            continue
        sizes = [one.size for one in found.values()]
        assert max(sizes, default=0) <= len(content)


def test_a_window_beyond_its_storage_is_refused(state):
    content = saved({"weight": torch.zeros(3)})
    stride = content.index(b"K\x03\x85")  # the shape, (3,)
    spoilt = content[: stride + 1] + b"\x09" + content[stride + 2 :]
    with pytest.raises(TensorFileError):
        read_tensors(spoilt)
