"""What starting costs: the light commands load nothing heavy, seen from a process of their own.

What predicting loads is seen in test_demo.py, with the recogniser that the demo makes.
"""

import json
import subprocess
import sys

import pytest

from imagier.cli import COMMANDS

HEAVY = {"torch", "sklearn", "matplotlib", "scipy", "pandas", "onnx"}
PROGRAM = """
import json, sys
{body}
heavy = {heavy!r}
print("\\n" + json.dumps(sorted(heavy & set(sys.modules))), file=sys.stderr)
"""


def heavy_parts_of(body, **settings):
    """Run a program and name the heavy packages that it loaded."""
    program = PROGRAM.format(body=body, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **settings,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def command(*words):
    return (
        "from imagier.cli import imagier; from imagier.cli.running import run\n"
        f"assert run(imagier, {list(words)!r}) == 0"
    )


@pytest.mark.parametrize("body", ["import imagier", command("--help"), command("--version")])
def test_the_front_door_is_light(body):
    assert heavy_parts_of(body) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_light(name):
    assert heavy_parts_of(command(name, "--help")) == set()
