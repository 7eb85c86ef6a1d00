"""Sheets: printed, filled, photographed aslant and in bad light, and read again cell by cell."""

import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from benchmarks.sheet_photos import fill_sheet, photograph, tick
from imagier.datasets import open_source
from imagier.datasets.synthetic import Glyphs
from imagier.datasets.synthetic.sheets import (
    KNOWN_NAMES,
    Identity,
    SheetLayout,
    draw_sheet,
    make_from_sheets,
    make_sheet,
    pdf_bytes,
    read_names,
    read_sheet,
)
from imagier.datasets.synthetic.sheets.corner_marks import apply_homography, homographies
from imagier.datasets.synthetic.sheets.drawing import DOTS
from imagier.datasets.synthetic.sheets.layout import MARKS, names_code
from imagier.errors import DataError, PictureError, UsageError

DIGITS = tuple("0123456789")


@pytest.fixture(scope="module")
def glyphs():
    return Glyphs.of_fonts(["DejaVu Sans", "DejaVu Serif Italic"], "0123456789éàabc")


def filled(layout, glyphs, seed, *, number=None, **writing):
    rng = np.random.default_rng(seed)
    page = draw_sheet(layout)
    if number is not None:
        page = tick(page, layout, number)
    page, written = fill_sheet(page, layout, glyphs, rng, **writing)
    return page, written, rng


@pytest.mark.parametrize(
    ("turn", "size"),
    [(0, (1200, 1600)), (90, (1600, 1200)), (180, (1800, 2400)), (270, (1000, 1400))],
)
def test_a_photo_of_a_sheet_gives_the_cells_that_were_filled(glyphs, turn, size):
    layout = SheetLayout(names=DIGITS)
    page, written, rng = filled(layout, glyphs, turn + size[0], number=47)
    photo, _ = photograph(page, rng, turn=turn, size=size)
    sheet = read_sheet(photo, path="photo", known=KNOWN_NAMES)
    assert [cell.number for cell in sheet.cells] == written
    assert [cell.name for cell in sheet.cells] == [DIGITS[number % 10] for number in written]
    assert sheet.writer == 47
    assert sheet.empty == 120 - len(written)


def test_a_cell_shows_what_was_written_upright_on_white(glyphs):
    layout = SheetLayout(names=DIGITS)
    page, _, rng = filled(layout, glyphs, 3, leave=0.0, ink=(20, 30))
    photo, _ = photograph(page, rng, turn=180, light=0.6)
    sheet = read_sheet(photo, path="photo", known=KNOWN_NAMES)
    inset = int(DOTS)
    for cell in sheet.cells:
        box = layout.cells[cell.number].box
        top, left = int(box.top * DOTS) + inset, int(box.left * DOTS) + inset
        side = int(box.height * DOTS) - 2 * inset
        printed = Image.fromarray(page[top : top + side, left : left + side])
        wanted = np.asarray(printed.resize((64, 64), Image.Resampling.BOX), float)
        seen = cell.pixels.astype(float)
        assert np.median(seen) > 235
        near = [
            np.corrcoef(np.roll(wanted, (dy, dx), (0, 1)).ravel(), seen.ravel())[0, 1]
            for dy in (-2, -1, 0, 1, 2)
            for dx in (-2, -1, 0, 1, 2)
        ]
        assert max(near) > 0.85


@pytest.mark.parametrize("seed", range(2))
def test_a_pale_pencil_in_bad_light_is_read(glyphs, seed):
    layout = SheetLayout(names=tuple("abc"), rows=4, writer=123)
    page, written, rng = filled(layout, glyphs, seed, ink=(130, 150))
    photo, _ = photograph(page, rng, aslant=0.15, light=0.65, blur=1.6, noise=7, turn=90)
    sheet = read_sheet(photo, path="photo", known=[tuple("abc")])
    assert [cell.number for cell in sheet.cells] == written
    assert sheet.writer == 123


def test_a_bent_page_is_cut_where_its_frames_are(glyphs):
    layout = SheetLayout(names=DIGITS)
    page, written, rng = filled(layout, glyphs, 8)
    height, width = page.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    bend = 0.9 * DOTS * np.sin(np.pi * columns / width)  # its middle is higher by 0.9 mm
    page = page[np.clip(rows + np.rint(bend), 0, height - 1).astype(int), columns]
    photo, _ = photograph(page, rng)
    sheet = read_sheet(photo, path="photo", known=KNOWN_NAMES)
    assert [cell.number for cell in sheet.cells] == written
    for cell in sheet.cells:
        edges = np.concatenate([cell.pixels[[0, -1]].ravel(), cell.pixels[:, [0, -1]].ravel()])
        assert (edges < 200).mean() < 0.5  # no frame runs along a side


