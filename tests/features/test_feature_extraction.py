"""Each picture is looked at once, whatever interrupts; a large set is never held in memory."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imagier.cache import cache_folder
from imagier.features import (
    FeatureEngine,
    View,
    cache,
    extract,
    extraction,
    open_backbone,
    seconds_a_picture,
    with_view,
)
from imagier.images import Prepare

SIDE = 16
PREPARE = Prepare(height=SIDE, width=SIDE, channels=3)
VIEW = View(side=SIDE)
PIXELS = np.random.default_rng(0).integers(0, 256, (50, SIDE, SIDE, 3), dtype=np.uint8)
HASHES = [f"picture{number:02d}" for number in range(50)]
TINY = Path(__file__).parents[1] / "features" / "tiny_backbones.py"


@pytest.fixture(autouse=True)
def _a_cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def backbone(tmp_path):
    spec = importlib.util.spec_from_file_location("tiny_backbones", TINY)
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    return open_backbone(f"{tiny.write(tmp_path / 'tiny.onnx')}:{SIDE}")


def looks(backbone, rows=slice(None), *, view=VIEW, prepare=PREPARE):
    return list(
        extract(backbone, PIXELS[rows], HASHES[rows], prepare=prepare, view=view, threads=1)
    )


def plain(backbone, view=VIEW):
    graph = backbone.graph((SIDE, SIDE, 3), full_scale=255, views=(view,))
    return FeatureEngine(graph, path="tiny").run(PIXELS)


def test_features_are_those_of_the_backbone(backbone):
    last = looks(backbone)[-1]
    np.testing.assert_array_equal(last.features, plain(backbone))
    assert (last.done, last.total, last.extracted, last.notes) == (50, 50, 50, ())


def test_nothing_is_looked_at_twice(backbone):
    first = looks(backbone, slice(0, 30))[-1]
    again = looks(backbone, slice(0, 30))[-1]
    more = looks(backbone)[-1]
    assert (first.extracted, again.extracted, more.extracted) == (30, 0, 20)
    np.testing.assert_array_equal(again.features, first.features)
    np.testing.assert_array_equal(more.features, plain(backbone))


def test_another_order_finds_the_same(backbone):
    looks(backbone)
    backwards = looks(backbone, slice(None, None, -1))[-1]
    assert backwards.extracted == 0
    np.testing.assert_array_equal(backwards.features, plain(backbone)[::-1])


@pytest.mark.parametrize(
    "other",
    [
        {"view": View(side=SIDE, mirrored=True)},
        {"view": View(side=12)},
        {"prepare": Prepare(height=SIDE, width=SIDE, channels=3, fit="crop")},
    ],
)
def test_other_looks_have_their_own_place(backbone, other):
    looks(backbone)
    assert looks(backbone, **other)[-1].extracted == 50


def test_identical_pictures_are_looked_at_once(backbone):
    rows = np.array([0, 1, 0, 2, 1, 0])
    hashes = np.array(HASHES)[rows]
    last = list(extract(backbone, PIXELS[rows], hashes, prepare=PREPARE, view=VIEW))[-1]
    assert last.extracted == 3
    np.testing.assert_array_equal(last.features, plain(backbone)[rows])
    last = list(extract(backbone, PIXELS[rows], hashes, prepare=PREPARE, view=VIEW))[-1]
    assert last.extracted == 0
    np.testing.assert_array_equal(last.features, plain(backbone)[rows])


def test_what_was_looked_at_before_a_stop_is_kept(backbone, monkeypatch):
    monkeypatch.setattr(extraction, "STEP_SECONDS", 0.0)
    for step in extract(backbone, PIXELS, HASHES, prepare=PREPARE, view=VIEW):
        if step.extracted >= 16:
            break  # as Ctrl-C does: the generator is closed
    last = looks(backbone)[-1]
    assert 16 <= 50 - last.extracted < 50
    np.testing.assert_array_equal(last.features, plain(backbone))


KILLED = """
import os, sys
import numpy as np
from imagier.images import Prepare
from imagier.features import View, open_backbone
from imagier.features import extract, extraction

