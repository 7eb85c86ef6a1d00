"""Near-duplicates: copies of a photo are found, different photos are not taken for copies."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagier.datasets.splitting import similarity
from imagier.datasets.splitting.similarity import (
    MAX_BITS,
    Components,
    join_similar,
    perceptual_hashes,
)
from imagier.datasets.thumbnails import make_thumbnail
from imagier.images import decode

RESAMPLING = Image.Resampling

COPIES = {
    "JPEG 50": lambda image: jpeg(image, 50),
    "half": lambda image: resized(image, 0.5, RESAMPLING.BICUBIC),
    "three quarters": lambda image: resized(image, 0.75, RESAMPLING.BILINEAR),
    "larger": lambda image: resized(image, 1.3, RESAMPLING.LANCZOS),
    "half, JPEG 50": lambda image: jpeg(resized(image, 0.5, RESAMPLING.BICUBIC), 50),
}


def jpeg(image, quality):
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def resized(image, factor, how):
    return image.resize((round(image.width * factor), round(image.height * factor)), how)


def ready(picture):
    """Give the thumbnail of an image, or of the bytes of its file, as `load` does."""
    if isinstance(picture, bytes):
        return make_thumbnail(decode(picture, name="x.jpg", wanted=(512, 512)).pixels)
    return make_thumbnail(np.asarray(picture.convert("RGB")))


def scenes(n, seed=0):
    """Draw pictures with light and detail at all scales, as photos have them."""
    rng = np.random.default_rng(seed)
    for number in range(n):
        size = (240, 180) if number % 2 else (180, 240)
        levels = np.full((*size[::-1], 3), 128.0)
        for cells, strength in ((3, 60), (7, 30), (20, 15), (60, 8)):
            noise = rng.normal(0, strength, (cells, cells, 3))
            for channel in range(3):
                layer = Image.fromarray(noise[..., channel].astype(np.float32))
                levels[..., channel] += np.asarray(layer.resize(size, RESAMPLING.BICUBIC))
        yield Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def groups(thumbnails):
    sets = Components(len(thumbnails))
    join_similar(thumbnails, sets)
    return sets.labels


def count_false_merges(labels):
    return int((labels != np.arange(len(labels))).sum())


@pytest.fixture(scope="module")
def originals():
    return list(scenes(150))


@pytest.mark.parametrize("kind", COPIES)
def test_copies_of_drawn_scenes_are_found(originals, kind):
    first = np.stack([ready(image) for image in originals])
    second = np.stack([ready(COPIES[kind](image)) for image in originals])
    labels = groups(np.concatenate([first, second]))
    assert np.mean(labels[:150] == labels[150:]) >= 0.99
    assert len(np.unique(labels)) >= 150  # and no two scenes are taken for one


def test_different_scenes_are_not_joined():
    pixels = np.stack([ready(image) for image in scenes(400, seed=1)])
    assert count_false_merges(groups(pixels)) == 0


def test_other_pictures_are_not_joined(originals):
    image = originals[0]
    turned = [
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        image.transpose(Image.Transpose.ROTATE_90),
        Image.fromarray(255 - np.asarray(image)),
        image.crop((20, 20, image.width, image.height)),
    ]
    assert count_false_merges(groups(np.stack([ready(image), *map(ready, turned)]))) == 0


def test_flat_pictures_have_nothing_to_be_known_by():
    rng = np.random.default_rng(0)
    blank = np.full((500, 64, 64, 3), 200, dtype=np.uint8)
    blank[:, 0, 0] = rng.integers(0, 256, (500, 1))
    assert count_false_merges(groups(blank)) == 0


def test_a_small_change_in_one_place_is_seen():
    page = np.full((2, 64, 64, 3), 250, dtype=np.uint8)
    page[:, 10:54, 30:34] = 20
    page[1, 20:24, 34:44] = 20  # a stroke more: another letter
    assert count_false_merges(groups(page)) == 0


def test_the_full_scale_counts():
    picture = np.asarray(next(scenes(1)))
    near = np.clip(picture.astype(int) + 3, 0, 255).astype(np.uint8)
    both = np.stack([make_thumbnail(picture), make_thumbnail(near)])
    assert count_false_merges(groups(both)) == 1
    dark = np.stack([picture, near]) // 16
    dark[1] += 1
    thumbnails = np.stack([make_thumbnail(one, scale=16) for one in dark])
    assert count_false_merges(groups(thumbnails)) == 0


def test_all_close_hashes_are_found():
    """The bands miss no pair: compared with looking at all pairs."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (120, 64), dtype=np.uint8)
    for row in range(60, 120):
        bits[row] = bits[row - 60]
        bits[row, rng.choice(64, rng.integers(0, 12), replace=False)] ^= 1
    hashes = np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)
    neighbours = similarity._neighbours(hashes)
    found = {tuple(sorted(pair)) for pairs in neighbours for pair in pairs.tolist()}
    distance = np.bitwise_count(hashes[:, None] ^ hashes)
    close = np.argwhere(np.triu(distance <= MAX_BITS, 1))
    assert found == {tuple(pair) for pair in close.tolist()}
    assert len(found) >= 20


