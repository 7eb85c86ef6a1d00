"""The cache as an attacker would have it: prepared, copied, linked, foreign, open to others.

What is promised: no code is run that this installation has not written; nothing is written, read
or removed outside a folder of the user's own; and a cache that cannot be trusted is done without.
"""

import ast
import hashlib
import hmac
import os
import pickle
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from imagier.cache import PARTS, cache_folder, remove_parts
from imagier.cli import imagier
from imagier.cli.running import run
from imagier.datasets import cache_use, clear_cache
from imagier.errors import MachineError

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
STRANGER = 12345  # the number of a user who is not there
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners and modes")
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can make what another user owns"
)

LOOPS = """
from imagier.kmeans.engine import compile_loop

__all__ = ["add", "subtract"]

@compile_loop
def add(a, b):
    return a + b

@compile_loop
def subtract(a, b):
    return a - b
"""
PROGRAM = """
from imagier.kmeans.engine import compiled, is_compiled
module = compiled("loops_of_a_test")
kept = is_compiled("loops_of_a_test")
hits = lambda loop: sum(loop.stats.cache_hits.values())
print(module.add(7, 2), module.subtract(7, 2), kept, hits(module.add), hits(module.subtract))
"""
COMPILED, READ_BACK = "9 5 False 0 0", "9 5 True 1 1"


class Evil:
    """A pickle that leaves a file behind when it is read."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with its cache and its key, and two loops that are compiled in a second."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "loops_of_a_test.py").write_text(LOOPS)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def call(home, **settings):
    path = os.pathsep.join([str(home / "modules"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": path, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def codes(home):
    return sorted((home / "cache" / "imagier" / "compiled").glob("*.loop"))


def signed(name, content, key):
    return hmac.digest(key, name.encode() + b"\0" + content, "sha256") + content


# Machine code


def test_code_is_read_back_by_the_next_process(home):
    assert call(home) == COMPILED
    assert call(home) == READ_BACK
    key = home / "state" / "imagier" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32


def test_no_file_of_numba_is_written_or_read(home):
    """Numba's own index and data, as it would have put them for these very loops."""
    call(home)
    assert [file for file in home.rglob("*.nb[ci]") if "modules" not in file.parts] == []
    source = home / "modules" / "loops_of_a_test.py"
    folders = [
        home / "cache" / "imagier" / "compiled",
        *(home / "cache" / "imagier" / "compiled" / name for name in ("modules", _numbas(source))),
        source.parent / "__pycache__",
    ]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for line, name in ((6, "add"), (10, "subtract")):
            base = f"loops_of_a_test.{name}-{line}.py{sys.version_info[0]}{sys.version_info[1]}"
            for ending in (".nbi", ".1.nbc"):
                (folder / f"{base}{ending}").write_bytes(pickle.dumps(Evil(home / "ran")))
    assert call(home) == READ_BACK
    shutil.rmtree(home / "state")
    assert call(home) == COMPILED
    assert not (home / "ran").exists()


def _numbas(source):
    """Name the folder that numba makes for a source file below its own cache."""
    return f"modules_{hashlib.sha1(str(source.parent).encode(), usedforsecurity=False).hexdigest()}"


def test_the_attack_would_work_on_what_is_authentic(home):
    """What the other tests show not to run does run when it is signed with the right key."""
    call(home)
    key = (home / "state" / "imagier" / "key").read_bytes()
    for file in codes(home):
        file.write_bytes(signed(file.name, pickle.dumps(Evil(home / "ran")), key))
    with pytest.raises(AssertionError):
        call(home)
    assert (home / "ran").exists()


@pytest.mark.parametrize("kind", ["unsigned", "old code", "own key", "no content", "cut", "empty"])
def test_code_that_was_altered_is_compiled_again(home, kind):
    call(home)
    evil = pickle.dumps(Evil(home / "ran"))
    for file in codes(home):
        whole = file.read_bytes()
        file.write_bytes(
            {
                "unsigned": evil,
                "old code": whole[:32] + evil,
                "own key": signed(file.name, evil, b"k" * 32),
                "no content": whole[:32],
                "cut": whole[:-1],
                "empty": b"",
            }[kind]
        )
    assert call(home) == COMPILED
    assert not (home / "ran").exists()
    assert call(home) == READ_BACK


def test_code_of_another_loop_is_not_taken(home):
    """Both files are authentic, and each bears the other's name."""
    call(home)
    one, other = codes(home)
    (first, second) = (one.read_bytes(), other.read_bytes())
    one.write_bytes(second)
    other.write_bytes(first)
    assert call(home) == COMPILED


def test_a_cache_from_another_machine_is_not_taken(home):
    """All of it is as that machine's imagier wrote it; the key stayed there."""
    call(home)
    evil = pickle.dumps(Evil(home / "ran"))
    key = (home / "state" / "imagier" / "key").read_bytes()
    for file in codes(home):
        file.write_bytes(signed(file.name, evil, key))
    assert call(home, XDG_STATE_HOME=str(home / "here")) == COMPILED
    assert not (home / "ran").exists()


def test_two_processes_that_begin_together_agree(home):
    path = os.pathsep.join([str(home / "modules"), *sys.path])
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in both:
        assert one.communicate(timeout=300)[0].startswith("9 5 ")
    call(home)
    assert call(home) == READ_BACK


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "XDG_STATE_HOME"])
def test_without_a_place_for_it_code_stays_in_memory(home, variable):
    (home / "file").write_text("in the way")
    place = {variable: str(home / "file")}
    assert call(home, **place) == COMPILED
    assert call(home, **place) == COMPILED


