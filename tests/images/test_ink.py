"""A photographed sign must come out as the learning pictures show it."""

import gzip
import resource

import numpy as np
import pytest
from PIL import Image

from imagier.errors import ModelError
from imagier.images import Ink, Prepare, decode, prepare

MNIST = Prepare(height=28, width=28, channels=1, ink=Ink(box=20 / 28, centre="mass"))
WAYS = {
    "pen": {},
    "fine pen": {"pen": -0.015},
    "marker": {"pen": 0.03},
    "chalk": {"board": True},
    "ruled paper": {"ruled": True},
    "small": {"size": 70},
}


def read(photo, settings=MNIST):
    return prepare(decode(photo, name="photo.jpg").pixels, settings)[:, :, 0]


def likeness(one, other):
    """Correlate two fields; a black one resembles nothing."""
    if not (one.any() and other.any()):
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def middle_of(field):
    places = np.arange(28) + 0.5
    return field.sum(axis=1) @ places / field.sum(), field.sum(axis=0) @ places / field.sum()


@pytest.mark.parametrize("way", WAYS)
def test_a_photographed_digit_is_as_the_clean_one(phone, way):
    generator = np.random.default_rng(1)
    found = []
    for digit in range(10):
        sign = phone.printed_digit(digit)
        clean = (255 - 255 * sign[..., None]).astype(np.uint8)
        field = read(phone.take(sign, generator, **WAYS[way]))
        found.append(likeness(field, prepare(clean, MNIST)[:, :, 0]))
    assert np.mean(found) > 0.9
    assert min(found) > 0.75


def test_the_sign_stands_as_in_mnist(phone):
    generator = np.random.default_rng(2)
    for digit in range(10):
        field = read(phone.take(phone.printed_digit(digit), generator)).astype(float)
        inked = field > 64
        length = max(np.ptp(np.flatnonzero(inked.any(axis=axis))) + 1 for axis in (0, 1))
        assert 18 <= length <= 22
        assert middle_of(field) == pytest.approx((14.5, 14.5), abs=0.6)
        assert field.max() == 255


def test_a_sheet_is_found_on_a_table(phone):
    generator = np.random.default_rng(3)
    found = []
    for digit in range(10):
        sign = phone.printed_digit(digit)
        clean = (255 - 255 * sign[..., None]).astype(np.uint8)
        photo = phone.on_a_table(phone.take(sign, generator), generator)
        found.append(likeness(read(photo), prepare(clean, MNIST)[:, :, 0]))
    assert np.median(found) > 0.8


def test_a_crop_close_to_a_thick_sign(phone):
    for digit in range(10):
        sign = phone.printed_digit(digit)
        rows, columns = (np.flatnonzero((sign > 0.5).any(axis=axis)) for axis in (1, 0))
        cut = sign[rows[0] - 4 : rows[-1] + 5, columns[0] - 4 : columns[-1] + 5]
        close = (225 - 180 * cut[..., None]).astype(np.uint8)
        clean = (255 - 255 * sign[..., None]).astype(np.uint8)
        assert likeness(prepare(close, MNIST), prepare(clean, MNIST)) > 0.9


