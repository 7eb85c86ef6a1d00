"""Made sets: the same seed gives the same bytes, written whole or not at all, readable again."""

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import load, open_source, sample
from imagier.datasets.synthetic import (
    STYLES,
    Glyphs,
    character_recipe,
    check_made_output,
    grid_recipe,
    line_recipe,
    make_set,
    shape_recipe,
    standard_fonts,
    sum_recipe,
    uniform_texts,
)
from imagier.datasets.synthetic.captchas import SUM_CHARACTERS, captcha_recipe
from imagier.errors import MachineError, UsageError

FONTS = standard_fonts()[:3]


def digits(count=30, seed=0, characters="0123456789"):
    return character_recipe(
        "digits", tuple(characters), FONTS, STYLES["print"], count=count, seed=seed, size=20
    )


def lines(count=5, seed=0):
    glyphs = Glyphs.of_fonts(["DejaVu Sans"], "0123456789")
    draw = uniform_texts("0123456789", shortest=3, longest=6)
    style = STYLES["codes"]
    return line_recipe(glyphs, draw, style, count=count, seed=seed, height=32, facts={})


def captchas(count=5, seed=0):
    glyphs = Glyphs.of_fonts(["DejaVu Sans"], "abc123")
    draw = uniform_texts("abc123", shortest=4)
    return captcha_recipe(draw, glyphs, count=count, seed=seed, facts={})


def sums(count=5, seed=0):
    glyphs = Glyphs.of_fonts(["DejaVu Sans"], SUM_CHARACTERS)
    return sum_recipe(glyphs, count=count, seed=seed, facts={})


def grids(count=3, seed=0):
    return grid_recipe(count=count, seed=seed, size=24)


def shapes(count=12, seed=0, most=1):
    return shape_recipe(count=count, seed=seed, size=32, most=most)


RECIPES = [digits, lines, captchas, sums, grids, shapes]


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(folder, table="labels.csv"):
    return list(csv.DictReader(io.StringIO((folder / table).read_text("utf-8"))))


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_seed_gives_the_same_bytes(recipe, tmp_path):
    for name in ("one", "two", "one.zip", "two.zip"):
        make_set(recipe(), tmp_path / name)
    make_set(recipe(seed=1), tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert contents(tmp_path / "one") != contents(tmp_path / "other")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == contents(tmp_path / "one")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_longer_set_begins_with_the_shorter_one(recipe):
    short, long = recipe(count=2), recipe(count=40)
    for index in range(2):
        first, second = short.make(index), long.make(index)
        assert np.array_equal(first.pixels, second.pixels)
        assert first.rows == second.rows


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_picture_stands_in_the_table(recipe, tmp_path):
    made = make_set(recipe(), tmp_path / "set")
    folder = tmp_path / "set"
    told = [row["path"] for row in rows(folder)]
    assert sorted(told) == sorted(name for name in contents(folder) if name.endswith(".png"))
    assert len(told) == made.recipe.count
    answer = made.to_json()
    assert answer["bytes"] == sum(len(one) for one in contents(folder).values())
    for table, titles in answer["tables"].items():
        assert list(rows(folder, table)[0]) == titles


@pytest.mark.parametrize("name", ["set", "set.zip"])
@pytest.mark.parametrize("recipe", [digits, shapes])
def test_class_folders_are_read_as_they_were_made(recipe, name, tmp_path):
    made = make_set(recipe(), tmp_path / name)
    listing = open_source(tmp_path / name)
    assert {label: listing.labels.count(label) for label in listing.classes} == made.counts
    dataset = load(listing, sample(listing).choose())
    assert len(dataset) == made.recipe.count
    assert not dataset.skipped


def test_names_that_a_disk_confuses_are_read_by_the_table(tmp_path):
    make_set(digits(characters="aAbB", count=16), tmp_path / "set")
    listing = open_source(tmp_path / "set")
    assert listing.classes == ("A", "a", "B", "b")
    assert [listing.labels.count(one) for one in "aAbB"] == [4, 4, 4, 4]


def test_the_font_can_be_the_group(tmp_path):
    make_set(digits(), tmp_path / "set")
    listing = open_source(tmp_path / "set" / "labels.csv", group="font")
    assert set(listing.groups) == {font.name for font in FONTS}


# -- writing ---------------------------------------------------------------------------------------


def test_nothing_is_replaced_unless_it_was_made(tmp_path):
    out = tmp_path / "set"
    make_set(digits(), out)
    with pytest.raises(UsageError) as caught:
        make_set(digits(), out)
    assert caught.value.code == "output_exists"
    (out / "0" / "mine.txt").write_text("keep me")
    (out / "0" / "9999.png").write_bytes(b"mine too")
    make_set(digits(count=10), out, force=True)
    assert len(rows(out)) == 10
    kept = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert kept["mine.txt"] == b"keep me"  # set aside, where the new set has no place for it
    assert kept["9999.png"] == b"mine too"
    assert len([name for name in kept if name.endswith(".png")]) == 11


@pytest.mark.parametrize("name", ["photos", "photos.zip", "photos.txt"])
def test_what_was_not_made_is_never_replaced(name, tmp_path):
    out = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("recipe.json", json.dumps({"made_by": "somebody"}))
    elif name.endswith(".txt"):
        out.write_text("text")
    else:
        out.mkdir()
        (out / "recipe.json").write_text("not json")
    with pytest.raises(UsageError) as caught:
        check_made_output(out, force=True)
    assert caught.value.code == "make_not_made"
    assert out.exists()


def test_a_recipe_cannot_lead_out_of_its_folder(tmp_path):
    victim = tmp_path / "victim.png"
    victim.write_bytes(b"precious")
    out = tmp_path / "set"
    make_set(digits(), out)
    recipe = json.loads((out / "recipe.json").read_text())
    (out / "recipe.json").write_text(json.dumps({**recipe, "tables": ["../victim.png"]}))
    table = (out / "labels.csv").read_text()
    (out / "labels.csv").write_text(table + "../victim.png,0,font\n" + f"{victim},0,font\n")
    make_set(digits(count=10), out, force=True)
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_a_full_disk_leaves_nothing_behind(name, tmp_path, monkeypatch):
    recipe = digits()

    def full(index):
        if index == 7:
            raise OSError(28, "No space left on device")
        return recipe.make(index)

    broken = type(recipe)(
        kind=recipe.kind, count=30, seed=0, columns=recipe.columns, make=full, facts={}
    )
    with pytest.raises(MachineError) as caught:
        make_set(broken, tmp_path / name)
    assert caught.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_set_leaves_the_old_one(tmp_path):
    out = tmp_path / "set"
    make_set(digits(), out)
    before = contents(out)

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_set(digits(seed=5), out, force=True, progress=stop)
    assert contents(out) == before
    assert [one.name for one in tmp_path.iterdir()] == ["set"]


def test_no_pictures_is_no_set(tmp_path):
    with pytest.raises(UsageError) as caught:
        make_set(digits(count=0), tmp_path / "set")
    assert caught.value.code == "make_count"


# -- what is on them -------------------------------------------------------------------------------


def test_the_answer_of_a_sum_is_what_it_says():
    recipe = sums(count=200)
    for index in range(200):
        ((answer, expression),) = recipe.make(index).rows["labels.csv"]
        python = expression.removesuffix("=?").replace("×", "*")
        first, sign, second = next(
            (a, s, b) for s in "+-*" if s in python for a, _, b in [python.partition(s)]
        )
        value = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}[sign](
            int(first), int(second)
        )
        assert int(answer) == value >= 0