@posix
def test_without_a_key_that_is_private_no_code_is_kept(home):
    (home / "state").mkdir()
    (home / "state").chmod(0o777)
    assert call(home) == COMPILED
    assert codes(home) == []


def test_a_command_says_that_code_cannot_be_kept(home, monkeypatch, capsys):
    (home / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    assert run(imagier, ["doctor"]) == 0
    said = capsys.readouterr().out
    assert "compiled loops are not kept" in said


# Links and foreign folders


@pytest.fixture
def precious(home):
    """A folder that imagier must leave alone, which holds what looks like a cache."""
    for name in ("pixels/photo.png", "thesis.tex"):
        (home / "precious" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "precious" / name).write_bytes(b"years of work")
    (home / "precious").chmod(0o755)
    (home / "cache").mkdir()
    return home / "precious"


def untouched(precious):
    files = [file for file in precious.rglob("*") if file.is_file()]
    assert len(files) == 2
    assert all(file.read_bytes() == b"years of work" for file in files)
    return stat.S_IMODE(precious.stat().st_mode) == 0o755


@posix
@pytest.mark.parametrize("words", [("clear",), ("show",), ("clear", "--json")])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_cache_that_is_a_link_is_refused(
    home, precious, words, language, monkeypatch, capsys
):  # fmt: skip
    monkeypatch.setenv("IMAGIER_LANG", language)
    (home / "cache" / "imagier").symlink_to(precious)
    assert run(imagier, ["cache", *words]) == 5
    said = capsys.readouterr()
    assert "XDG_CACHE_HOME" in said.err
    assert ("cache_link" in said.out) == ("--json" in words)
    assert untouched(precious)


@posix
def test_a_link_to_nowhere_is_refused_and_nothing_made_there(home, precious):
    (home / "cache" / "imagier").symlink_to(home / "nowhere")
    with pytest.raises(MachineError, match="link"):
        cache_folder("pixels")
    assert not (home / "nowhere").exists()


@posix
@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_a_link_is_refused_and_never_emptied(home, precious, part):
    (cache_folder() / part).symlink_to(precious)
    with pytest.raises(MachineError) as refused:
        cache_folder(part, "a")
    assert refused.value.code == "cache_link"
    assert clear_cache().bytes == 0
    assert [other.name for other in cache_use().others] == [part]
    assert untouched(precious)


@posix
def test_links_inside_a_part_are_removed_and_not_followed(home, precious):
    (cache_folder("pixels", "a") / "link").symlink_to(precious)
    clear_cache()
    assert cache_use().parts == ()
    assert untouched(precious)


@as_root
@pytest.mark.parametrize("place", ["cache/imagier", "cache/imagier/features"])
def test_a_foreign_cache_is_refused(home, place):
    cache_folder("features")
    os.chown(home / place, STRANGER, STRANGER)
    (home / place).chmod(0o755)
    with pytest.raises(MachineError) as refused:
        cache_folder("features", "a")
    assert refused.value.code == "cache_foreign"
    assert stat.S_IMODE((home / place).stat().st_mode) == 0o755
    if place == "cache/imagier":
        with pytest.raises(MachineError):
            remove_parts()


@posix
def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(home, precious, monkeypatch):
    base = cache_folder()
    cache_folder("pixels")
    real = cache_folder

    def swapped(*names):
        folder = real(*names)
        base.rename(home / "moved")
        base.symlink_to(precious)
        return folder

    monkeypatch.setattr("imagier.cache.cache_folder", swapped)
    with pytest.raises(MachineError):
        remove_parts()
    assert untouched(precious)


@posix
def test_a_cache_open_to_others_is_closed(home):
    base = cache_folder()
    base.chmod(0o777)
    cache_folder("pixels")
    assert stat.S_IMODE(base.stat().st_mode) == 0o700
    assert stat.S_IMODE((base / "pixels").stat().st_mode) == 0o700


def test_learning_goes_on_without_a_cache_that_is_not_ours(home, precious, stripes_folder):
    from imagier.datasets import load, open_source
    from imagier.images import Prepare

    (home / "cache" / "imagier").symlink_to(precious)
    dataset = load(open_source(str(stripes_folder)), Prepare(height=12, width=12, channels=1))
    assert len(dataset) == 120
    assert any("is a link" in note for note in dataset.notes)
    assert untouched(precious)


# Where the cache stands


def test_a_relative_place_is_ignored(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache_folder() == tmp_path / "home" / ".cache" / "imagier"
    assert not (tmp_path / "here").exists()


@posix
def test_a_user_without_a_home_is_told_what_to_do(home, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "nowhere")  # relative: it would be in the current folder

    def unknown(_):
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(MachineError) as refused:
        cache_folder()
    assert refused.value.code == "no_home"
    assert "XDG_CACHE_HOME" in refused.value.next_step


def test_every_folder_that_is_made_is_one_that_is_cleared():
    """Each call of `cache_folder` names a part of the list, or passes on one that was named."""
    named = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("cache_folder", "PackStore") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    named.add(first.value)
                else:
                    assert path.name == "pack_store.py", path
    assert named == set(PARTS)
