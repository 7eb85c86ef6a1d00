"""The page that an index of packages shows: its pictures are there, its links lead somewhere."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def page():
    pytest.importorskip("hatchling", reason="hatchling, which builds the package, is not installed")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    metadata = {"urls": PROJECT["urls"]}
    module.IndexPage(str(ROOT), {}).update(metadata)
    assert metadata["readme"]["content-type"] == "text/markdown"
    return metadata["readme"]["text"]


def test_every_picture_and_link_has_a_whole_address(page):
    html = MarkdownIt("commonmark").render(page)
    pictures = re.findall(r'<img src="([^"]*)"', html)
    links = re.findall(r'<a href="([^"]*)"', html)
    assert len(pictures) >= 2
    assert all(address.startswith("https://") for address in (*pictures, *links))
    source = PROJECT["urls"]["Source"]
    for address in pictures:
        kind, _, path = address.removeprefix(f"{source}/").partition("/main/")
        assert kind == "raw"
        assert (ROOT / path).is_file()


def test_the_rest_of_the_page_is_readme(page):
    text = (ROOT / "README.md").read_text("utf-8")
    without = re.compile(r"\]\([^)\s]*\)")
    assert without.sub("]", page) == without.sub("]", text)


def test_the_addresses_are_named():
    assert {"Source", "Issues", "Changelog", "Documentation"} <= set(PROJECT["urls"])