extraction.PACK_ROWS, extraction.STEP_SECONDS = 20, 0.0
pixels = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 3), dtype=np.uint8)
hashes = [f"picture{number:02d}" for number in range(50)]
prepare = Prepare(height=16, width=16, channels=3)
backbone = open_backbone(sys.argv[1])
for step in extract(backbone, pixels, hashes, prepare=prepare, view=View(side=16), threads=1):
    if step.extracted >= 48:
        os.kill(os.getpid(), 9)
"""


def test_killed_in_the_middle_it_goes_on_from_there(backbone):
    command = [sys.executable, "-c", KILLED, backbone.name]
    assert subprocess.run(command, check=False).returncode == -9
    last = looks(backbone)[-1]
    assert 10 <= last.extracted <= 34  # one pack was there, of the 48 looked at
    np.testing.assert_array_equal(last.features, plain(backbone))


@pytest.mark.parametrize("ending", [".json", ".npy"])
def test_a_damaged_pack_is_made_again(backbone, ending):
    looks(backbone)
    (file,) = cache_folder("features").glob(f"*/*{ending}")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    last = looks(backbone)[-1]
    assert last.extracted == 50
    assert "damaged" in last.notes[0]
    np.testing.assert_array_equal(last.features, plain(backbone))


def test_without_a_cache_it_goes_on(backbone, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the cache would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    last = looks(backbone)[-1]
    assert len(last.notes) == 1
    np.testing.assert_array_equal(last.features, plain(backbone))


def test_the_cache_keeps_its_size(backbone, monkeypatch):
    looks(backbone)
    monkeypatch.setattr(cache, "LIMIT", 100)
    looks(backbone, view=View(side=12))
    assert looks(backbone, view=View(side=12))[-1].extracted == 0
    assert looks(backbone)[-1].extracted == 50


def test_bounded_features_are_rounded_from_the_start():
    backbone = open_backbone("features:32")
    steps = [
        list(extract(backbone, PIXELS[:4], HASHES[:4], prepare=PREPARE, view=View(side=32)))[-1]
        for _ in range(2)
    ]
    assert [step.extracted for step in steps] == [4, 0]
    assert steps[0].features.dtype == np.float16
    np.testing.assert_array_equal(steps[0].features, steps[1].features)


def test_some_rows_only(backbone):
    rows = np.array([30, 2, 41])
    steps = extract(backbone, PIXELS, HASHES, prepare=PREPARE, view=VIEW, rows=rows, threads=1)
    last = list(steps)[-1]
    assert (last.done, last.total, last.extracted) == (3, 3, 3)
    np.testing.assert_array_equal(last.features, plain(backbone)[rows])


def test_a_view_more_joins_the_mean_of_those_before(monkeypatch):
    monkeypatch.setattr(extraction, "PACK_ROWS", 3)
    tables = [np.random.default_rng(seed).normal(size=(8, 5)).astype("f2") for seed in range(3)]
    before = [table.copy() for table in tables]
    found = with_view(with_view(tables[0], tables[1], views=1), tables[2], views=2)
    np.testing.assert_allclose(found, np.mean(tables, axis=0, dtype=np.float32), atol=2e-3)
    assert found.dtype == np.float16
    for table, old in zip(tables, before, strict=True):
        np.testing.assert_array_equal(table, old)


def test_no_pictures_at_all(backbone):
    assert looks(backbone, slice(0, 0))[-1].features.shape == (0, backbone.outputs)


LARGE = """
import resource, sys
import numpy as np
from pathlib import Path
from imagier.images import Prepare
from imagier.features import View, open_backbone
from imagier.features import extract

def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

n = 500
pixels = np.memmap(sys.argv[2], np.uint8, "w+", shape=(n, 224, 224, 3))
hashes = [f"{number:032x}" for number in range(n)]
prepare = Prepare(height=224, width=224, channels=3)
backbone = open_backbone(sys.argv[1])
before = peak = anonymous()
for step in extract(backbone, pixels, hashes, prepare=prepare, view=View(side=32), threads=1):
    peak = max(peak, anonymous())
print(peak - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of the process from /proc")
def test_a_mapped_set_is_not_drawn_into_memory(backbone, tmp_path):
    command = [sys.executable, "-c", LARGE, backbone.name, str(tmp_path / "pixels")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 40_000  # kB; the pictures are 75,000 kB


def test_the_pace_is_told_in_seconds(backbone):
    assert 0 < seconds_a_picture(backbone, side=SIDE, threads=1) < 1
