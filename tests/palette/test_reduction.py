"""Few colours: the best of their number, each pixel at its nearest, the error as it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from imagier.errors import UsageError
from imagier.palette import (
    Distance,
    apply_palette,
    choose_palette,
    compare,
    depth_of,
    histogram,
    merge,
    reduce_colours,
    shared_palette,
    smallest,
    ssim,
    to_indexed_png,
)

PICTURES = st.tuples(st.integers(1, 8), st.integers(1, 8), st.sampled_from([1, 3])).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.sampled_from([0, 3, 90, 91, 200, 255]))
)
DISTANCES = [
    Distance(),
    Distance(weights=(1, 1, 4)),
    Distance(weights=(0, 1, 0)),
    Distance(space="oklab"),
]


def photo(height=120, width=160, seed=0):
    """Smooth colours with noise: what photos are like."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / 40.0
    waves = [np.sin(x + a) + np.cos(1.3 * y + b) for a, b in rng.uniform(0, 6, (3, 2))]
    levels = 128 + 55 * np.stack(waves, axis=2) + rng.normal(0, 6, (height, width, 3))
    return np.clip(levels, 0, 255).astype(np.uint8)


def plain_squares(pixels, palette, distance):
    places, centres = distance.place(pixels.reshape(-1, 3)), distance.place(palette)
    return ((places[:, None] - centres[None]) ** 2).sum(axis=2)


def lloyd_error(pixels, k, seed):
    """Run scikit-learn's k-means on all pixels."""
    from sklearn.cluster import KMeans

    points = pixels.reshape(-1, 3).astype(np.float32)
    return KMeans(k, n_init=1, random_state=seed).fit(points).inertia_


# Every picture


@pytest.mark.parametrize("distance", DISTANCES, ids=str)
@settings(max_examples=25)
@given(pixels=PICTURES, k=st.integers(1, 9))
def test_each_pixel_has_the_nearest_colour(distance, pixels, k):
    reduced = reduce_colours(pixels, k, distance=distance)
    colour = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    squares = plain_squares(colour, reduced.palette, distance)
    chosen = squares[np.arange(len(squares)), reduced.labels.ravel()]
    assert chosen == pytest.approx(squares.min(axis=1), abs=1e-9)
    error = int(((colour.astype(int) - reduced.pixels) ** 2).sum())
    assert reduced.squared_error == error
    assert reduced.mse == pytest.approx(error / colour.size)
    assert (
        reduced.counts.tolist()
        == np.bincount(reduced.labels.ravel(), minlength=len(reduced.palette)).tolist()
    )


@given(PICTURES, st.integers(1, 9))
def test_few_colours_are_kept_as_they_are(pixels, k):
    reduced = reduce_colours(pixels, k)
    distinct = len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0))
    assert reduced.distinct == distinct
    assert len(reduced.palette) == min(k, distinct)
    if distinct <= k:
        assert (reduced.squared_error, reduced.psnr) == (0, None)
        assert (reduced.pixels == pixels).all()


@pytest.mark.parametrize("k", [2, 4, 16, 64])
def test_the_error_is_that_of_scikit_learn_or_less(k):
    ratios = []
    for seed in range(10):
        pixels = photo(seed=seed)
        theirs = np.mean([lloyd_error(pixels, k, chance) for chance in range(3)])
        ratios.append(reduce_colours(pixels, k).squared_error / theirs)
    assert np.exp(np.mean(np.log(ratios))) <= 1.0
    assert max(ratios) <= 1.03


@pytest.mark.parametrize("k", [16, 256])
def test_the_error_is_below_that_of_pillow(k):
    pixels = photo()
    ours = reduce_colours(pixels, k).squared_error
    for method in (Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE, Image.Quantize.FASTOCTREE):
        theirs = Image.fromarray(pixels).quantize(k, method).convert("RGB")
        assert ours < ((np.asarray(theirs).astype(int) - pixels) ** 2).sum()


def test_the_same_seed_gives_the_same_picture():
    one, other = (reduce_colours(photo(), 16, seed=3) for _ in range(2))
    assert (one.palette == other.palette).all()
    assert (one.labels == other.labels).all()


def test_a_heavier_blue_is_served_better():
    pixels = photo()

    def blue_error(weights):
        reduced = reduce_colours(pixels, 8, distance=Distance(weights=weights))
        return ((pixels.astype(int) - reduced.pixels)[..., 2] ** 2).sum()

    assert blue_error((1, 1, 9)) < blue_error((1, 1, 1)) < blue_error((9, 9, 1))


