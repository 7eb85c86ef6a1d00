"""`make demo` keeps its promise: a tested recogniser, the path of its report, five predictions.

The recogniser it made is then used as a user would, to see what using it loads.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "sklearn", "matplotlib", "scipy", "pandas", "onnx"}


@dataclass(frozen=True, kw_only=True)
class Demo:
    folder: Path
    output: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run what `make demo` runs, in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    output = run(ROOT / "docs" / "demo.py", cwd=folder).stdout
    return Demo(folder=folder, output=output)


def run(*words, cwd):
    done = subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def heavy_parts_of(body, folder):
    """Run a program and name the heavy packages that it loaded."""
    last = f"import json, sys; print(json.dumps(sorted({HEAVY!r} & set(sys.modules))))"
    return json.loads(run("-c", f"{body}\n{last}", cwd=folder).stdout.splitlines()[-1])


def test_the_demo_ends_with_the_report_and_five_predictions(demo):
    report = demo.folder / "digits.imagier" / "report.html"
    assert report.is_file()
    output = demo.output.splitlines()
    place = next(number for number, line in enumerate(output) if line.endswith(str(report)))
    answers = [line for line in output[place:] if line.endswith(".png") and line[:2] != "$ "]
    assert len(answers) == 5
    right = [answer.split()[0] == Path(answer.split()[-1]).stem.split("-")[1] for answer in answers]
    assert sum(right) >= 4, answers


def test_predicting_needs_neither_torch_nor_scikit_learn(demo):
    body = (
        "from imagier.cli import imagier\nfrom imagier.cli.running import run\n"
        "assert run(imagier, ['predict', 'digits.imagier', 'demo', '--json']) == 0"
    )
    assert heavy_parts_of(body, demo.folder) == []


def test_the_saved_recogniser_opens_without_torch(demo):
    body = (
        "import imagier\nfrom pathlib import Path\n"
        "picture = sorted(Path('demo').iterdir())[0]\n"
        "assert imagier.load('digits.imagier').predict(picture).label"
    )
    assert heavy_parts_of(body, demo.folder) == []


def test_make_runs_this_demo():
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    assert "docs/demo.py" in recipe
