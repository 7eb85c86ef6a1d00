"""The true figures of docs/errata.md, computed again, and the same in both languages."""

import re
from math import ceil, log2
from pathlib import Path

import numpy as np
import pytest

from imagier.neurons import describe, parse_spec, total

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("errata.md", "errata.fr.md")


def page(name):
    return (DOCS / name).read_text("utf-8")


def entries(name):
    """Cut a page at its numbered titles."""
    parts = re.split(r"^### (\d\.\d) ", page(name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def numbers(text, separator):
    """Name the large numbers of a text whose thousands are set apart by `separator`."""
    joined = re.sub(rf"(?<=\d){separator}(?=\d{{3}}(?!\d))", "", text)
    return sorted(set(re.findall(r"\d{4,}", joined)))


def count(spec, size):
    return total(describe(parse_spec(spec, input=size, classes=10), size))


def parameters(*layers):
    """Sum weights and biases of (inputs, outputs, kernel side) layers."""
    return sum((side * side * before + 1) * after for before, after, side in layers)


ALEXNET_HEAD = ((9216, 4096, 1), (4096, 4096, 1), (4096, 1000, 1))
# inputs, 1x1, 3x3 reduced, 3x3, 5x5 reduced, 5x5, after pooling: table 1 of the paper
INCEPTIONS = (
    (192, 64, 96, 128, 16, 32, 32),
    (256, 128, 128, 192, 32, 96, 64),
    (480, 192, 96, 208, 16, 48, 64),
    (512, 160, 112, 224, 24, 64, 64),
    (512, 128, 128, 256, 24, 64, 64),
    (512, 112, 144, 288, 32, 64, 64),
    (528, 256, 160, 320, 32, 128, 128),
    (832, 256, 160, 320, 32, 128, 128),
    (832, 384, 192, 384, 48, 128, 128),
)


def googlenet(side, per_channel):
    """Count GoogLeNet: `side` of its large kernels, numbers learned per channel beside weights."""
    layers = [(3, 64, 7), (64, 64, 1), (64, 192, 3)]
    for inputs, one, small, three, tiny, five, pooled in INCEPTIONS:
        layers += [(inputs, one, 1), (inputs, small, 1), (small, three, 3), (inputs, tiny, 1)]
        layers += [(tiny, five, side), (inputs, pooled, 1)]
    convolutions = sum((k * k * before + per_channel) * after for before, after, k in layers)
    return convolutions + parameters((1024, 1000, 1))


def test_both_pages_have_the_same_entries():
    assert list(entries("errata.md")) == list(entries("errata.fr.md"))
    assert len(entries("errata.md")) >= 25


def test_both_pages_give_the_same_figures():
    english, french = (entries(name) for name in PAGES)
    for number, text in english.items():
        assert numbers(text, ",") == numbers(french[number], "\u202f"), number


@pytest.mark.parametrize("name", PAGES)
def test_the_slides_they_name_are_in_the_deck(name):
    titles = {_plain(title) for title in (DOCS / "deck-titles.txt").read_text("utf-8").splitlines()}
    named = re.findall(r"^\*(?:Slides?|Diapositives?)(.*?)\*", page(name), flags=re.MULTILINE)
    quoted = [
        title for line in named for title in re.findall(r"[“«]\s*(.*?)\s*[”»](?=[.,* ]|$)", line)
    ]
    assert len(quoted) >= 18
    for title in quoted:
        assert any(_plain(title) in known for known in titles), title


def _plain(title):
    return re.sub(r"[\s’'«»“”:.!]", "", title)


@pytest.mark.parametrize(
    ("entry", "figure", "computed"),
    [
        ("3.5", "601,012,010", count("dense:1000,1000", (1, 600_000, 1)).parameters),
        ("3.5", "601,010,000", count("dense:1000,1000", (1, 600_000, 1)).weights),
        ("4.1", "6,416", count("dense:8,8", (28, 28, 1)).weights),
        ("4.1", "6,442", count("dense:8,8", (28, 28, 1)).parameters),
        ("5.1", "544,509,000", 469 * 387 * 3 * 1000),
        (
            "5.3",
            "60,965,224",
            parameters((3, 96, 11), (48, 256, 5), (256, 384, 3), (192, 384, 3), (192, 256, 3))
            + parameters(*ALEXNET_HEAD),
        ),
        (
            "5.3",
            "61,100,840",
            parameters((3, 64, 11), (64, 192, 5), (192, 384, 3), (384, 256, 3), (256, 256, 3))
            + parameters(*ALEXNET_HEAD),
        ),
        ("5.4", "6,998,552", googlenet(5, 1)),
        ("5.4", "6,624,904", googlenet(3, 2)),
        ("5.6", "78,409,296", 469 * 387 * 3 * 3 * 3 * 16),
        ("6.3", "90,752", ceil(469 * 387 / 2)),
        ("6.3", "90,800", ceil(469 * 387 / 2) + 16 * 3),
        ("6.3", "90,945", ceil(469 / 2) * 387),
        ("6.3", "5.997", round(3 * 469 * 387 / 90_800, 3)),
        ("6.3", "22 bits", f"{ceil(log2(469)) + ceil(log2(387)) + 4} bits"),
        ("6.3", "1.09", round(24 / 22, 2)),
    ],
)
def test_the_figures_are_computed(entry, figure, computed):
    shown = computed if isinstance(computed, str | float) else f"{computed:,}"
    assert str(shown) == figure
    assert figure in entries("errata.md")[entry]


def test_the_deck_convolution_is_a_correlation():
    picture = np.arange(1, 31).reshape(5, 6)
    kernel = np.array([[1, 2], [3, 0]])
    windows = np.lib.stride_tricks.sliding_window_view(picture, (2, 2))
    correlated = (windows * kernel).sum(axis=(2, 3))
    turned = (windows * kernel[::-1, ::-1]).sum(axis=(2, 3))
    assert (correlated[0, 0], correlated[-1, -1], turned[0, 0]) == (26, 158, 28)
    assert correlated.shape == (4, 5)


def test_a_poor_start_of_k_means_stays_where_it_is():
    corners = np.array([(0, 0), (0, 1), (3, 0), (3, 1)], dtype=float)

    def settle(centres):
        nearest = ((corners[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        moved = np.array([corners[nearest == number].mean(axis=0) for number in range(2)])
        assert np.array_equal(moved, centres), "it moves"
        return ((corners - centres[nearest]) ** 2).sum()

    assert settle(np.array([(1.5, 0), (1.5, 1)])) == 9
    assert settle(np.array([(0, 0.5), (3, 0.5)])) == 1


def test_the_values_fall_while_the_points_rise():
    def g(t):
        return 0.5 * (3 * t + 4) ** 2

    points = [-3.0]
    for _ in range(2):
        points.append(points[-1] - 0.1 * (9 * points[-1] + 12))
    assert points == pytest.approx([-3, -1.5, -1.35])
    assert [g(t) for t in points] == pytest.approx([12.5, 0.125, 0.00125])
