"""The networks of the past: counts, sizes, variants, refusals, and the order of shuffled pixels."""

import pytest

from imagier.errors import UsageError
from imagier.i18n import use_language
from imagier.neurons import (
    CLASSICS,
    Branches,
    Dropout,
    InputSize,
    Pad,
    ShufflePixels,
    canonical,
    describe,
    input_size_of,
    parse_spec,
    shape_through,
    total,
)

PHOTO = (224, 224, 3)


def parameters(spec, shape, classes):
    return total(describe(parse_spec(spec, input=shape, classes=classes), shape)).parameters


def refusal(spec, shape=PHOTO):
    with pytest.raises(UsageError) as caught:
        parse_spec(spec, input=shape, classes=10)
    return caught.value


@pytest.mark.parametrize(
    ("spec", "shape", "classes", "count"),
    [
        ("lenet", (28, 28, 1), 10, 61_706),
        ("lenet", (32, 32, 1), 10, 61_706),
        ("lenet", (28, 28, 3), 10, 61_706 + 2 * 25 * 6),
        ("lenet", (28, 28, 1), 26, 61_706 + 16 * 85),
        ("alexnet", PHOTO, 1000, 60_965_224),
        ("alexnet", (227, 227, 3), 1000, 60_965_224),
        ("alexnet:two-groups", PHOTO, 1000, 60_965_224),
        ("alexnet:one-column", PHOTO, 1000, 61_100_840),
        ("alexnet:one-column", (227, 227, 3), 1000, 61_100_840),
        ("alexnet", PHOTO, 10, 60_965_224 - 990 * 4097),
        ("googlenet:paper", PHOTO, 1000, 6_998_552),
        ("googlenet:batch-norm", PHOTO, 1000, 6_624_904),
        ("googlenet", PHOTO, 1000, 6_624_904),
        ("googlenet", (64, 96, 3), 1000, 6_624_904),
        ("googlenet:paper", (224, 224, 1), 10, 6_998_552 - 2 * 49 * 64 - 990 * 1025),
    ],
)
def test_parameters(spec, shape, classes, count):
    assert parameters(spec, shape, classes) == count


def test_each_is_counted_as_made_for():
    counts = {
        (family, variant): total(describe(draw(made.input, made.classes), made.input)).parameters
        for family, made in CLASSICS.items()
        for variant, draw in made.variants.items()
    }
    assert sorted(counts.values()) == [61_706, 6_624_904, 6_998_552, 60_965_224, 61_100_840]


@pytest.mark.parametrize("variant", ["paper", "batch-norm"])
def test_googlenet_has_the_sizes_of_its_paper(variant):
    layers = parse_spec(f"googlenet:{variant}", input=PHOTO, classes=1000)
    shape, joined = PHOTO, []
    for layer in layers:
        shape = shape_through((layer,), shape)
        if isinstance(layer, Branches):
            joined.append(shape)
    assert joined == [
        (28, 28, 256),
        (28, 28, 480),
        (14, 14, 512),
        (14, 14, 512),
        (14, 14, 512),
        (14, 14, 528),
        (14, 14, 832),
        (7, 7, 832),
        (7, 7, 1024),
    ]


def test_the_paper_stays_near_its_budget():
    rows = describe(parse_spec("googlenet:paper", input=PHOTO, classes=1000), PHOTO)
    assert round(total(rows).multiplications / 1e9, 1) == 1.6  # its budget: 1.5 billion


@pytest.mark.parametrize("side", [1, 8, 27, 28, 29, 32])
def test_lenet_gives_small_pictures_a_border(side):
    first, *_ = layers = parse_spec("lenet", input=(side, 28, 1), classes=10)
    assert isinstance(first, Pad)
    assert shape_through((first,), (side, 28, 1)) == (32, 32, 1)
    assert max(first.edges[0], first.edges[2]) - min(first.edges[0], first.edges[2]) <= 1
    assert shape_through(layers, (side, 28, 1)) == (10,)


