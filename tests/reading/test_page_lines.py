"""The lines of pages: composed ones, of which it is known where each stands, and odd ones."""

import numpy as np
import pytest
from PIL import Image

from imagier.reading.page_ink import straight_ink
from imagier.reading.page_lines import find_page_lines
from imagier.reading.page_rules import without_rules
from tests.reading.composed_pages import RULES, SIZE, compose_page, found_shares, glyphs

SHARE = 0.5  # of both areas, in common: the line is found


@pytest.fixture(scope="module")
def letters():
    return glyphs()


@pytest.fixture(scope="module")
def pages(letters):
    """Three pages of each kind, with their lines as they are found."""
    pages = [compose_page(seed, letters, rules=RULES[seed % 5]) for seed in range(15)]
    return [(page, find_page_lines(page.pixels)) for page in pages]


def test_nineteen_of_twenty_lines_are_found(pages):
    shares = [share for page, lines in pages for share in found_shares(page, lines)]
    assert len(shares) > 100
    assert np.mean(np.array(shares) >= SHARE) >= 0.95


def test_little_else_is_taken_for_a_line(pages):
    true = sum(len(page.texts) for page, _ in pages)
    assert sum(len(lines) for _, lines in pages) <= 1.05 * true


def test_lines_stand_in_the_order_of_reading(letters):
    page = compose_page(3, letters, rules="none", degrees=0.0, noise=0.0)
    boxes = [line.box() for line in find_page_lines(page.pixels)]
    assert len(boxes) == len(page.texts)
    true = [(corners[0][0], corners[0][1]) for corners in page.corners]
    for (left, top, *_), (x, y) in zip(boxes, true, strict=True):
        assert abs(left - x) < 20
        assert abs(top - y) < 20


@pytest.mark.parametrize("degrees", [-3.0, -1.3, 0.4, 2.2, 3.0])
def test_a_crooked_page_is_laid_straight(letters, degrees):
    page = compose_page(8, letters, rules="none", degrees=degrees, climb=False)
    lines = find_page_lines(page.pixels)
    assert np.degrees(lines[0].climb) == pytest.approx(degrees, abs=0.45)
    cut = lines[0].cut(page.pixels)
    assert cut.shape == (lines[0].height, lines[0].width, 1)


def test_light_writing_on_dark_ground(letters):
    page = compose_page(4, letters, rules="none", dark=True)
    shares = found_shares(page, find_page_lines(page.pixels))
    assert np.mean(np.array(shares) >= SHARE) >= 0.9


def test_a_large_photo_in_colours_gives_boxes_of_its_own_pixels(letters):
    page = compose_page(5, letters, rules="none", degrees=1.0)
    small = find_page_lines(page.pixels)
    size = 3 * SIZE[0], 3 * SIZE[1]
    large = np.asarray(Image.fromarray(page.pixels[:, :, 0]).convert("RGB").resize(size))
    found = find_page_lines(large)
    assert len(found) == len(small)
    for one, other in zip(small, found, strict=True):
        assert np.abs(3 * np.array(one.box()) - other.box()).max() < 30


def test_a_sheet_on_a_dark_table(letters):
    page = compose_page(6, letters, rules="none", degrees=0.0)
    table = np.random.default_rng(0).normal(60, 8, (SIZE[1] + 300, SIZE[0] + 300))
    photo = np.clip(table, 0, 255).astype(np.uint8)
    photo[150:-150, 150:-150] = page.pixels[:, :, 0]
    found = find_page_lines(photo[:, :, None])
    assert len(found) == len(page.texts)


def rng():
    return np.random.default_rng(1)


EMPTY = {
    "white": np.full((500, 400, 1), 255, np.uint8),
    "black": np.zeros((300, 400, 3), np.uint8),
    "noise": np.clip(rng().normal(200, 10, (700, 500, 1)), 0, 255).astype(np.uint8),
    "hard noise": rng().integers(0, 256, (400, 300, 1)).astype(np.uint8),
    "gradient": np.tile(np.linspace(0, 255, 600).astype(np.uint8)[None, :, None], (400, 1, 1)),
    "one pixel": np.zeros((1, 1, 1), np.uint8),
    "one row": np.zeros((1, 2000, 1), np.uint8),
    "one column": np.full((900, 1, 1), 9, np.uint8),
}


@pytest.mark.parametrize("name", EMPTY)
def test_where_nothing_is_written_no_line_is_found(name):
    assert find_page_lines(EMPTY[name]) == []


@pytest.mark.parametrize("step", [30, 60])
def test_ruled_and_squared_paper_is_no_writing(step):
    page = np.full((600, 500, 1), 240, np.uint8)
    page[::step] = 80
    assert find_page_lines(page) == []
    page[:, ::step] = 80
    assert find_page_lines(page) == []


def test_the_digits_of_a_grid_stay_and_its_cells_go():
    page = np.zeros((120, 400), bool)
    page[30:32, 20:380] = page[80:82, 20:380] = True
    for x in range(20, 381, 60):
        page[30:82, x : x + 2] = True
    for x in range(40, 361, 60):
        page[42:70, x : x + 16] = True
    left = without_rules(page, 28)
    assert left[42:70, 40:56].all()
    left[42:70] = False
    assert not left.any()


def test_ink_is_where_it_was_once_the_page_is_straight(letters):
    page = compose_page(2, letters, rules="none", degrees=2.5, noise=0.0)
    ink = straight_ink(page.pixels)
    rows, columns = np.nonzero(ink.mask)
    pixels = page.pixels[:, :, 0].astype(float)
    levels = []
    for y, x in zip(rows[::97], columns[::97], strict=True):
        across, down = ink.on_page(float(x) + 0.5, float(y) + 0.5)
        levels.append(pixels[int(down), int(across)])
    assert np.mean(np.array(levels) < 0.9 * np.median(pixels)) > 0.95
