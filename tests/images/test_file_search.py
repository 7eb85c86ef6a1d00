"""From the words of a command line to the pictures they mean."""

import os
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import PictureError, UsageError
from imagier.files import natural_key
from imagier.images import file_search
from imagier.images.file_search import _order, _sorted, find_pictures, stream_pictures


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Make this the current folder, and give a function that makes files in it."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")

    return make


def found(*words):
    return [
        path if isinstance(path, str) else f"{path.code}: {path.facts['path']}"
        for path in find_pictures(words).paths
    ]


def test_a_model_beside_pictures_is_none_of_them(here):
    model = ("model.json", "model.onnx", "golden/0000.png", "weights.safetensors")
    here("a.png", *(f"photos.imagier/{name}" for name in model), "sub/other/b.png")
    here(*(f"sub/kept/{name}" for name in model))
    stream = find_pictures(["."])
    assert stream.paths == ["./a.png", "./sub/other/b.png"]
    assert stream.passed_over == {".imagier": 2}
    assert found("photos.imagier/golden") == ["photos.imagier/golden/0000.png"]


def test_files_in_the_order_they_are_named_and_as_often(here):
    here("b.png", "a.png")
    assert found("b.png", "a.png", "b.png") == ["b.png", "a.png", "b.png"]


def test_a_folder_in_natural_order_at_any_depth(here):
    here("p/10.png", "p/2.png", "p/1/b.png", "p/3/x/y/z.png", "p/no ending")
    assert found("p") == ["p/1/b.png", "p/2.png", "p/3/x/y/z.png", "p/10.png", "p/no ending"]


def test_what_is_passed_over_in_a_folder(here):
    here(
        "p/1.png", "p/.hidden.png", "p/._1.png", "p/Thumbs.db", "p/.DS_Store", "p/desktop.ini",
        "p/.git/x.png", "p/.ipynb_checkpoints/1.png", "p/__MACOSX/1.png", "p/README.txt",
        "p/labels.csv",
    )  # fmt: skip
    pictures = find_pictures(["p"])
    assert pictures.paths == ["p/1.png"]
    assert sum(pictures.passed_over.values()) == 10


def test_what_is_named_is_tried_whatever_it_is(here):
    here("1.png", ".hidden.png", "Thumbs.db", "notes.txt")
    assert found("1.png", ".hidden.png", "Thumbs.db") == ["1.png", ".hidden.png", "Thumbs.db"]


def test_patterns(here):
    here("p/2.jpg", "p/10.jpg", "p/a.png", "p/q/3.jpg", "p/q/.4.jpg", "p/q/r/5.jpg")
    assert found("p/*.jpg") == ["p/2.jpg", "p/10.jpg"]
    assert found("p/**/*.jpg") == ["p/2.jpg", "p/10.jpg", "p/q/3.jpg", "p/q/r/5.jpg"]
    assert found("p/?.jpg", "p/[a-z].png") == ["p/2.jpg", "p/a.png"]
    assert sorted(found("p/**")) == sorted(found("p"))
    assert sorted(found("*")) == sorted(found("p"))


def test_patterns_that_match_folders(here):
    here("p/cats/1.png", "p/q/cats/2.png", "p/dogs/3.png")
    assert found("p/**/cats") == ["p/cats/1.png", "p/q/cats/2.png"]
    assert found("p/*s") == ["p/cats/1.png", "p/dogs/3.png"]


def test_patterns_from_here_and_from_the_root(here, tmp_path):
    here("1.png", "p/2.png")
    assert found("**/*.png") == ["1.png", "p/2.png"]
    assert found(f"{tmp_path}/**/*.png") == [f"{tmp_path}/1.png", f"{tmp_path}/p/2.png"]
    assert found(f"{tmp_path}/*.png") == [f"{tmp_path}/1.png"]


def test_links_in_circles_do_not_catch_a_pattern(here, tmp_path):
    here("p/1.png", "p/q/2.png")
    for number in range(6):
        (tmp_path / "p" / f"round{number}").symlink_to(tmp_path / "p")
        (tmp_path / "p" / "q" / f"back{number}").symlink_to(tmp_path / "p")
    assert found("p/**/*.png") == ["p/1.png", "p/q/2.png"]


def test_a_file_called_like_a_pattern(here):
    here("a[1].png", "a1.png", "*.png")
    assert found("a[1].png") == ["a[1].png"]
    assert found("*.png") == ["*.png"]


def test_what_leads_to_nothing_takes_its_place(here):
    here("1.png", "empty/.keep")
    assert found("1.png", "no.png", "x/*.png", "empty") == [
        "1.png", "missing: no.png", "missing: x/*.png", "nothing_in_folder: empty",
    ]  # fmt: skip


