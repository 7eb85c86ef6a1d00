import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = "palette"


@pytest.fixture
def palette(command):
    return command


@pytest.fixture
def facts(palette):
    def call(*words):
        code, out, err = palette(*words, "--json")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    return call


@pytest.fixture
def refusal(palette):
    def call(*words):
        code, out, _ = palette(*words, "--json")
        return code, json.loads(out.splitlines()[-1])["error"]

    return call


def photo(name, shape=(60, 80), seed=0):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]] / 20.0
    waves = [np.sin(x + a) + np.cos(y + b) for a, b in rng.uniform(0, 6, (3, 2))]
    levels = 128 + 55 * np.stack(waves, axis=2) + rng.normal(0, 6, (*shape, 3))
    pixels = np.clip(levels, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(name)
    return pixels


def read(name, mode="RGB"):
    with Image.open(name) as image:
        return np.asarray(image.convert(mode))


def depth(name):
    return Path(name).read_bytes()[24]


# One picture


def test_the_deck_photo(palette, facts):
    photo("photo.png", (387, 469))
    code, out, err = palette("photo.png", "-k", "16", "--out", "few.png")
    assert (code, err) == (0, "Written: few.png\n")
    assert "387 × 469 = 181,503 pixels" in out
    assert (
        "Memory: 4 bits a pixel instead of 24: 90,752 bytes + 48 for the table, instead of 544,509;"
        " gain 5.997"
    ) in out
    assert "rows on whole bytes 90,945 bytes" in out
    assert depth("few.png") == 4
    (answer,) = facts("photo.png", "-k", "16")
    assert answer["bytes"] == Path("few.png").stat().st_size
    assert (answer["k"], answer["bits_per_pixel"], answer["out"]) == (16, 4, None)
    assert sum(colour[4] for colour in answer["colours"]) == 181_503


def test_in_french(palette):
    photo("photo.png")
    _, out, err = palette("photo.png", "--out", "few.png", language="fr")
    assert err == "Écrit\u00a0: few.png\n"
    assert "Mémoire\u00a0: 4 bits par pixel au lieu de 24" in out


def test_the_figures_are_those_of_the_file(facts):
    pixels = photo("photo.png")
    (answer,) = facts("photo.png", "-k", "5", "--out", "few.png")
    few = read("few.png")
    mse = ((few.astype(float) - pixels) ** 2).mean()
    assert answer["mse"] == pytest.approx(mse)
    assert answer["psnr"] == pytest.approx(10 * np.log10(255**2 / mse))
    listed = {tuple(colour[1:4]): colour[4] for colour in answer["colours"]}
    found, counts = np.unique(few.reshape(-1, 3), axis=0, return_counts=True)
    assert listed == dict(zip(map(tuple, found.tolist()), counts.tolist(), strict=True))
    assert [colour[0] for colour in answer["colours"]] == list(range(5))
    assert 0 < answer["seconds"] < 60
    assert answer["error"] is None


@pytest.mark.parametrize(("k", "bits"), [("2", 1), ("4", 2), ("16", 4), ("17", 8)])
def test_the_bits_of_the_file(facts, k, bits):
    photo("photo.png")
    (answer,) = facts("photo.png", "-k", k, "--out", "few.png")
    assert answer["bits_per_pixel"] == depth("few.png") == bits


def test_fewer_colours_than_asked_for(palette):
    Image.fromarray(np.array([[0, 128, 255]], np.uint8)).save("grey.png")
    code, out, err = palette("grey.png", "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["k"], answer["mse"], answer["psnr"]) == (3, 0, None)
    assert "has only 3 colours, not 16" in err


def test_weights_space_dithering_and_fixed_colours(facts):
    photo("photo.png")
    (plain,) = facts("photo.png", "-k", "8")
    for words in (("--weights", "1,1,9"), ("--space", "oklab"), ("--dither",)):
        (other,) = facts("photo.png", "-k", "8", *words)
        assert other["colours"] != plain["colours"], words
    (fixed,) = facts("photo.png", "-k", "8", "--fix", "#ff00ff", "--fix", "000")
    assert [colour[1:4] for colour in fixed["colours"][:2]] == [[255, 0, 255], [0, 0, 0]]


def test_the_fewest_colours_for_a_quality(facts):
    photo("photo.png")
    (answer,) = facts("photo.png", "--quality", "30")
    (fewer,) = facts("photo.png", "-k", str(answer["k"] - 1))
    assert answer["psnr"] >= 30 > fewer["psnr"]


def test_a_quality_out_of_reach_is_said(palette):
    photo("photo.png")
    code, out, err = palette("photo.png", "--quality", "99", "--json")
    assert (code, json.loads(out)["k"]) == (0, 256)
    assert "do not reach a PSNR of 99 dB" in err


def test_the_table(palette):
    photo("photo.png")
    assert palette("photo.png", "-k", "6", "--table", "t.csv")[0] == 0
    with Path("t.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["k"]) for row in rows] == [2, 4, 6, 8, 16, 32, 64, 128, 256]
    errors = [float(row["mse"]) for row in rows]
    assert errors == sorted(errors, reverse=True)
    assert {row["path"] for row in rows} == {"photo.png"}
    assert 0 < float(rows[0]["ssim"]) < float(rows[-1]["ssim"]) < 1


def test_no_spreadsheet_runs_the_name_of_a_picture(palette):
    names = ["=1+1.png", 'a "b", c.png']
    for name in names:
        photo(name, (6, 6))
    assert palette(*names, "-k", "2", "--table", "t.csv", "--quiet")[0] == 0
    with Path("t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["path"] for row in rows} == {"'=1+1.png", 'a "b", c.png'}
    assert all(None not in row and None not in row.values() for row in rows)


# What pictures can be


def test_a_sprite_keeps_its_transparency(facts):
    pixels = photo("base.png")
    opacity = np.full((60, 80), 255, np.uint8)
    opacity[:20] = 0
    Image.fromarray(np.dstack([pixels, opacity])).save("sprite.png")
    (answer,) = facts("sprite.png", "-k", "4", "--out", "few.png")
    assert (answer["transparent"], answer["k"], depth("few.png")) == (0, 4, 2)
    assert answer["colours"][0][4] == 20 * 80
    assert (read("few.png", "RGBA")[..., 3] == opacity).all()


def test_half_transparent_pixels_are_said(palette):
    levels = np.full((4, 4, 4), 100, np.uint8)
    levels[0, :, 3], levels[1, :, 3], levels[2:, :, 3] = 50, 200, 255
    Image.fromarray(levels).save("glass.png")
    _, _, err = palette("glass.png", "--out", "few.png")
    assert "has 8 pixels that are neither opaque nor transparent" in err
    assert read("few.png", "RGBA")[..., 3].tolist() == [[0] * 4, *[[255] * 4] * 3]


def test_a_fully_transparent_picture(facts):
    Image.new("RGBA", (5, 4), (9, 9, 9, 0)).save("nothing.png")
    (answer,) = facts("nothing.png", "--out", "few.png", "--quiet")
    assert (answer["k"], answer["colours"][0][4], answer["mse"]) == (1, 20, 0)
    assert (read("few.png", "RGBA")[..., 3] == 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1)])
def test_thin_pictures(facts, shape):
    pixels = photo("thin.png", shape)
    (answer,) = facts("thin.png", "-k", "64", "--out", "few.png", "--quiet")
    assert (read("few.png") == pixels).all()
    assert answer["psnr"] is None


def test_sixteen_bits_and_cmyk(facts):
    Image.fromarray(np.arange(0, 60000, 1000, dtype=np.uint16).reshape(6, 10)).save("deep.png")
    (answer,) = facts("deep.png", "-k", "256", "--quiet")
    assert answer["colours"][-1][1:4] == [round(59000 / 257)] * 3
    Image.fromarray(photo("rgb.png")).convert("CMYK").save("print.tif")
    assert facts("print.tif", "-k", "4")[0]["k"] == 4


def test_the_first_frame_of_a_moving_picture_is_said(palette):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save("moving.gif", save_all=True, append_images=frames[1:])
    code, out, err = palette("moving.gif", "--json")
    assert code == 0
    assert "holds several pictures: the first is taken" in err
    assert json.loads(out)["colours"] == [[0, 254, 0, 0, 64]] or json.loads(out)["colours"] == [
        [0, 255, 0, 0, 64]
    ]


# Many pictures


def test_a_folder_of_pictures(facts):
    Path("in").mkdir()
    for seed in range(3):
        photo(f"in/{seed}.png", seed=seed)
    answers = facts("in", "-k", "8", "--out", "few")
    assert [answer["out"] for answer in answers] == [f"few/{seed}.png" for seed in range(3)]
    assert len({json.dumps(answer["colours"]) for answer in answers}) == 3


def test_one_palette_for_many(facts):
    for seed in range(3):
        photo(f"{seed}.png", seed=seed)
    answers = facts("0.png", "1.png", "2.png", "-k", "8", "--shared", "--out", "few")
    palettes = {json.dumps([colour[:4] for colour in answer["colours"]]) for answer in answers}
    assert len(palettes) == 1
    tables = {Path(f"few/{seed}.png").read_bytes().split(b"PLTE")[1][:24] for seed in range(3)}
    assert len(tables) == 1


def test_one_bad_picture_among_good_ones(palette):
    photo("good.png")
    Path("bad.png").write_bytes(b"not a picture")
    code, out, err = palette("bad.png", "good.png", "--json")
    bad, good = map(json.loads, out.splitlines())
    assert code == 0
    assert bad.keys() == good.keys()
    assert (bad["error"]["code"], bad["k"], good["error"]) == ("not_an_image", None, None)
    assert "bad.png" in err
    assert palette("bad.png", "good.png", "--strict")[0] == 3


# Refusals


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("missing.png",), 2, "nothing_found"),
        (("photo.png", "-k", "0"), 2, "usage"),
        (("photo.png", "-k", "257"), 2, "usage"),
        (("photo.png", "-k", "2.5"), 2, "usage"),
        (("photo.png", "--weights", "1,1"), 2, "distance_weights"),
        (("photo.png", "--weights", "0,0,0"), 2, "distance_weights"),
        (("photo.png", "--weights", "1,nan,1"), 2, "distance_weights"),
        (("photo.png", "--weights", "a,b,c"), 2, "distance_weights"),
        (("photo.png", "--fix", "pink"), 2, "palette_colour"),
        (("photo.png", "-k", "1", "--fix", "#000", "--fix", "#fff"), 2, "palette_fixed"),
        (("photo.png", "-k", "4", "--quality", "30"), 2, "palette_quality"),
        (("photo.png", "--shared", "--quality", "30"), 2, "palette_quality"),
        (("photo.png", "--space", "lab"), 2, "usage"),
        (("photo.png", "--out", "f.jpg"), 2, "output_kind"),
        (("photo.png", "--table", "f.txt"), 2, "output_kind"),
        (("photo.png", "other.png", "--out", "f.png"), 2, "output_many"),
        (("photo.png", "sub/photo.png", "--out", "few"), 2, "output_same_name"),
        (("photo.png", "--out", "."), 2, "output_is_input"),
        (("broken.png",), 4, "not_an_image"),
    ],
)
def test_what_is_refused(refusal, words, exit_code, code):
    Path("sub").mkdir()
    for name in ("photo.png", "other.png", "sub/photo.png"):
        photo(name, (6, 6))
    Path("broken.png").write_bytes(b"not a picture")
    given, error = refusal(*words)
    assert (given, error["code"]) == (exit_code, code)