@pytest.mark.parametrize(
    ("spec", "shape", "code", "side"),
    [
        ("lenet", (33, 32, 1), "picture_too_large_for_network", "32"),
        ("alexnet", (62, 224, 3), "picture_too_small_for_network", "63"),
        ("alexnet:one-column", (28, 28, 1), "picture_too_small_for_network", "63"),
        ("googlenet", (224, 31, 3), "picture_too_small_for_network", "32"),
    ],
)
def test_pictures_that_do_not_fit_are_refused_in_a_sentence(spec, shape, code, side):
    for language in ("en", "fr"):
        with use_language(language):
            error = refusal(spec, shape).to_json()
        assert error["code"] == code
        assert f"{shape[0]} × {shape[1]}" in error["message"]
        assert side in error["message"]
        assert "cnn" in error["next"]


@pytest.mark.parametrize(("spec", "side"), [("alexnet", 63), ("googlenet", 32)])
def test_the_smallest_pictures_pass(spec, side):
    shape = (side, side, 3)
    assert shape_through(parse_spec(spec, input=shape, classes=5), shape) == (5,)


@pytest.mark.parametrize(
    ("loose", "named"),
    [
        (" LeNet ", "lenet"),
        ("AlexNet", "alexnet:two-groups"),
        ("alexnet : one-column", "alexnet:one-column"),
        ("googlenet", "googlenet:batch-norm"),
        ("GoogLeNet:Paper", "googlenet:paper"),
    ],
)
def test_canonical_names_the_variant(loose, named):
    assert canonical(loose) == named == canonical(named)


@pytest.mark.parametrize(
    ("spec", "near", "known"),
    [
        ("alexnet:one-colum", "one-column", "alexnet:two-groups · alexnet:one-column"),
        ("googlenet:batchnorm", "batch-norm", "googlenet:batch-norm · googlenet:paper"),
        ("lenet:5", "", "lenet"),
        ("alexnet:two-groups:relu", "two-groups", "alexnet:two-groups"),
    ],
)
def test_a_variant_that_does_not_exist_is_named(spec, near, known):
    with use_language("en"):
        error = refusal(spec).to_json()
    assert error["code"] == "network_variant"
    assert spec in error["message"]
    assert near in error["message"]
    assert known in error["next"]


@pytest.mark.parametrize(
    ("typo", "meant"), [("alexnt", "alexnet"), ("googlnet", "googlenet"), ("lenet5", "lenet")]
)
def test_a_near_miss_is_guessed(typo, meant):
    with use_language("en"):
        assert f"Did you mean “{meant}”?" in refusal(typo).message


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("linear", InputSize(limit=64)),
        ("dense:8,8:sigmoid", InputSize(limit=64)),
        ("cnn:16", InputSize(limit=64)),
        ("auto", InputSize(limit=64)),
        ("LeNet", InputSize(exact=(28, 28))),
        ("alexnet:one-column", InputSize(exact=(224, 224))),
        ("googlenet", InputSize(exact=(224, 224))),
        ("features:160", InputSize(limit=384)),
        ("finetune", InputSize(limit=384)),
        ("hf:owner/name", InputSize(limit=384)),
        ("backbones/MyNet.ONNX", InputSize(limit=384)),
    ],
)
def test_the_pictures_a_network_wants(spec, wanted):
    assert input_size_of(spec) == wanted


@pytest.mark.parametrize("spec", ["linear", "dense:8", "cnn", "lenet"])
def test_shuffled_pixels_come_first_and_change_nothing_else(spec):
    plain = parse_spec(spec, input=(28, 20, 1), classes=10)
    first, *others = parse_spec(spec, input=(28, 20, 1), classes=10, shuffle_pixels=7)
    assert first == ShufflePixels(size=(28, 20), seed=7)
    assert tuple(others) == plain


def test_seed_zero_shuffles_too():
    layers = parse_spec("linear", input=(8, 8, 1), classes=10, shuffle_pixels=0)
    assert layers[0] == ShufflePixels(size=(8, 8), seed=0)


def test_dropout_is_as_in_the_papers():
    shares = {
        spec: [
            layer.share
            for layer in parse_spec(spec, input=PHOTO, classes=9)
            if isinstance(layer, Dropout)
        ]
        for spec in ("alexnet", "googlenet")
    }
    assert shares == {"alexnet": [0.5, 0.5], "googlenet": [0.4]}