def test_what_has_no_mark_on_a_corner_is_no_sheet(glyphs):
    layout = SheetLayout(names=DIGITS)
    page, _, rng = filled(layout, glyphs, 1)
    page = page.copy()
    page[: int(30 * DOTS), : int(30 * DOTS)] = 255
    photo, _ = photograph(page, rng)
    with pytest.raises(PictureError) as caught:
        read_sheet(photo, path="p.jpg", known=KNOWN_NAMES)
    assert caught.value.code == "sheet_corners"
    assert caught.value.facts["found"] == 3


def test_a_sheet_without_its_squares_is_told(glyphs):
    layout = SheetLayout(names=DIGITS)
    page, _, rng = filled(layout, glyphs, 1)
    page = page.copy()
    left, right = int(26 * DOTS), int(184 * DOTS)
    page[int(14 * DOTS) : int(18 * DOTS), left:right] = 255  # one end is enough
    photo, _ = photograph(page, np.random.default_rng(0))
    assert read_sheet(photo, path="p.jpg", known=KNOWN_NAMES).names == DIGITS
    page[int(279 * DOTS) : int(283 * DOTS), left:right] = 255
    photo, _ = photograph(page, rng)
    with pytest.raises(PictureError) as caught:
        read_sheet(photo, path="p.jpg", known=KNOWN_NAMES)
    assert caught.value.code == "sheet_identity"


def test_names_that_are_not_known_are_asked_for(glyphs):
    layout = SheetLayout(names=("é", "à"), rows=2)
    page, written, rng = filled(layout, glyphs, 2)
    photo, _ = photograph(page, rng)
    with pytest.raises(PictureError) as caught:
        read_sheet(photo, path="p.jpg", known=KNOWN_NAMES)
    assert caught.value.code == "sheet_unknown_names"
    with pytest.raises(PictureError):
        read_sheet(photo, path="p.jpg", known=[("à", "é")])
    sheet = read_sheet(photo, path="p.jpg", known=[("é", "à")])
    assert [cell.number for cell in sheet.cells] == written


@pytest.mark.parametrize("seed", range(4))
def test_other_photos_are_no_sheets(seed):
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 255, (700, 900, 3), dtype=np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, side = rng.uniform(0, 800), rng.uniform(0, 600), rng.uniform(10, 90)
        draw.rectangle((x, y, x + side, y + side), outline=(0, 0, 0), fill=(255, 255, 255), width=6)
    with pytest.raises(PictureError) as caught:
        read_sheet(np.asarray(image), path="p.jpg", known=KNOWN_NAMES)
    assert caught.value.code in ("sheet_corners", "sheet_identity")


# -- identity and geometry -------------------------------------------------------------------------


@given(st.integers(1, 12), st.integers(0, 999), st.booleans(), st.integers(0, 63))
def test_an_identity_is_read_as_written_and_not_with_a_square_wrong(rows, writer, is_top, wrong):
    identity = SheetLayout(names=DIGITS, rows=rows, writer=writer).identity(is_top=is_top)
    bits = identity.bits
    assert Identity.read(bits) == identity
    bits[wrong] = ~bits[wrong]
    assert Identity.read(bits) is None


@settings(max_examples=30)
@given(
    st.lists(st.floats(-0.2, 0.2), min_size=8, max_size=8),
    st.integers(0, 3),
    st.booleans(),
)
def test_one_of_the_ways_a_page_can_lie_is_the_right_one(moves, turn, is_mirrored):
    from imagier.datasets.synthetic.sheets.corner_marks import CornerMark

    spots = np.array([(300.0, 300.0), (900, 300), (900, 1200), (300, 1200)])
    spots = spots + np.array(moves).reshape(4, 2) * 600
    spots = np.roll(spots, turn, axis=0)
    spots = spots[[0, 3, 2, 1]] if is_mirrored else spots
    marks = [CornerMark(x, y, 40.0) for x, y in spots[[2, 0, 3, 1]].tolist()]
    ways = homographies(marks, 1200 * 1500.0)
    errors = [np.abs(apply_homography(way, np.array(MARKS)) - spots).max() for way in ways]
    assert len(errors) == 8
    assert min(errors) < 1e-6


def test_lists_that_are_known_differ_by_their_code():
    codes = {(len(names), names_code(names)) for names in KNOWN_NAMES}
    assert len(codes) == len(KNOWN_NAMES)


