"""Every block of the pages runs: what a reader copies does what the page says.

A page’s blocks run in order, in its language, in a folder of its own with `photos/` and `more/`.
A block that is not run says why, in a comment on the line above: `<!-- not run: the reason -->`.
Lines after `$ command` are what it prints; `...` stands for what is left out.
"""

import doctest
import itertools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.testing import wilson

ROOT = Path(__file__).parents[1]
MADE_FROM_CODE = {"cli.md", "cli.fr.md", "map.md", "json.md", "json.fr.md"}
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "LISEZMOI.md", "CONTRIBUTING.md")),
        ROOT / "benchmarks" / "README.md",
        *(path for path in (ROOT / "docs").rglob("*.md") if path.name not in MADE_FROM_CODE),
    ]
)
BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n)?"
    r"^```(?P<kind>console|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True, kw_only=True)
class Block:
    line: int
    kind: str
    text: str
    reason: str | None


def blocks(path):
    text = path.read_text("utf-8") if path.exists() else ""
    return [
        Block(
            line=text.count("\n", 0, found.start("text")) + 1,
            kind=found["kind"],
            text=found["text"],
            reason=found["reason"],
        )
        for found in BLOCK.finditer(text)
    ]


def language(path):
    return "fr" if path.name == "LISEZMOI.md" or path.name.endswith(".fr.md") else "en"


def steps(block):
    """Cut a console block into commands, each with what it should print."""
    assert block.text.startswith("$ "), f"line {block.line}: a console block starts with `$ `"
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more.strip()
        yield command, expected


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Two folders of very small photos, warm ones and cold ones, each a little different."""
    folder = tmp_path_factory.mktemp("pictures")
    colours = {"cat": (220, 140, 60), "dog": (60, 120, 210)}
    for seed, (name, place) in enumerate(itertools.product(colours, ("photos", "more"))):
        (folder / place / name).mkdir(parents=True)
        for number in range(15):
            noise = np.random.default_rng([number, seed]).integers(-40, 40, size=(16, 20, 3))
            pixels = np.clip(np.array(colours[name]) + noise, 0, 255).astype(np.uint8)
            file = folder / place / name / f"{name}-{number:02d}.jpg"
            Image.fromarray(pixels).save(file, quality=95)
    Image.open(folder / "photos" / "cat" / "cat-03.jpg").rotate(180).save(folder / "new.jpg")
    return folder


@pytest.fixture
def place(tmp_path, photos):
    """A folder to work in, with the pictures that the pages name."""
    shutil.copytree(photos, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(words, place, speech, **settings):
    folder = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "IMAGIER_LANG": speech,
        "XDG_CACHE_HOME": str(place / ".cache"),
        "PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT)))),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
    }
    return subprocess.run(
        words,
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
        **settings,
    )


def run_console(block, place, speech):
    for command, expected in steps(block):
        done = run(["bash", "-c", command], place, speech)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if expected.strip():
            same = doctest.OutputChecker().check_output(expected, done.stdout, SAME)
            assert same, f"line {block.line}: {command}\n{done.stdout}"


def run_python(block, place, speech):
    if ">>>" not in block.text:
        done = run([sys.executable, "-c", block.text], place, speech)
        assert done.returncode == 0, f"line {block.line}\n{done.stdout}{done.stderr}"
        return
    example = doctest.DocTestParser().get_doctest(block.text, {}, "page", None, block.line)
    report = []
    doctest.DocTestRunner(optionflags=SAME, verbose=False).run(example, out=report.append)
    assert report == [], "".join(report)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(path, place):
    runners = {"console": run_console, "python": run_python}
    assert path.exists()
    for block in blocks(path):
        if block.reason is None:
            runners[block.kind](block, place, language(path))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_of_a_page_are_there(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_files_that_contributing_names_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:src|tests|docs|benchmarks)/[\w./-]+)`", text)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "LISEZMOI.md"])
def test_the_two_commands_are_easy_to_find(name):
    lines = [line.strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    assert "$ make test" in lines
    assert "$ make demo" in lines


def test_both_readmes_show_the_same_commands():
    def commands(name):
        found = [block for block in blocks(ROOT / name) if block.kind == "console"]
        return [command for block in found for command, _ in steps(block)]

    assert commands("README.md") == commands("LISEZMOI.md")


@pytest.mark.parametrize("name", ["README.md", "LISEZMOI.md"])
def test_the_interval_that_the_readmes_quote(name):
    low, high = (round(100 * end) for end in wilson(19, 20))
    assert re.search(rf"19.*20.*{low}.*{high}", (ROOT / name).read_text("utf-8"))
