"""The pages made from the code are those that the code makes, and every command is documented."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from imagier.cli import imagier

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {"cli.md": "json.md", "cli.fr.md": "json.fr.md"}


def commands(group=imagier, path="imagier"):
    """Give every command with its path, those inside groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def sections(page):
    """Cut a page at its second-level titles."""
    parts = re.split(r"^## (.*)$", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def build():
    spec = importlib.util.spec_from_file_location("build", DOCS / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_those_the_code_makes():
    done = subprocess.run(
        [sys.executable, DOCS / "build.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_is_documented(page):
    documented = sections(page)
    for path, command in commands():
        text = documented[f"`{path}`"]
        options = [option for option in command.params if isinstance(option, click.Option)]
        for option in options:
            assert f"`{max(option.opts, key=len)}" in text, f"{path} {option.opts}"
            assert option.help, f"{path} {option.opts} has no help"


@pytest.mark.parametrize("page", PAGES.values())
def test_every_answer_in_json_is_documented(page):
    documented = sections(page)
    answering = [
        path
        for path, command in commands()
        if any("--json" in option.opts for option in command.params)
    ]
    assert [path for path in answering if f"`{path}`" not in documented] == []
    assert [title for title in documented if title.strip("`") not in answering] == []


@pytest.mark.parametrize("page", PAGES.values())
def test_the_json_examples_are_json(page):
    for text in re.findall(r"```json\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL):
        json.loads(text)


def test_both_languages_show_the_same_json():
    english, french = (
        [json.loads(text) for text in re.findall(r"```json\n(.*?)```", read, re.DOTALL)]
        for read in ((DOCS / page).read_text("utf-8") for page in PAGES.values())
    )
    assert [_keys(value) for value in english] == [_keys(value) for value in french]


def test_every_source_file_opens_with_a_sentence():
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]):
        line = build()._map_line(path)
        assert re.search(r" · \S.*[.?!…]$", line), line


def _keys(value):
    if isinstance(value, dict):
        return {key: _keys(below) for key, below in value.items()}
    return [_keys(below) for below in value] if isinstance(value, list) else type(value).__name__