def test_a_colour_that_counts_nothing_still_has_its_mean():
    pixels = np.array([[[10, 0, 0], [30, 0, 0], [10, 9, 200], [30, 9, 200]]], np.uint8)
    reduced = reduce_colours(pixels, 2, distance=Distance(weights=(0, 1, 1)))
    assert reduced.palette.tolist() == [[20, 0, 0], [20, 9, 200]]


# Fixed colours, transparency, one palette for many


def test_fixed_colours_stand_first_as_they_are():
    fixed = [(255, 0, 255), (1, 2, 3)]
    reduced = reduce_colours(photo(), 8, fixed=fixed)
    assert reduced.palette[:2].tolist() == [[255, 0, 255], [1, 2, 3]]
    assert len(np.unique(reduced.palette, axis=0)) == 8
    free = reduce_colours(photo(), 6)
    assert reduced.squared_error <= 1.05 * free.squared_error


def test_fixed_colours_beside_a_picture_of_few():
    pixels = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    reduced = reduce_colours(pixels, 4, fixed=[(255, 255, 255), (9, 9, 9)])
    assert reduced.palette.tolist() == [[255, 255, 255], [9, 9, 9], [0, 0, 0]]
    assert reduced.squared_error == 0


def test_transparency_keeps_one_entry():
    pixels, seen = photo(), np.ones((120, 160), bool)
    seen[:40] = False
    reduced = reduce_colours(pixels, 16, mask=seen)
    assert reduced.has_transparent
    assert len(reduced.palette) == 16
    assert ((reduced.labels == 0) == ~seen).all()
    assert reduced.counts[0] == 40 * 160
    alone = reduce_colours(pixels[40:], 15)
    assert reduced.squared_error == alone.squared_error
    assert reduced.mse == alone.mse


def test_a_picture_of_which_nothing_is_seen():
    reduced = reduce_colours(photo(3, 4), 16, mask=np.zeros((3, 4), bool))
    assert (len(reduced.palette), reduced.counts.tolist(), reduced.psnr) == (1, [12], None)


def test_one_palette_for_many():
    pictures = [photo(seed=seed) for seed in range(3)]
    common = shared_palette(merge(map(histogram, pictures)), 16)
    assert (common == choose_palette(histogram(np.concatenate(pictures)), 16)).all()
    applied = [apply_palette(pixels, common) for pixels in pictures]
    own = [reduce_colours(pixels, 16) for pixels in pictures]
    assert all((one.palette == common).all() for one in applied)
    assert sum(one.squared_error for one in own) < sum(one.squared_error for one in applied)


def test_pictures_of_one_palette_number_its_colours_alike():
    pixels = photo()
    common = choose_palette(histogram(pixels), 15)
    plain = apply_palette(pixels, common)
    beside = apply_palette(pixels, common, transparent=True)
    assert (beside.labels == plain.labels + 1).all()
    assert beside.squared_error == plain.squared_error


# Dithering


def test_dithering_gives_areas_their_colour_in_the_mean():
    pixels = np.full((64, 64, 3), 100, np.uint8)
    palette = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    plain, dithered = (apply_palette(pixels, palette, dither=wish) for wish in (False, True))
    assert plain.pixels.mean() == 0
    assert dithered.pixels.mean() == pytest.approx(100, abs=2)
    assert dithered.squared_error > plain.squared_error
    assert dithered.squared_error == ((pixels.astype(int) - dithered.pixels) ** 2).sum()


def test_dithering_changes_nothing_where_nothing_is_lost():
    pixels = photo() // 64 * 64
    reduced = reduce_colours(pixels, 64, dither=True)
    assert (reduced.pixels == pixels).all()


def test_error_does_not_pass_through_what_is_transparent():
    pixels, seen = photo(), np.zeros((120, 160), bool)
    seen[:, ::40] = True
    reduced = reduce_colours(pixels, 4, mask=seen, dither=True)
    assert ((reduced.labels == 0) == ~seen).all()


# Files


def opened(file):
    from io import BytesIO

    with Image.open(BytesIO(file)) as image:
        image.load()
        return image


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 16, 17, 256])
def test_a_file_has_the_bits_that_its_colours_need(k):
    reduced = reduce_colours(photo(), k)
    file = to_indexed_png(reduced)
    assert file[24] == depth_of(k) == reduced.depth
    assert file[25] == 3
    place = file.index(b"PLTE")
    assert int.from_bytes(file[place - 4 : place], "big") == 3 * k
    assert (np.asarray(opened(file).convert("RGB")) == reduced.pixels).all()
    assert b"tRNS" not in file


