import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = "segment"


@pytest.fixture
def segment(command):
    return command


def flag(name, height=60, width=90):
    """Three stripes with a little noise."""
    colours = np.array([[20, 60, 160], [240, 240, 240], [220, 30, 40]])
    pixels = colours[np.arange(width) * 3 // width][None].repeat(height, axis=0)
    noisy = pixels + np.random.default_rng(0).integers(-4, 5, pixels.shape)
    Image.fromarray(noisy.astype(np.uint8)).save(name)


def read(name):
    with Image.open(name) as image:
        return np.asarray(image)


def test_three_stripes(segment):
    flag("flag.png")
    code, out, err = segment("flag.png", "-k", "3")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "flag.png: 60 × 90 pixels, 3 segments"
    assert "l = 8.028, a = 1.000" in lines[1]
    assert [line.split()[0] for line in lines[3:6]] == ["1", "2", "3"]
    assert lines[3].endswith("around (14, 30), in 1 piece")


def test_in_french(segment):
    flag("flag.png")
    _, out, _ = segment("flag.png", "-k", "3", language="fr")
    assert "flag.png\u00a0: 60 × 90 pixels, 3 segments" in out
    assert "autour de (14, 30), en 1 morceau" in out


def test_everything_for_programs(facts):
    flag("flag.png")
    answer = facts("flag.png", "-k", "3", "--weights", "1,1,2,3")
    assert answer["weights"] == [1, 1, 2, 3]
    assert answer["k"] == 3
    assert [one["pixels"] for one in answer["segments"]] == [1800] * 3
    assert [one["box"] for one in answer["segments"]] == [
        [0, 0, 30, 60], [30, 0, 60, 60], [60, 0, 90, 60]
    ]  # fmt: skip
    assert answer["segments"][0]["centre"] == [14.5, 29.5]
    assert sum(one["share"] for one in answer["segments"]) == pytest.approx(1)
    assert (answer["out"], answer["outlines"], answer["masks"], answer["table"]) == (None,) * 4


def test_the_files(facts):
    flag("flag.png")
    words = ("--out", "flat.png", "--outlines", "lines.png", "--masks", "masks", "--table", "t.csv")
    answer = facts("flag.png", "-k", "3", *words)
    assert answer["masks"] == "masks"
    assert len(np.unique(read("flat.png").reshape(-1, 3), axis=0)) == 3
    changed = (read("lines.png") != read("flag.png")).any(axis=2)
    assert set(np.flatnonzero(changed.any(axis=0)).tolist()) == {29, 59}
    masks = [read(f"masks/segment-{number}.png") for number in (1, 2, 3)]
    assert (np.sum(masks, axis=0, dtype=int) == 255).all()
    with Path("t.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["pixels"] for row in rows] == ["1800"] * 3
    assert [row["pieces"] for row in rows] == ["1"] * 3


def test_fewer_points_than_segments(segment):
    Image.new("RGB", (2, 1), "red").save("two.png")
    code, out, err = segment("two.png", "-k", "5", "--json")
    answer = json.loads(out)
    assert (code, answer["k"], answer["inertia"]) == (0, 2, 0)
    assert "has only 2 distinct points, not 5" in err


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("missing.png",), 4, "missing"),
        (("flag.png", "-k", "0"), 2, "usage"),
        (("flag.png", "-k", "300"), 2, "usage"),
        (("flag.png", "--weights", "1,1,1"), 2, "distance_weights"),
        (("flag.png", "--weights", "0,0,0,0"), 2, "distance_weights"),
        (("flag.png", "--out", "f.jpg"), 2, "output_kind"),
        (("flag.png", "--table", "f.png"), 2, "output_kind"),
        (("flag.png", "--outlines", "flag.png", "--force"), 2, "output_is_input"),
        (("flag.png", "--masks", "there"), 2, "output_exists"),
        (("clear.png",), 4, "segment_nothing"),
        (("flag.png", "flag.png"), 2, "extra_words"),
    ],
)
def test_what_is_refused(segment, words, exit_code, code):
    flag("flag.png")
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save("clear.png")
    Path("there").mkdir()
    Path("there/segment-3.png").write_text("mine", "ascii")
    given, out, _ = segment(*words, "--json")
    assert (given, json.loads(out)["error"]["code"]) == (exit_code, code)
    assert Path("there/segment-3.png").read_text("ascii") == "mine"
