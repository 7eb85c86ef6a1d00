"""A labelling that is killed loses no row, doubles none and tears none."""

import json
import subprocess
import sys

import pytest

from benchmarks.label_kills import kill_labelling
from tests.labelling.batch.batches import write_folder
from tests.recognizer import tiny_models as tiny


def killed(here, root, *words):
    """Run `kill_points` on a folder; give what it found."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.labelling.batch.kill_points", str(here), *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="each"), pytest.param(6, id="one-in-six")]
)
def test_killed_before_each_change_of_the_folder(here, pytestconfig, step):
    write_folder(here / "photos", 150)
    found = killed(here, pytestconfig.rootpath, "changes", str(step))
    assert found["wrong"] == []
    assert found["kills"] == -(-found["changes"] // step)
    assert found["changes"] > 20


@pytest.mark.parametrize(
    "kills", [pytest.param(200, marks=pytest.mark.slow), pytest.param(20)], ids=["200", "20"]
)
def test_killed_at_random_instants(here, pytestconfig, kills):
    write_folder(here / "photos", 400)
    found = killed(here, pytestconfig.rootpath, "instants", str(kills))
    assert found["wrong"] == []
    assert found["kills"] >= kills


@pytest.mark.parametrize(
    "kills", [pytest.param(200, marks=pytest.mark.slow), pytest.param(2)], ids=["200", "2"]
)
def test_the_command_killed_with_its_processes(tmp_path, kills):
    tiny.tiny_recognizer().save(tmp_path / "thirds.imagier")
    write_folder(tmp_path / "photos", 2000)
    paths = tmp_path / "thirds.imagier", tmp_path / "photos"
    found = kill_labelling(*paths, tmp_path, kills=kills, seed=0)
    assert found["kills"] == kills
    assert found["rows"] == 2001
    assert (found["lost"], found["doubled"], found["torn"], found["different"]) == (0, 0, 0, 0)
