"""The audit of whole sources: what was planted is found, nothing is changed, chance is repeated."""

import numpy as np
import pytest
from PIL import Image

from imagier.learning import TrainOptions
from imagier.learning.audit import audit_source
from imagier.learning.data import DataSource


def write(folder, n=30, *, side=48, seed=0):
    """Write lying and standing stripes into two class folders."""
    rng = np.random.default_rng(seed)
    for name, axis in (("lying", 0), ("standing", 1)):
        (folder / name).mkdir(parents=True)
        for number in range(n):
            wave = 90 * np.sin(np.arange(side) * rng.uniform(0.7, 1.4) + rng.uniform(0, 6))
            levels = 128 + (wave[:, None] if axis == 0 else wave[None, :])
            levels = levels + rng.normal(0, 20, (side, side))
            image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
            image.save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def small(tmp_path):
    return write(tmp_path / "small")


def test_a_wrong_name_is_found(small):
    (small / "lying" / "7.png").replace(small / "standing" / "wrong.png")
    audit = audit_source(small)
    errors = audit.judgement.label_errors
    worst = errors.ranking[0]
    assert audit.dataset.names[worst] == "standing/wrong.png"
    assert audit.dataset.classes[errors.suggested[worst]] == "lying"
    assert audit.judgement.described_by == "edges"
    assert audit.judgement.accuracy > 0.9


def test_files_that_cannot_be_read_are_named(small):
    (small / "lying" / "broken.png").write_bytes(b"nothing")
    audit = audit_source(small)
    assert [(one.path, one.code) for one in audit.unreadable] == [
        ("lying/broken.png", "not_an_image")
    ]


def test_nothing_is_changed_and_the_same_is_found_again(small):
    def state():
        return {path: path.read_bytes() for path in small.rglob("*.png")}

    before = state()
    first, second = audit_source(small, seed=3), audit_source(small, seed=3)
    assert state() == before
    assert np.array_equal(first.judgement.label_errors.scores, second.judgement.label_errors.scores)
    assert first.cues == second.cues


def test_photos_are_looked_at_by_the_backbone(tmp_path):
    folder = write(tmp_path / "photos", 12, side=140)
    photo = Image.open(folder / "lying" / "3.png")
    photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(folder / "lying" / "mirrored.png")
    audit = audit_source(folder)
    assert audit.judgement.described_by == "features"
    groups = [{audit.dataset.names[row] for row in one.rows} for one in audit.duplicates.groups]
    assert {"lying/3.png", "lying/mirrored.png"} in groups


def test_photos_without_a_backbone_are_judged_by_edges(tmp_path, monkeypatch):
    monkeypatch.setattr("imagier.learning.audit.is_backbone_installed", lambda: False)
    audit = audit_source(write(tmp_path / "photos", 12, side=140))
    assert audit.judgement.described_by == "edges"
    assert audit.judgement.accuracy > 0.9


def test_series_make_the_figure_honest(tmp_path):
    """Frames of one object in two classes that differ in nothing: only memory tells them apart."""
    rng = np.random.default_rng(0)
    for number in range(16):
        folder = tmp_path / "frames" / ("even" if number % 2 == 0 else "odd")
        folder.mkdir(parents=True, exist_ok=True)
        thing = np.kron(rng.integers(30, 225, (6, 6, 3)), np.ones((8, 8, 1)))
        for frame in range(8):
            levels = np.roll(thing, frame // 2, axis=1) + rng.normal(0, 12, thing.shape)
            image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
            image.save(folder / f"{number:05d}_{frame:05d}.png")
    audit = audit_source(tmp_path / "frames")
    assert audit.series.groups == 16
    assert audit.judgement.accuracy > 0.9
    assert audit.judgement.accuracy_by_series < 0.75
    grouped = audit_source(tmp_path / "frames", group_from=audit.series.pattern)
    assert grouped.series is None
    data = DataSource(
        tmp_path / "frames", TrainOptions(group_from=r"^(\d+)_"), None, lambda _: None
    )
    assert len(set(data.listing.groups)) == 16


def test_one_class_is_audited_without_judging_names(tmp_path):
    folder = write(tmp_path / "two")
    for path in (folder / "standing").iterdir():
        path.unlink()
    (folder / "standing").rmdir()
    alone = audit_source(folder)
    assert alone.judgement is None
    assert alone.cues == ()
    assert any("not judged" in note for note in alone.notes)


def test_names_given_by_chance_are_not_judged(small):
    rng = np.random.default_rng(5)
    for path in sorted(small.rglob("*.png")):
        name = rng.choice(["lying", "standing"])
        path.rename(small / name / f"{path.parent.name}_{path.stem}x.png")
    audit = audit_source(small)
    assert audit.judgement is None
    assert any("no more of them" in note for note in audit.notes)


def test_pictures_too_small_for_a_thumbnail_are_not_black(tmp_path):
    """What is small in one class and large in the other differs in size, not in brightness."""
    rng = np.random.default_rng(0)
    for number in range(60):
        folder = tmp_path / "sizes" / ("small" if number % 2 else "large")
        folder.mkdir(parents=True, exist_ok=True)
        side = 50 if number % 2 else 90
        levels = np.kron(rng.integers(0, 256, (10, 10, 3)), np.ones((side // 10, side // 10, 1)))
        Image.fromarray(levels.astype(np.uint8)).save(folder / f"{number}.png")
    cues = {cue.name: cue for cue in audit_source(tmp_path / "sizes").cues}
    assert cues["height"].is_suspicious
    assert not cues["brightness"].is_suspicious
