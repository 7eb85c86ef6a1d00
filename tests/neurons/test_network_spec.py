import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.i18n import use_language
from imagier.neurons import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    MaxPool,
    Softmax,
    canonical,
    describe,
    parse_spec,
    total,
)

DIGITS = (28, 28, 1)

widths = st.lists(st.integers(1, 1_000_000), min_size=1, max_size=6)
sizes = st.tuples(st.integers(1, 600), st.integers(1, 600), st.integers(1, 4))


def refusal(spec: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_spec(spec, input=DIGITS, classes=10)
    with pytest.raises(UsageError) as again:
        canonical(spec)
    assert again.value.code == caught.value.code
    return caught.value


def test_linear_is_one_layer_of_neurons():
    layers = parse_spec("linear", input=(8, 8, 1), classes=10)
    assert layers == (Flatten(), Dense(inputs=64, outputs=10), Softmax())


def test_dense_bends_with_relu_unless_told_otherwise():
    layers = parse_spec("dense:5", input=(8, 8, 1), classes=3)
    neurons = (Dense(inputs=64, outputs=5), Activation(kind="relu"), Dense(inputs=5, outputs=3))
    assert layers == (Flatten(), *neurons, Softmax())
    assert parse_spec("dense:5:relu", input=(8, 8, 1), classes=3) == layers
    assert parse_spec("dense:5:sigmoid", input=(8, 8, 1), classes=3) != layers


def test_the_deck_network_for_digits():
    layers = parse_spec("dense:8,8:sigmoid", input=DIGITS, classes=10)
    count = total(describe(layers, DIGITS))
    assert (count.weights, count.biases, count.parameters) == (6416, 26, 6442)
    assert [layer.kind for layer in layers if isinstance(layer, Activation)] == ["sigmoid"] * 2


def test_a_block_of_the_cnn():
    block = parse_spec("cnn:16", input=(28, 30, 3), classes=10)[:4]
    convolution = Convolution(inputs=3, outputs=16, bias=False)
    assert block == (convolution, MaxPool(), BatchNorm(channels=16), Activation(kind="relu"))


def test_a_block_of_two_convolutions_is_pooled_once():
    layers = parse_spec("cnn:8x2", input=(28, 28, 1), classes=10)[:7]
    bend = (BatchNorm(channels=8), Activation(kind="relu"))
    first, second = (Convolution(inputs=inputs, outputs=8, bias=False) for inputs in (1, 8))
    assert layers == (first, *bend, second, MaxPool(), *bend)


def test_a_halving_block_steps_by_two_and_is_not_pooled():
    rows = describe(parse_spec("cnn:16/2,8", input=(28, 30, 3), classes=10), (28, 30, 3))
    assert [row.name for row in rows[:4]] == ["convolution", "batch_norm", "relu", "convolution"]
    assert rows[0].output == (14, 15, 16)
    assert rows[0].weights == 5 * 5 * 3 * 16


def test_the_greatest_answers_take_the_place_of_the_hidden_layer():
    rows = describe(parse_spec("cnn:16,32:max", input=(28, 20, 1), classes=10), (28, 20, 1))
    assert [row.name for row in rows[-4:]] == ["max_pool", "flatten", "dense", "softmax"]
    assert rows[-4].output == (1, 1, 32)
    assert rows[-2].weights == 320


def test_the_plain_cnn_for_digits_is_the_one_of_the_ablation():
    count = total(describe(parse_spec("cnn", input=DIGITS, classes=10), DIGITS))
    assert count.parameters == 108_922  # docs/decisions/0008


@settings(deadline=None, max_examples=50)
@given(
    size=sizes,
    blocks=st.lists(
        st.builds(
            lambda width, deep, half: f"{width}x{deep}{half}",
            st.integers(1, 9),
            st.integers(1, 3),
            st.sampled_from(["", "/2"]),
        ),
        min_size=1,
        max_size=5,
    ),
    ending=st.sampled_from(["hidden", "max"]),
)
def test_any_blocks_suit_every_size(size, blocks, ending):
    spec = f"cnn:{','.join(blocks)}:{ending}"
    rows = describe(parse_spec(spec, input=size, classes=3), size)
    assert rows[-1].output == (3,)
    assert canonical(canonical(spec)) == canonical(spec)
    assert parse_spec(canonical(spec), input=size, classes=3) == parse_spec(
        spec, input=size, classes=3
    )


def test_small_pictures_are_not_pooled_away():
    layers = parse_spec("cnn:4,4,4,4,4,4", input=(17, 40, 1), classes=2)
    assert sum(isinstance(layer, MaxPool) for layer in layers) == 3  # 17 -> 8 -> 4 -> 2
    assert describe(layers, (17, 40, 1))[-1].output == (2,)
    assert not any(
        isinstance(layer, MaxPool) for layer in parse_spec("cnn", input=(3, 9, 1), classes=2)
    )


@settings(deadline=None)
@given(size=sizes, classes=st.integers(1, 1000))
def test_the_plain_cnn_suits_every_size(size, classes):
    rows = describe(parse_spec("cnn", input=size, classes=classes), size)
    assert rows[-1].output == (classes,)
    assert rows[-1].name == "softmax"


@settings(deadline=None)
@given(widths=widths, size=sizes, classes=st.integers(1, 1000))
def test_dense_counts_follow_the_formula(widths, size, classes):
    spec = "dense:" + ",".join(map(str, widths))
    count = total(describe(parse_spec(spec, input=size, classes=classes), size))
    sides = [size[0] * size[1] * size[2], *widths, classes]
    products = [left * right for left, right in itertools.pairwise(sides)]
    assert count.weights == count.multiplications == sum(products)
    assert count.biases == sum(sides[1:])


@settings(deadline=None)
@given(widths=widths, family=st.sampled_from(["dense", "cnn"]))
def test_canonical_keeps_the_network_and_is_its_own_canonical(widths, family):
    loose = f" {family.upper()} : " + " , ".join(f"0{width}"[-7:] for width in widths)
    spec = canonical(loose)
    assert spec == f"{family}:" + ",".join(map(str, widths))
    assert canonical(spec) == spec
    assert parse_spec(spec, input=DIGITS, classes=10) == parse_spec(loose, input=DIGITS, classes=10)


@pytest.mark.parametrize(
    ("loose", "short"),
    [
        ("linear", "linear"),
        ("CNN", "cnn"),
        ("dense:8,8:relu", "dense:8,8"),
        ("dense:8,8:Sigmoid", "dense:8,8:sigmoid"),
        ("cnn:24/2, 048X2,96x1:MAX", "cnn:24/2,48x2,96:max"),
        ("cnn:16,32:hidden", "cnn:16,32"),
    ],
)
def test_canonical(loose, short):
    assert canonical(loose) == short


@pytest.mark.parametrize(
    "spec", ["lineer", "", "resnet", "8,8", "dense8,8", "./model.onnx", "é" * 500]
)
def test_an_unknown_network_is_named_with_those_that_exist(spec):
    error = refusal(spec)
    assert error.code == "unknown_network"
    for known in ("linear", "dense:8,8", "cnn:16,32,64"):
        assert known in error.next_step
    assert len(error.message) < 200


def test_a_near_miss_is_guessed():
    with use_language("en"):
        assert "Did you mean “linear”?" in refusal("lineer").message
        assert "Did you mean “sigmoid”?" in refusal("dense:8:sigmoïd").message


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("dense", "hidden layers are missing"),
        ("dense:", "a number is missing"),
        ("dense:8,,8", "a number is missing"),
        ("cnn:16,", "a number is missing"),
        ("dense:0", "“0” is not a whole number from 1 to 1,000,000"),
        ("dense:-3", "“-3”"),
        ("dense:8.5", "“8.5”"),
        ("dense:1e3", "“1e3”"),
        ("dense:eight", "“eight”"),
        ("dense:٣", "“٣”"),
        ("cnn:1000001", "“1000001”"),
        ("dense:" + "9" * 5000, "…”"),
        ("cnn:sigmoid", "“sigmoid”"),
        ("cnn:8:sigmoid", "“sigmoid” is not a way to end"),
        ("cnn:8:max:max", "“max” is one part too many"),
        ("cnn:8x", "a number is missing"),
        ("cnn:8x0", "“0” is not"),
        ("cnn:8/3", "“8/3” is not"),
        ("cnn:8/2x2", "“8/2x2” is not"),
        ("cnn:8x101", "101 layers"),
        ("linear:8", "“8” is one part too many"),
        ("dense:8:relu:8", "“8” is one part too many"),
        ("dense:8:tanh", "“tanh” is not an activation"),
        ("dense:8:", "“” is not an activation"),
        ("dense:" + ",".join("1" * 101), "101 layers"),
        ("dense:8\n,\x1b[31m0", "\\x1b[31m0"),
    ],
)
def test_a_bad_number_is_named(spec, said):
    error = refusal(spec)
    with use_language("en"):
        english = error.to_json()
    assert error.code == "network_spec"
    assert english["message"].isprintable()
    assert "dense:8,8" in english["next"]
    with use_language("en"):
        assert said in refusal(spec).message
    with use_language("fr"):
        assert said not in refusal(spec).message or said.startswith(("“", "\\", "…"))
