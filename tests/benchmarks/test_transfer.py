"""The suite `transfer`: each row asks for the same held-out pictures, by commands as users type."""

import json

import numpy as np
import pytest

from benchmarks import FailedError
from benchmarks.rows.transfer import TRANSFER
from benchmarks.transfer import transfer

OPTIONS = ("--network", "linear", "--epochs", "2")


@pytest.fixture
def sets(tmp_path, monkeypatch):
    """Two small sets of two signs, a stroke that lies or stands, of 16 and 20 pixels."""
    for name, side in (("one", 16), ("two", 20)):
        generator = np.random.default_rng(side)
        labels = np.arange(120) % 2
        pictures = np.zeros((120, side, side), np.uint8)
        for picture, label in zip(pictures, labels, strict=True):
            place = int(generator.integers(4, side - 6))
            picture[place : place + 2, 2:-2] = 180 + int(generator.integers(60))
            picture[:] = picture.T if label else picture
        np.savez(tmp_path / f"{name}.npz", x=pictures, y=labels)
    monkeypatch.chdir(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    return work


def test_each_row_is_a_command_on_the_same_pictures(sets):
    ways = {
        "itself": ("two.npz", "two.npz", "0"),
        "other": ("two.npz", "one.npz", "0"),
        "on": ("two.npz", "one.npz", "20"),
        "alone": ("two.npz", "nothing", "20"),
    }
    rows = {name: transfer((*way, *OPTIONS), 0, sets) for name, way in ways.items()}
    held_out = sum(
        line.endswith(",test")
        for line in (sets / "two.npz-0.imagier" / "split.csv").read_text().splitlines()
    )
    assert {row["n"] for row in rows.values()} == {held_out}
    assert all(0 <= row["accuracy"] <= 1 for row in rows.values())
    assert rows["other"]["command"].startswith("imagier test one.npz-0.imagier two.npz-test-all")
    assert "--init one.npz-0.imagier" in rows["on"]["command"]
    assert "--init" not in rows["alone"]["command"]
    plan = json.loads((sets / "two.npz-20-of-one.npz-0.imagier" / "model.json").read_text())["plan"]
    assert plan["init_name"] == "one.npz-0.imagier"


def test_the_few_are_drawn_evenly_from_what_is_learnt_from(sets):
    transfer(("two.npz", "nothing", "20", *OPTIONS), 0, sets)
    few = np.load(sets / "two.npz-train-20-0.npz")
    tested = np.load(sets / "two.npz-test-all-0.npz")
    assert np.unique(few["y"], return_counts=True)[1].tolist() == [10, 10]
    assert not {one.tobytes() for one in few["x"]} & {one.tobytes() for one in tested["x"]}


def test_what_fails_says_why(sets):
    with pytest.raises(FailedError):
        transfer(("none.npz", "none.npz", "0", *OPTIONS), 0, sets)


def test_both_ways_have_the_same_rows():
    assert [row.name.split(" learnt")[0] for row in TRANSFER] == ["usps"] * 4 + ["mnist"] * 4