@pytest.mark.parametrize("side", [16, 40, 320])
@pytest.mark.parametrize("white", [False, True])
def test_a_sign_that_fills_its_picture(phone, side, white):
    """As post offices and other data sets cut them: no page is left around the sign."""
    found = []
    for digit in range(10):
        sign = phone.printed_digit(digit)
        rows, columns = (np.flatnonzero((sign > 0.5).any(axis=axis)) for axis in (1, 0))
        cut = sign[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        wide = np.pad(cut, ((0, 0), ((cut.shape[0] - cut.shape[1]) // 2,) * 2))
        grey = Image.fromarray((255 * wide).astype(np.uint8))
        levels = np.asarray(grey.resize((side, side), Image.Resampling.BOX))[..., None]
        clean = (255 - 255 * sign[..., None]).astype(np.uint8)
        drawn = prepare(255 - levels if white else levels, MNIST)
        found.append(likeness(drawn, prepare(clean, MNIST)))
    assert min(found) > 0.9


def test_a_blank_page_gives_a_black_field(phone):
    generator = np.random.default_rng(4)
    fields = [read(phone.take(np.zeros((50, 50)), generator)) for _ in range(20)]
    assert sum(bool(field.any()) for field in fields) <= 1


def test_a_fine_pen_gets_the_width_of_the_learning_pictures():
    page = np.full((300, 300, 1), 240, np.uint8)
    page[50:250, 149:152] = 20
    thick = prepare(page, MNIST)
    thin = prepare(
        page,
        Prepare(height=28, width=28, channels=1, ink=Ink(box=20 / 28, centre="mass", stroke=0)),
    )
    assert np.count_nonzero(thick[14]) >= 2
    assert thick.sum() > 1.5 * thin.sum()


def test_specks_are_dropped_and_the_dot_of_an_i_is_kept():
    page = np.full((300, 300, 1), 240, np.uint8)
    page[110:250, 140:160] = 20
    page[70:90, 140:160] = 20  # the dot
    with_dot = prepare(page, MNIST)
    page[10:13, 10:13] = 20  # a speck, far away
    np.testing.assert_array_equal(prepare(page, MNIST), with_dot)
    gaps = np.flatnonzero(with_dot[:, :, 0].any(axis=1))
    assert 20 <= gaps[-1] - gaps[0] + 1 <= 21
    assert not with_dot[gaps[0] + 3 : gaps[0] + 5, :, 0].all(axis=0).any()


@pytest.mark.parametrize("white", [False, True])
def test_signs_of_the_right_size_are_taken_as_they_are(white):
    sign = np.zeros((28, 28, 1), np.uint8)
    sign[4:24, 12:16] = np.random.default_rng(0).integers(1, 256, (20, 4, 1))
    assert (prepare(255 - sign if white else sign, MNIST) == sign).all()
    digits = Prepare(height=28, width=28, channels=1, full_scale=16, ink=MNIST.ink)
    few = sign // 17 + 1
    few[0] = 0
    few[:, :5] = few[:, -5:] = 0
    assert (prepare(16 - few if white else few, digits, scale=16) == few).all()


SHAPES = [(1, 1), (1, 2), (3, 3), (1, 500), (500, 1), (8, 8), (27, 29), (801, 3), (3, 801)]


@pytest.mark.parametrize("shape", SHAPES)
def test_any_picture_is_answered(shape):
    generator = np.random.default_rng(0)
    half = np.zeros(shape)
    half[:, shape[1] // 2 :] = 255
    speck = np.full(shape, 200)
    speck[shape[0] // 2, shape[1] // 2] = 0
    noise = generator.integers(0, 256, shape)
    settings = Prepare(height=20, width=60, channels=1, ink=Ink(box=1.0, centre="box", stroke=0))
    for levels in (np.zeros(shape), np.full(shape, 255), np.full(shape, 100), half, speck, noise):
        for wanted in (MNIST, settings):
            field = prepare(levels.astype(np.uint8)[..., None], wanted)
            assert field.shape == (wanted.height, wanted.width, 1)
            assert field.dtype == np.uint8


@pytest.mark.parametrize(
    "damage",
    [
        {"box": 0},
        {"box": 1.5},
        {"box": "1"},
        {"box": float("nan")},
        {"box": True},
        {"centre": "left"},
        {"stroke": -1},
        {"stroke": 9},
        {"stroke": None},
    ],
)
def test_ink_settings_are_checked(damage):
    with pytest.raises(ModelError) as caught:
        Ink(**{"box": 0.7, "centre": "mass", **damage})
    assert caught.value.code == "prepare_invalid"
    assert caught.value.message


@pytest.fixture(scope="module")
def mnist(imagier_data):
    folder = imagier_data / "mnist"
    pictures = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    return (
        np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
    )


def nearest(pictures, learnt, labels):
    """Name pictures by the most alike of the learnt ones."""
    known = learnt.reshape(len(learnt), -1).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    asked = pictures.reshape(len(pictures), -1).astype(np.float32)
    return labels[np.argmax(asked @ known.T, axis=1)]


@pytest.mark.parametrize("way", WAYS)
def test_mnist_digits_come_back_from_a_photo(mnist, phone, way):
    pictures, labels = mnist
    chosen = slice(20_000, 20_025)  # training pictures that the reader below has not learnt
    generator = np.random.default_rng(5)
    fields = np.array(
        [read(phone.take(sign / 255, generator, **WAYS[way])) for sign in pictures[chosen]]
    )
    alike = [likeness(*pair) for pair in zip(fields, pictures[chosen], strict=True)]
    assert np.median(alike) > 0.85
    right, right_at_first = (
        np.mean(nearest(shown, pictures[:10_000], labels[:10_000]) == labels[chosen])
        for shown in (fields, pictures[chosen])
    )
    assert right >= right_at_first - (0.2 if way == "marker" else 0.1)  # markers fill the loops


def test_mnist_itself_is_not_touched(mnist):
    pictures = mnist[0][:2000, :, :, np.newaxis]
    assert all(prepare(picture, MNIST) is picture for picture in pictures)


@pytest.mark.parametrize("shape", [(64, 1), (1, 64), (25, 1)])
def test_a_field_of_one_column_takes_no_page_of_gigabytes(shape):
    """As the card of a stranger's model may ask for."""
    page = np.full((300, 200), 255, np.uint8)
    page[40:260, 90:110] = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    settings = Prepare(height=shape[0], width=shape[1], channels=1, ink=Ink(box=0.8, centre="mass"))
    field = prepare(page[:, :, np.newaxis], settings)
    assert field.shape == (*shape, 1)
    assert field.max() == 255
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_ink_is_not_laid_in_a_line():
    with pytest.raises(ModelError, match="ink"):
        Prepare(height=65, width=1, channels=1, ink=Ink(box=0.8, centre="mass"))