def test_names_go_round_the_cells():
    layout = SheetLayout(names=tuple("abc"), rows=2)
    assert "".join(cell.name for cell in layout.cells) == "abc" * 6 + "ab"
    boxes = [cell.box for cell in SheetLayout(names=DIGITS).cells]
    assert max(box.top + box.height for box in boxes) < MARKS[2][1] - 6 - 4
    assert max(box.left + box.width for box in boxes) < 200


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"rows": 0}, "sheet_rows"),
        ({"rows": 13}, "sheet_rows"),
        ({"names": ()}, "sheet_names"),
        ({"names": tuple(map(str, range(11))), "rows": 1}, "sheet_names"),
        ({"writer": 1000}, "sheet_writers"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(wrong, code):
    with pytest.raises(UsageError) as caught:
        SheetLayout(**{"names": DIGITS, **wrong})
    assert caught.value.code == code


# -- files -----------------------------------------------------------------------------------------


def test_the_same_sheet_is_the_same_file_at_its_own_size(tmp_path):
    first = make_sheet(DIGITS, tmp_path / "a.pdf", rows=3, writers=2)
    second = make_sheet(DIGITS, tmp_path / "b.pdf", rows=3, writers=2)
    assert first.content == second.content
    assert first.to_json()["pages"] == first.to_json()["writers"] == 2
    picture = make_sheet(DIGITS, tmp_path / "a.png", rows=3)
    (tmp_path / "a.png").write_bytes(picture.content)
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (2480, 3508)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    with pytest.raises(UsageError) as caught:
        make_sheet(DIGITS, tmp_path / "a.png", rows=3, writers=2)
    assert caught.value.code == "sheet_pages"
    with pytest.raises(DataError) as caught:
        make_sheet(("漢",), tmp_path / "a.png", rows=3)
    assert caught.value.code == "font_lacks"


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_another_program_reads_the_pdf(tmp_path):
    pages = [draw_sheet(SheetLayout(names=DIGITS, rows=rows)) for rows in (1, 2)]
    (tmp_path / "s.pdf").write_bytes(pdf_bytes(pages))
    words = ["pdftoppm", "-r", "300", "-png", "s.pdf", "s"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    for number, page in enumerate(pages, start=1):
        with Image.open(tmp_path / f"s-{number}.png") as image:
            seen = np.asarray(image.convert("L"), float)
        assert seen.shape[0] == pytest.approx(page.shape[0], abs=1)
        rows, columns = (min(pair) for pair in zip(seen.shape, page.shape, strict=True))
        assert np.abs(seen[:rows, :columns] - page[:rows, :columns]).mean() < 6


def test_a_pdf_says_where_each_of_its_objects_begins():
    content = pdf_bytes([draw_sheet(SheetLayout(names=DIGITS, rows=1))])
    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    table = content[start:].split(b"trailer")[0].splitlines()[3:]
    assert len(table) == 5
    for number, line in enumerate(table, start=1):
        assert content[int(line[:10]) :].startswith(f"{number} 0 obj".encode())


def test_photos_become_class_folders_with_the_writer_as_group(glyphs, tmp_path):
    layout = SheetLayout(names=DIGITS, rows=2)
    counts = {}
    for number in (3, 12):
        page, written, rng = filled(layout, glyphs, number, number=number)
        (tmp_path / f"{number}.jpg").write_bytes(photograph(page, rng)[1])
        counts[f"{number:02d}"] = len(written)
    page, written, rng = filled(layout, glyphs, 5)  # no number is ticked
    (tmp_path / "une photo.jpg").write_bytes(photograph(page, rng)[1])
    counts["une_photo"] = len(written)
    empty = draw_sheet(layout)
    (tmp_path / "empty.jpg").write_bytes(photograph(empty, rng)[1])
    Image.new("RGB", (300, 300), "white").save(tmp_path / "white.jpg")
    (tmp_path / "text.jpg").write_text("no picture at all")
    names = ["3.jpg", "white.jpg", "12.jpg", "text.jpg", "une photo.jpg", "empty.jpg"]
    paths = [str(tmp_path / name) for name in names]
    made = make_from_sheets(paths, tmp_path / "set")
    assert dict(made.writers) == counts
    codes = [photo.error and photo.error.code for photo in made.photos]
    assert codes[0] is codes[2] is codes[4] is None
    assert codes[1] == "sheet_corners"
    assert codes[3] == "not_an_image"
    assert codes[5] == "sheet_empty"
    assert len(made.notes) == 1
    listing = open_source(tmp_path / "set" / "labels.csv", group="writer")
    assert {group: listing.groups.count(group) for group in set(listing.groups)} == counts
    assert list(made.classes) == list(listing.classes)
    folders = open_source(tmp_path / "set")
    assert sorted(zip(folders.names, folders.labels, strict=True)) == sorted(
        zip(listing.names, listing.labels, strict=True)
    )


def test_where_no_photo_is_good_nothing_is_written(tmp_path):
    Image.new("RGB", (300, 300), "white").save(tmp_path / "white.jpg")
    made = make_from_sheets([str(tmp_path / "white.jpg")], tmp_path / "set")
    assert made.out is None
    assert not (tmp_path / "set").exists()


def test_names_are_characters_or_words():
    assert read_names("ab a", None) == ("a", "b")
    assert read_names(None, "cat, dog") == ("cat", "dog")
    assert read_names(None, None) is None
    for words in (("a", "b"), (" ", None), (None, "a,,b")):
        with pytest.raises(UsageError):
            read_names(*words)
