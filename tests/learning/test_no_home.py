"""A user without a home, as in a container or a service: everything works, nothing is kept."""

import os
import subprocess
import sys

import pytest

AS_NOBODY = (
    "import os, pwd\npwd.getpwuid = lambda _: (_ for _ in ()).throw(KeyError('no such user'))\n"
)
LEARN = (
    "import imagier\n"
    "_, report = imagier.learn('digits', network='linear', epochs=1)\n"
    "print(*report.data_notes, sep='\\n')\n"
)
COMMAND = "import sys\nfrom imagier.cli import main\nsys.argv[1:] = {words!r}\nmain()\n"


def start(program, cwd):
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", AS_NOBODY + program],
        cwd=cwd,
        env=kept | {"IMAGIER_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_home_is_missed_indeed(tmp_path):
    ended = start("from pathlib import Path; Path.home()", tmp_path)
    assert "RuntimeError" in ended.stderr


def test_learning_works_without_a_word_of_a_library(tmp_path):
    ended = start(LEARN, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_photos_are_learnt_from_and_it_is_said_that_nothing_is_kept(tmp_path, stripes_folder):
    words = ["train", str(stripes_folder), "--network", "features", "--epochs", "1", "--out", "m"]
    ended = start(COMMAND.format(words=words), tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "not kept for the next run: This user has no home folder" in ended.stdout
    assert (tmp_path / "m" / "model.onnx").is_file()


@pytest.mark.parametrize(
    ("words", "code"), [(["doctor"], 0), (["cache", "show"], 5), (["cache", "clear"], 5)]
)
def test_commands_about_the_machine_say_so(tmp_path, words, code):
    ended = start(COMMAND.format(words=words), tmp_path)
    assert ended.returncode == code, ended.stderr
    assert "This user has no home folder" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
