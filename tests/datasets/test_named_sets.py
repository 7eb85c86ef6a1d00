import gzip
import io
import os
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from imagier.datasets.sources import named
from imagier.datasets.sources.cifar import CIFAR_CLASSES, open_cifar
from imagier.datasets.sources.named import NAMED_SETS, find_named, open_named
from imagier.datasets.sources.opening import open_source
from imagier.errors import DataError, MachineError
from imagier.i18n import use_language

DATA = Path(os.environ.get("IMAGIER_DATA") or "nowhere")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine with no data set, no cache and no network."""
    for variable, folder in {
        "XDG_DATA_HOME": "own",
        "XDG_DATA_DIRS": "shared",
        "XDG_CACHE_HOME": "cache",
        "IMAGIER_DATA": "given",
    }.items():
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.setattr(named, "_SYSTEM_FOLDERS", ())
    return tmp_path


def idx_set(zoo, folder, shade=0):
    files = {}
    for part in ("train", "t10k"):
        pixels = np.full((10, 2, 2), shade, np.uint8)
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(zoo.idx(pixels))
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(
            zoo.idx(np.arange(10, dtype=np.uint8))
        )
    return zoo.write_tree(folder, files)


def test_the_digits_are_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    digits = datasets.load_digits()
    listing = open_named("digits")
    assert (listing.pictures.array[..., 0] == digits.images).all()
    assert listing.labels == tuple(str(label) for label in digits.target)
    assert listing.full_scale == listing.pictures.array.max() == 16
    assert listing.names[:2] == ("digits/0", "digits/1")
    assert set(listing.parts) == {""}


def test_the_digits_need_no_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert len(open_named("digits").labels) == 1797


def test_the_file_of_the_digits_is_small_and_says_whose_it_is():
    file = find_named("digits")
    assert file.stat().st_size < 60_000
    text = file.with_name("digits.LICENSE.txt").read_text("utf-8")
    assert all(word in text for word in ("Alpaydin", "BSD 3-Clause", "Creative Commons", "UCI"))


def test_places_are_searched_in_order(zoo, bare):
    for shade, place in enumerate(("shared/datasets", "own/datasets", "given"), start=1):
        idx_set(zoo, bare / place / "mnist", shade)
        listing = open_named("mnist")
        assert listing.pictures.array.max() == shade, place
    assert listing.name == "mnist"
    assert listing.parts == ("train",) * 10 + ("test",) * 10


def test_a_folder_without_the_files_is_passed_by(zoo, bare):
    (bare / "given" / "mnist").mkdir()
    idx_set(zoo, bare / "own" / "datasets" / "mnist")
    assert len(open_named("mnist")) == 20


def test_fashion_has_its_class_names(zoo, bare):
    idx_set(zoo, bare / "given" / "fashion-mnist")
    listing = open_named("fashion-mnist")
    assert listing.name == "fashion-mnist"
    assert listing.labels[:2] == ("T-shirt/top", "Trouser")
    assert listing.labels[9] == "Ankle boot"


def test_cifar_is_found_as_a_zip_of_folders(zoo, bare):
    import zipfile

    with zipfile.ZipFile(bare / "given" / "cifar10-train.zip", "w") as archive:
        archive.writestr("cat/1.png", zoo.png())
        archive.writestr("dog/2.png", zoo.png(1))
    assert (open_named("cifar10").name, len(open_named("cifar10"))) == ("cifar10", 2)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10"])
def test_without_network_the_next_step_is_told(bare, name):
    with use_language("en"), pytest.raises(MachineError) as caught:
        open_named(name, mirrors=["http://127.0.0.1:9/"])
    with use_language("en"):
        assert f"IMAGIER_DATA to a folder that holds {name}" in caught.value.next_step
        assert ("apt-get install dataset-fashion-mnist" in caught.value.next_step) == (
            name == "fashion-mnist"
        )


@pytest.mark.parametrize("entry", ["usps/usps.npz", "usps/usps-train.npz", "usps.npz"])
def test_usps_is_found_where_it_was_put(bare, entry):
    place = bare / "given" / entry
    place.parent.mkdir(exist_ok=True)
    digits = np.zeros((20, 16, 16), np.uint8)
    digits[:, 4:12, 7:9] = 200
    np.savez(place, x_train=digits, y_train=np.arange(20, dtype=np.uint8) % 10)
    listing = open_source("usps")
    assert (listing.name, len(listing), listing.classes) == ("usps", 20, tuple("0123456789"))
    assert find_named("usps") == place


def test_a_set_that_nothing_offers_is_asked_for(bare):
    with use_language("en"), pytest.raises(MachineError) as caught:
        open_source("usps")
    assert caught.value.code == "set_not_offered"
    assert "IMAGIER_DATA to a folder that holds usps/usps.npz" in caught.value.next_step
    assert not (bare / "cache" / "imagier" / "datasets").exists()


def test_known_files_are_told_by_checksum_and_come_over_https():
    for known in named._SETS.values():
        assert all(mirror.startswith("https://") for mirror in known.mirrors)
        assert all(mirror.endswith("/") for mirror in known.mirrors)
        assert all(len(file.sha256) == 64 and file.size > 4000 for file in known.files)


def cifar_archive(per_file=3):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        names = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
        for number, name in enumerate([*names, "batches.meta.txt"]):
            records = np.zeros((per_file, 3073), np.uint8)
            records[:, 0] = number
            records[:, 1 : 1 + 1024] = 200  # red
            content = records.tobytes() if name.endswith("bin") else b"airplane\n"
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def test_the_authors_archive_is_read_without_unpacking(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(cifar_archive())
    listing = open_cifar(path)
    assert listing.parts == ("train",) * 15 + ("test",) * 3
    assert listing.labels[::3] == CIFAR_CLASSES[:6]
    assert listing.pictures.array.shape == (18, 32, 32, 3)
    assert listing.pictures.array[0, 5, 7].tolist() == [200, 0, 0]


@pytest.mark.parametrize("cut", [10, 300])
def test_a_cut_archive_is_refused(tmp_path, cut):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(cifar_archive()[:-cut])
    with pytest.raises(DataError) as caught:
        open_cifar(path)
    assert caught.value.code == "cifar_damaged"


def test_a_stranger_in_its_place_is_refused(tmp_path):
    for content in (b"no gzip", gzip.compress(b"x" * 2000), gzip.compress(bytes(2000))):
        (tmp_path / "a.tar.gz").write_bytes(content)
        with pytest.raises(DataError) as caught:
            open_cifar(tmp_path / "a.tar.gz")
        assert caught.value.code == "cifar_damaged"


@pytest.mark.skipif(not (DATA / "mnist").is_dir(), reason="IMAGIER_DATA does not hold mnist")
def test_the_true_mnist():
    listing = open_source("mnist")
    assert len(listing) == 70_000
    assert [listing.parts.count(part) for part in ("train", "test")] == [60_000, 10_000]
    assert "".join(listing.labels[:6]) == "504192"


def test_every_name_is_opened_by_name():
    assert NAMED_SETS == ("digits", "mnist", "fashion-mnist", "cifar10", "usps")