def test_a_grid_shows_what_is_asked_where_it_says():
    recipe = grids(count=50)
    for index in range(50):
        made = recipe.make(index)
        ((asked, places),) = made.rows["labels.csv"]
        cells = {place: shape for place, shape, _ in made.rows["cells.csv"]}
        assert sorted(cells) == list(range(1, 10))
        assert places == " ".join(str(place) for place, shape in cells.items() if shape == asked)
        assert 2 <= len(places.split()) <= 4


def test_a_scene_shows_the_colours_where_the_table_says():
    from imagier.datasets.synthetic import COLOURS

    recipe = shapes(count=60)
    for index in range(60):
        made = recipe.make(index)
        ((_, kind, colour, x, y, size, _, seen),) = made.rows["shapes.csv"]
        assert made.folder == kind
        assert seen == 1
        pixel = made.pixels[int(y * 32), int(x * 32)].astype(int)
        assert np.abs(pixel - COLOURS[colour]).max() < 30
        assert size / 2 <= min(x, y, 1 - x, 1 - y) + 0.01


def test_scenes_of_several_shapes_are_counted():
    recipe = shapes(count=40, most=4)
    for index in range(40):
        made = recipe.make(index)
        assert made.folder == str(len(made.rows["shapes.csv"])) == str(index % 4 + 1)
        assert min(row[-1] for row in made.rows["shapes.csv"]) >= 0.35


def test_letters_keep_their_size_beside_each_other():
    recipe = digits(characters="oO", count=40)
    inks = {"o": [], "O": []}
    for index in range(40):
        made = recipe.make(index)
        levels = made.pixels.astype(float)
        rows_of_ink = (levels < (levels.max() + levels.min()) / 2).any(axis=1)
        inks["oO"[index % 2]].append(rows_of_ink.sum())
    assert np.median(inks["o"]) < 0.9 * np.median(inks["O"])


def test_pictures_are_written_as_they_were_made(tmp_path):
    recipe = shapes()
    make_set(recipe, tmp_path / "set")
    for index, row in enumerate(rows(tmp_path / "set")):
        assert np.array_equal(
            np.asarray(Image.open(tmp_path / "set" / row["path"])), recipe.make(index).pixels
        )
