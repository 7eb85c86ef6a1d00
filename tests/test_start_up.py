"""What starting costs: the light commands load nothing heavy, seen from a process of their own."""

import json
import subprocess
import sys

import pytest

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


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small recogniser of digits and one picture for it, made by the command itself."""
    folder = tmp_path_factory.mktemp("start-up")
    words = ["digits", "--network", "linear", "--epochs", "1", "--out", "digits.imagier"]
    subprocess.run(
        [sys.executable, "-m", "imagier", "train", *words, "--quiet"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=300,
    )
    from PIL import Image

    Image.new("L", (8, 8), 200).save(folder / "new.png")
    return folder


@pytest.mark.parametrize("body", ["import imagier", command("--help"), command("--version")])
def test_the_front_door_is_light(body):
    assert heavy_parts_of(body) == set()


@pytest.mark.parametrize("name", ["train", "test", "predict", "pixels", "network", "doctor"])
def test_the_help_of_a_command_is_light(name):
    assert heavy_parts_of(command(name, "--help")) == set()


def test_predicting_needs_neither_torch_nor_scikit_learn(trained):
    body = command("predict", "digits.imagier", "new.png", "--json")
    assert heavy_parts_of(body, cwd=trained) == set()


def test_the_saved_recogniser_opens_without_torch(trained):
    body = "import imagier; print(imagier.load('digits.imagier').predict('new.png').label)"
    assert heavy_parts_of(body, cwd=trained) == set()