@pytest.mark.parametrize("shape", [(64, 64, 3), (70, 90, 3), (128, 64, 3)])
def test_every_shape_has_hashes(shape):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (5, *shape), dtype=np.uint8)
    hashes = perceptual_hashes(pixels)
    assert hashes.shape == (5,)
    assert [int(np.bitwise_count(one)) for one in hashes] == [32] * 5
    noisy = np.clip(pixels.astype(int) + rng.integers(-2, 3, pixels.shape), 0, 255)
    both = np.concatenate([pixels, noisy.astype(np.uint8)])
    assert groups(both).tolist() == [0, 1, 2, 3, 4] * 2


def test_a_crowd_of_alike_pictures_takes_no_quadratic_time(monkeypatch):
    rng = np.random.default_rng(0)
    scene = ready(next(scenes(1))).clip(8, 247).astype(int)
    grain = rng.choice([-8, 8], (3_000, 64, 64, 1)).repeat(
        3, axis=3
    )  # alike in every cell, and yet no copies
    pages = (scene + grain).astype(np.uint8)
    compared = []
    compare = similarity._is_same

    def count(thumbnails, contrast, pairs):
        compared.append(len(pairs))
        return compare(thumbnails, contrast, pairs)

    monkeypatch.setattr(similarity, "_is_same", count)
    assert count_false_merges(groups(pages)) == 0
    assert 0 < sum(compared) <= 16 * len(pages)


# Sets that grow together


def test_components_agree_with_a_plain_search():
    rng = np.random.default_rng(0)
    for _ in range(50):
        n = int(rng.integers(1, 40))
        pairs = rng.integers(0, n, (int(rng.integers(0, 40)), 2))
        sets = Components(n)
        for part in np.array_split(pairs, 3):
            sets.join(part[:, 0], part[:, 1])
        expected = list(range(n))
        for _ in range(n):
            for one, other in pairs.tolist():
                expected[one] = expected[other] = min(expected[one], expected[other])
        assert sets.labels.tolist() == expected


def test_a_long_chain_is_one_set():
    sets = Components(10_000)
    order = np.random.default_rng(0).permutation(10_000)
    sets.join(order[:-1], order[1:])
    assert not sets.labels.any()


# Real pictures


@pytest.fixture(scope="module")
def clothes(imagier_data):
    folder = imagier_data / "clothing" / "train"
    if not folder.is_dir():
        pytest.skip("needs the photos of clothes in IMAGIER_DATA/clothing/train")
    files = sorted(folder.glob("*/*"))[::20]
    return [file.read_bytes() for file in files]


def test_copies_of_photos_of_clothes_are_found(clothes):
    images = [Image.fromarray(decode(content, name="x.jpg").pixels) for content in clothes]
    first = np.stack([ready(content) for content in clothes])
    n = len(first)
    assert n > 140
    assert count_false_merges(groups(first)) == 0
    for kind in ("JPEG 50", "half"):
        second = np.stack([ready(COPIES[kind](image)) for image in images])
        labels = groups(np.concatenate([first, second]))
        assert np.mean(labels[:n] == labels[n:]) >= 0.99, kind


def test_copies_of_other_photos_are_found(imagier_data):
    files = sorted((imagier_data / "cq100").glob("*.png"))
    if not files:
        pytest.skip("needs the photos of IMAGIER_DATA/cq100")
    images = [Image.open(file).convert("RGB") for file in files]
    kinds = [np.stack([ready(make(image)) for image in images]) for make in COPIES.values()]
    first = np.stack([ready(image) for image in images])
    assert count_false_merges(groups(first)) == 0
    labels = groups(np.concatenate([first, *kinds])).reshape(-1, len(files))
    # The border of one photo is half black, half white: the colour that pads its JPEG changes.
    assert np.mean(labels == np.arange(len(files))) >= 0.98
