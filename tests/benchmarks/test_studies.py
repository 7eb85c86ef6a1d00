"""The suite `studies`: both sides are measured on the same pictures, and the figures are right."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from benchmarks import FailedError, colour_contest, quantizers
from benchmarks.peers import imagequant_palette
from imagier.palette import reduce_colours


@pytest.fixture
def photos(tmp_path):
    """Two small photos, smooth with a little noise."""
    y, x = np.mgrid[:40, :60] / 15.0
    for seed in range(2):
        rng = np.random.default_rng(seed)
        waves = [np.sin(x + a) + np.cos(y + b) for a, b in rng.uniform(0, 6, (3, 2))]
        levels = 128 + 55 * np.stack(waves, axis=2) + rng.normal(0, 4, (40, 60, 3))
        Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).save(tmp_path / f"{seed}.png")
    return tmp_path


def pixels_of(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("kind", ["palette", "segment"])
def test_both_sides_take_turns(photos, kind, capsys):
    colour_contest.main(kind, str(photos), "4", "100")
    figures = json.loads(capsys.readouterr().out)
    assert figures["pictures"] == 2
    assert figures["pixels"] == [2400, 2400]
    assert figures["seeds"] == colour_contest.SEEDS
    assert all(ratio > 0 for ratio in figures["ratios"])
    errors = figures["error_ratios"]
    assert figures["error_ratio"] == pytest.approx(np.exp(np.mean(np.log(errors))), abs=1e-3)
    assert 0.8 < figures["error_ratio"] <= figures["worst_error_ratio"] < 1.1


def test_large_pictures_have_the_colours_of_photos(photos, monkeypatch, capsys):
    monkeypatch.setattr(colour_contest, "LARGE", 2)
    monkeypatch.setattr(colour_contest, "PER_COLOUR", (1, 1000))
    colour_contest.main("large", str(photos), "4", "1")
    figures = json.loads(capsys.readouterr().out)
    assert figures["pixels"] == [4 * 2400]
    assert figures["pixels_per_colour"][0] >= 1
    monkeypatch.setattr(colour_contest, "PER_COLOUR", (500, 1000))
    assert list(colour_contest._large(sorted(photos.glob("*.png")))) == []


@pytest.mark.parametrize("name", ["mediancut", "maxcoverage", "fastoctree"])
def test_the_error_of_pillow_is_that_of_its_picture(photos, name, tmp_path):
    figures = quantizers.quantize((name, str(photos), "8"), 0, tmp_path)
    pixels = pixels_of(photos / "0.png")
    method = Image.Quantize[name.upper()]
    theirs = np.asarray(Image.fromarray(pixels).quantize(8, method, dither=0).convert("RGB"))
    expected = reduce_colours(pixels, 8).squared_error / ((theirs - pixels.astype(int)) ** 2).sum()
    assert figures["error_ratios"][0] == pytest.approx(expected, abs=1e-4)
    assert figures["error_ratio"] < 1
    assert figures["pictures"] == 2


def test_no_pictures_is_a_failed_row(tmp_path):
    with pytest.raises(FailedError, match="holds no PNG file"):
        quantizers.quantize(("mediancut", str(tmp_path), "8"), 0, tmp_path)


def test_the_script_of_imagequant_measures_what_it_is_given(photos, monkeypatch, capsys):
    def raw(data, width, height, dithering_level, max_colors):
        levels = np.frombuffer(data, np.uint8).reshape(height, width, 4)
        assert (levels[..., :3] == pixels_of(photos / "1.png")).all()
        assert (dithering_level, max_colors) == (0.0, 2)
        return bytes(width * height), [9, 9, 9, 255, 200, 200, 200, 255]

    fake = SimpleNamespace(quantize_raw_rgba_bytes=raw)
    monkeypatch.setitem(sys.modules, "imagequant", fake)
    imagequant_palette.main("2", str(photos / "1.png"))
    answer = json.loads(capsys.readouterr().out)
    expected = ((pixels_of(photos / "1.png").astype(int) - 9) ** 2).sum()
    assert answer == {"name": "1.png", "squared_error": int(expected)}
