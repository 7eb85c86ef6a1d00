"""Data flows one way: import-linter reads the contracts of pyproject.toml."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "imagier"


def contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return settings["tool"]["importlinter"]["contracts"]


def test_imports_only_go_down():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_its_layer():
    layers = next(contract for contract in contracts() if contract["type"] == "layers")
    assert layers["exhaustive"] is True
    placed = {name.strip() for line in layers["layers"] for name in re.split("[|:]", line)}
    there = {path.stem for path in SOURCE.iterdir() if _is_module(path)}
    assert there == placed


def test_torch_is_forbidden_below_the_networks():
    forbidden = next(contract for contract in contracts() if contract["type"] == "forbidden")
    assert {"torch", "onnx"} <= set(forbidden["forbidden_modules"])
    light = {"i18n", "errors", "files", "images", "figures", "neurons", "datasets", "recognizer"}
    assert {f"imagier.{name}" for name in light | {"testing"}} <= set(forbidden["source_modules"])


def _is_module(path):
    if path.is_dir():
        return (path / "__init__.py").exists()
    return path.suffix == ".py" and path.name != "__init__.py"
