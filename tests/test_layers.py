"""Data flows one way: import-linter reads the contracts of pyproject.toml.

Beside them: light rooms open without torch, and the name of a class says which room it is from.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "imagier"
OPEN_WITHOUT_TORCH = """
import importlib, pkgutil, sys
sys.modules["torch"] = None  # its import raises
room = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(getattr(room, "__path__", []), room.__name__ + "."):
    importlib.import_module(module.name)
"""


def contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return settings["tool"]["importlinter"]["contracts"]


def forbidding():
    return [contract for contract in contracts() if contract["type"] == "forbidden"]


def rooms_without(package):
    """Name the rooms that a package is forbidden in."""
    (contract,) = [one for one in forbidding() if one["forbidden_modules"] == [package]]
    return [name.removeprefix("imagier.") for name in contract["source_modules"]]


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
    assert ("torch",) in {tuple(contract["forbidden_modules"]) for contract in forbidding()}
    light = {"i18n", "errors", "files", "images", "figures", "neurons", "datasets", "recognizer"}
    light |= {"machine", "answers", "tables", "features", "testing", "auditing", "labelling"}
    light |= {"doctor"}
    assert light <= set(rooms_without("torch"))


def test_click_is_forbidden_below_the_command_line():
    there = {path.stem for path in SOURCE.iterdir() if _is_module(path)}
    assert set(rooms_without("click")) == there - {"cli", "__main__"}


def test_each_chapter_stands_alone():
    alone = next(contract for contract in contracts() if contract["type"] == "independence")
    chapters = {"neurons", "regression", "gradient", "convolution", "kmeans"}
    assert set(alone["modules"]) == {f"imagier.{name}" for name in chapters}


def test_the_command_line_is_imported_by_nobody():
    closed = next(contract for contract in contracts() if contract["type"] == "protected")
    assert closed["protected_modules"] == ["imagier.cli"]
    assert closed["allowed_importers"] == ["imagier.__main__"]


@pytest.mark.parametrize("name", rooms_without("torch"))
def test_a_room_opens_where_torch_is_missing(name):
    """Import every module of a room, and so all that they import, with torch hidden."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN_WITHOUT_TORCH, f"imagier.{name}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_public_class_has_its_name_from_another_room():
    places = {}
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0]
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, set()).add(room)
    twice = [f"{name}: {sorted(rooms)}" for name, rooms in places.items() if len(rooms) > 1]
    assert not twice, "\n".join(twice)


def _is_module(path):
    if path.is_dir():
        return (path / "__init__.py").exists()
    return path.suffix == ".py" and path.name != "__init__.py"
