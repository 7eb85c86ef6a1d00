"""`make demo` keeps its promise: a tested recogniser, the path of its report, five predictions."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_demo_ends_with_the_report_and_five_predictions(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "demo.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "digits.imagier" / "report.html").is_file()
    assert str(tmp_path / "digits.imagier" / "report.html") in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.endswith(".png")]) == 5


def test_make_runs_this_demo():
    recipe = (ROOT / "Makefile").read_text("utf-8")
    assert "docs/demo.py" in recipe.partition("\ndemo:")[2].partition("\n\n")[0]