@pytest.mark.parametrize("words", [["no.png"], ["*.jpg", "no"], ["empty"], ["a\nb"]])
def test_nothing_at_all_is_a_wrong_word(here, words):
    here("empty/.keep")
    with pytest.raises(UsageError) as refused:
        find_pictures(words)
    assert refused.value.code == "nothing_found"
    assert words[0].replace("\n", "\\n") in refused.value.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("set.zip", b"PK\3\4..."),
        ("data", b"PK\3\4..."),
        ("train-images-idx3-ubyte", b"\0\0\x08\3...."),
        ("train-images-idx3-ubyte.gz", b"\x1f\x8b...."),
        ("labels.csv", b"path,label\n"),
        ("rows.jsonl", b"{}"),
        ("x.parquet", b"PAR1"),
        ("x.npz", b"PK\3\4"),
    ],
)
def test_data_sets_are_no_pictures(here, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as refused:
        find_pictures([name])
    assert refused.value.code == "not_pictures"
    here("1.png")
    assert found("1.png", name) == ["1.png", name]


def test_an_icon_is_no_data_set(here, tmp_path):
    (tmp_path / "x.ico").write_bytes(b"\0\0\1\0")
    (tmp_path / "tiny").write_bytes(b"\0\0")
    assert found("x.ico") == ["x.ico"]
    assert found("tiny") == ["tiny"]


def test_links_in_a_folder(here, tmp_path):
    here("outside/secret.png", "p/1.png", "p/q/2.png")
    (tmp_path / "p" / "3.png").symlink_to(tmp_path / "p" / "1.png")
    (tmp_path / "p" / "4.png").symlink_to(tmp_path / "outside" / "secret.png")
    (tmp_path / "p" / "5").symlink_to(tmp_path / "outside")
    (tmp_path / "p" / "6").symlink_to(tmp_path / "p")
    (tmp_path / "p" / "7.png").symlink_to("broken.png")
    (tmp_path / "p" / "8.png").symlink_to("8.png")
    assert found("p") == [
        "p/1.png", "p/3.png", "link_outside: p/4.png", "link_outside: p/5", "p/7.png", "p/8.png",
        "p/q/2.png",
    ]  # fmt: skip


def test_a_link_that_is_named_is_followed(here, tmp_path):
    here("outside/secret.png")
    (tmp_path / "link").symlink_to("outside")
    assert found("link") == ["link/secret.png"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read(here, tmp_path):
    here("p/1.png", "p/q/2.png")
    (tmp_path / "p" / "q").chmod(0)
    assert found("p") == ["p/1.png", "folder_unreadable: p/q"]
    (tmp_path / "p" / "q").chmod(0o700)


def test_a_folder_that_vanishes(here, monkeypatch):
    here("p/1.png", "p/q/2.png")
    true_scandir = os.scandir

    def scandir(place):
        if str(place).endswith("q"):
            raise FileNotFoundError(2, "No such file or directory")
        return true_scandir(place)

    monkeypatch.setattr(os, "scandir", scandir)
    errors = [path for path in find_pictures(["p"]).paths if isinstance(path, PictureError)]
    assert [error.code for error in errors] == ["folder_unreadable"]


def test_deep_folders(here, tmp_path):
    here("p/" + "d/" * 500 + "1.png")
    assert found("p") == ["p/" + "d/" * 500 + "1.png"]


@given(st.lists(st.text("aAbB019.é _-", max_size=12), max_size=8))
def test_the_order_is_the_natural_one(names):
    assert sorted(names, key=_order) == sorted(names, key=natural_key)


@given(st.lists(st.text("aAbB019.é _-", min_size=1, max_size=12), unique=True, max_size=20))
def test_names_sorted_in_parts_are_in_the_natural_order(names):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_search, "_HELD_NAMES", 3)
        found = list(_sorted("f" + name for name in names))
    assert found == ["f" + name for name in sorted(names, key=natural_key)]


def test_the_names_of_a_large_folder_take_little_more_than_their_letters():
    tracemalloc.start()
    count = sum(1 for _ in _sorted(f"fpicture-{number:06d}.png" for number in range(50_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 50_000
    assert peak < 4e6  # their letters are 1.1 MB; as objects with keys they were 15 MB


def test_pictures_are_given_before_all_are_found(here, monkeypatch):
    here("p/1.png", "p/q/2.png", "r/3.png")
    listed = []
    true_scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: listed.append(place) or true_scandir(place))
    paths = stream_pictures(["p", "r"]).paths
    assert next(paths) == "p/1.png"
    assert listed == ["p"]
    assert list(paths) == ["p/q/2.png", "r/3.png"]


def test_a_pipe_is_named_by_the_user_alone(here):
    here("-", "p/-")
    assert found("-") == ["-"]
    assert found("p") == ["p/-"]
    assert found("[-]", "*-") == ["./-", "./-"]
