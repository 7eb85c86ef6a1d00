import json

import pytest

COMMAND = "cache"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Give imagier's own folder of the cache, used by this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "imagier"


@pytest.fixture
def cache(command):
    return command


@pytest.fixture
def filled(folder):
    """Put 3 files into two folders of the cache."""
    for name, size in (("pixels/a/1.npy", 2_500_000), ("pixels/a/1.json", 100), ("datasets/x", 7)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(size))
    return folder


def test_an_empty_cache_says_so(cache, folder):
    code, out, _ = cache("show")
    assert code == 0
    assert out == f"Nothing is kept in {folder}.\n"


def test_show_lists_the_folders(cache, filled):
    code, out, err = cache("show")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == str(filled)
    assert lines[1].split() == ["datasets", "1", "file", "0", "kB"]
    assert lines[2].split() == ["pixels", "2", "files", "2.5", "MB"]
    assert lines[3].split() == ["in", "all", "3", "files", "2.5", "MB"]
    assert "10 GB" in err
    assert cache("show", "--quiet")[2] == ""
    assert len(list(filled.rglob("*.*"))) == 2


def test_show_in_french(cache, filled):
    _, out, err = cache("show", language="fr")
    assert "en tout" in out
    assert "2,5\u00a0Mo" in out
    assert "au plus" in err


def test_show_as_json(cache, filled):
    code, out, _ = cache("show", "--json")
    assert code == 0
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "action": "show",
        "folder": str(filled),
        "bytes": 2_500_107,
        "limit": 10_000_000_000,
        "parts": [
            {"name": "datasets", "files": 1, "bytes": 7},
            {"name": "pixels", "files": 2, "bytes": 2_500_100},
        ],
        "others": [],
    }


def test_clear_removes_everything(cache, filled):
    code, out, _ = cache("clear")
    assert code == 0
    assert out == f"2.5 MB removed from {filled}.\n"
    assert list(filled.iterdir()) == []
    assert cache("clear", "--json")[1].startswith('{"action": "clear"')


def test_clear_as_json_tells_what_was_removed(cache, filled):
    assert json.loads(cache("clear", "--json")[1])["bytes"] == 2_500_107
    assert list(filled.iterdir()) == []


def test_clear_does_not_follow_links(cache, filled, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.png").write_bytes(b"x")
    for name in ("link", "features", "pixels/a/link"):
        (filled / name).symlink_to(tmp_path / "mine")
    code, out, err = cache("clear")
    assert code == 0
    assert out == f"2.5 MB removed from {filled}.\n"
    assert (tmp_path / "mine" / "photo.png").exists()
    assert {entry.name for entry in filled.iterdir()} == {"features", "link"}
    assert "2 more entries" in err


def test_what_imagier_did_not_make_stays_and_is_told(cache, filled):
    (filled / "thesis").mkdir()
    (filled / "thesis" / "one.tex").write_bytes(b"years of work")
    assert json.loads(cache("show", "--json")[1])["others"] == [
        {"name": "thesis", "files": 1, "bytes": 13}
    ]
    _, out, err = cache("clear")
    assert out == f"2.5 MB removed from {filled}.\n"
    assert err == "One more entry is not imagier’s and stays where it is: thesis.\n"
    assert "imagier" in cache("show", language="fr")[2]
    assert (filled / "thesis" / "one.tex").read_bytes() == b"years of work"
    assert json.loads(cache("clear", "--json")[1])["bytes"] == 0


def test_another_word_is_refused(cache, filled):
    code, _, err = cache("shwo")
    assert code == 2
    assert "clear" in err
    assert cache()[0] == 2
    assert len(list(filled.rglob("*.*"))) == 2


def test_a_cache_that_cannot_be_is_a_sentence(cache, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    code, _, err = cache("show")
    assert code == 5
    assert "cannot be written" in err