def test_a_file_keeps_its_transparent_entry():
    seen = np.ones((120, 160), bool)
    seen[5:20, 7:30] = False
    reduced = reduce_colours(photo(), 16, mask=seen)
    file = to_indexed_png(reduced)
    assert file[24] == 4
    levels = np.asarray(opened(file).convert("RGBA"))
    assert ((levels[..., 3] == 255) == seen).all()
    assert set(levels[~seen][:, 3].tolist()) == {0}
    assert (levels[seen][:, :3] == reduced.pixels[seen]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_thin_pictures(shape):
    pixels = photo(*shape)
    for k in (1, 2, 16):
        reduced = reduce_colours(pixels, k)
        assert reduced.labels.shape == shape
        assert (np.asarray(opened(to_indexed_png(reduced)).convert("RGB")) == reduced.pixels).all()


# How many colours


def test_more_colours_cost_more_and_lose_less():
    pixels = photo()
    rungs = list(compare(pixels, (2, 4, 16, 64), lambda k: reduce_colours(pixels, k)))
    assert [rung.k for rung in rungs] == [2, 4, 16, 64]
    assert [rung.bits_per_pixel for rung in rungs] == [1, 2, 4, 8]
    for name, sign in (("mse", -1), ("psnr", 1), ("bytes", 1)):
        values = [sign * getattr(rung, name) for rung in rungs]
        assert values == sorted(values), name
    assert all(0 < rung.ssim < 1 for rung in rungs)  # noise is lost at first, so it may fall
    assert rungs[3].ssim == max(rung.ssim for rung in rungs)


def test_the_ladder_ends_where_nothing_is_lost():
    pixels = np.arange(6, dtype=np.uint8).reshape(1, 6, 1).repeat(3, axis=2)
    rungs = list(compare(pixels, (2, 4, 8, 16), lambda k: reduce_colours(pixels, k)))
    assert [(rung.k, rung.mse == 0, rung.ssim == 1) for rung in rungs][-1] == (6, True, True)
    assert len(rungs) == 3


def test_the_smallest_palette_that_is_good_enough():
    pixels = photo()
    reduce = lambda k: reduce_colours(pixels, k)  # noqa: E731
    found = smallest(reduce, 30.0)
    k = len(found.palette)
    assert found.psnr >= 30.0 > reduce(k - 1).psnr
    assert smallest(reduce, 99.0) is None
    assert len(smallest(reduce, 1.0).palette) == 1


def slow_ssim(first, second):
    """Wang's formula, window by window."""
    x, y = (np.pad(one @ [0.299, 0.587, 0.114], 5, "symmetric") for one in (first, second))
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    values = []
    for row, column in np.ndindex(first.shape[:2]):
        a, b = (one[row : row + 11, column : column + 11] for one in (x, y))
        mean_a, mean_b = (window * a).sum(), (window * b).sum()
        var_a, var_b = (window * a * a).sum() - mean_a**2, (window * b * b).sum() - mean_b**2
        both = (window * a * b).sum() - mean_a * mean_b
        values.append(
            (2 * mean_a * mean_b + 6.5025) * (2 * both + 58.5225)
            / ((mean_a**2 + mean_b**2 + 6.5025) * (var_a + var_b + 58.5225))
        )  # fmt: skip
    return np.mean(values)


def test_ssim_is_that_of_the_article():
    pixels = photo(20, 25)
    noisy = np.clip(pixels + np.random.default_rng(0).normal(0, 30, pixels.shape), 0, 255)
    other = noisy.astype(np.uint8)
    assert ssim(pixels, other) == pytest.approx(slow_ssim(pixels, other), abs=1e-9)
    assert ssim(pixels, pixels) == 1


# Refusals


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: reduce_colours(photo(3, 3), 0), "palette_k"),
        (lambda: reduce_colours(photo(3, 3), 257), "palette_k"),
        (lambda: choose_palette(histogram(photo(3, 3)), -1), "palette_k"),
        (
            lambda: reduce_colours(photo(3, 3), 1, mask=np.eye(3, dtype=bool)),
            "palette_k_transparent",
        ),
        (lambda: reduce_colours(photo(3, 3), 1, fixed=[(0, 0, 0), (1, 1, 1)]), "palette_fixed"),
        (lambda: reduce_colours(np.zeros((3, 3, 3)), 2), "palette_pixels"),
    ],
)
def test_what_cannot_be_done_is_refused(call, code):
    with pytest.raises(UsageError) as error:
        call()
    assert error.value.code == code
    assert error.value.message
    assert error.value.next_step
