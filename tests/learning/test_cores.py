"""Learning from Python shares the cores with other programs as `imagier train` does."""

import json
import os
import subprocess
import sys

import pytest

# what stands in the environment when a library is loaded
ROAD = """
import json, os, sys
seen = {}
def hear(event, facts):
    if event == "import" and facts[0] in ("numpy", "torch"):
        seen.setdefault(facts[0], os.environ.get(NAMES[facts[0]]))
NAMES = {"numpy": "OPENBLAS_NUM_THREADS", "torch": "OMP_WAIT_POLICY"}
sys.addaudithook(hear)
"""
FRONT_DOOR = "import imagier; imagier.learn('digits', network='linear', epochs=1)\n"
COMMAND = """
from imagier.cli import imagier
from imagier.cli.running import run
assert run(imagier, ["train", "digits", "--network", "linear", "--epochs", "1", "--quiet"]) == 0
"""


def seen(road, cwd, **settings):
    environment = {name: value for name, value in os.environ.items() if "OMP_" not in name}
    del environment["PYTEST_CURRENT_TEST"]
    environment.pop("OPENBLAS_NUM_THREADS", None)
    ended = subprocess.run(
        [sys.executable, "-c", ROAD + road + "print(json.dumps(seen))"],
        cwd=cwd,
        env=environment | {"IMAGIER_LANG": "en"} | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.parametrize("road", [FRONT_DOOR, COMMAND])
def test_both_roads_set_it_before_the_libraries_load(road, tmp_path):
    assert seen(road, tmp_path) == {"numpy": "1", "torch": "PASSIVE"}


def test_what_the_user_has_set_is_kept(tmp_path):
    found = seen(FRONT_DOOR, tmp_path, OMP_WAIT_POLICY="ACTIVE", OPENBLAS_NUM_THREADS="2")
    assert found == {"numpy": "2", "torch": "ACTIVE"}


def test_it_is_said_where_it_comes_too_late(tmp_path):
    road = (
        "import torch, imagier\n"
        "_, report = imagier.learn('digits', network='linear', epochs=1)\n"
        "seen['said'] = any('OMP_WAIT_POLICY=PASSIVE' in note for note in report.data_notes)\n"
    )
    assert seen(road, tmp_path)["said"]