def test_a_file_that_is_there_is_not_replaced_unasked(refusal, facts):
    photo("photo.png")
    Path("few.png").write_text("mine", "ascii")
    code, error = refusal("photo.png", "--out", "few.png")
    assert (code, error["code"]) == (2, "output_exists")
    assert Path("few.png").read_text("ascii") == "mine"
    facts("photo.png", "--out", "few.png", "--force")
    assert depth("few.png") == 4


def test_the_picture_that_is_read_is_never_replaced(refusal):
    pixels = photo("photo.png")
    code, error = refusal("photo.png", "--out", "photo.png", "--force")
    assert (code, error["code"]) == (2, "output_is_input")
    assert (read("photo.png") == pixels).all()


def test_what_is_not_installed_is_said(palette, monkeypatch):
    import imagier.kmeans.engine

    def missing(name):
        raise ModuleNotFoundError("No module named 'numba'", name="numba")

    photo("photo.png")
    monkeypatch.setattr(imagier.kmeans.engine, "import_module", missing)
    imagier.kmeans.engine.compiled.cache_clear()
    needs = ['numba>=0.61; extra == "studies"']
    monkeypatch.setattr("imagier.doctor.parts.metadata.requires", lambda _: needs)
    monkeypatch.setattr("imagier.doctor.parts._installed", lambda _: "")
    code, _, err = palette("photo.png")
    imagier.kmeans.engine.compiled.cache_clear()
    assert code == 5
    assert "numba, which this command needs, is not installed" in err
    assert "pip install" in err
