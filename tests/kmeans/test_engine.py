"""Where the machine code is kept: in imagier's cache, and numba's own setting stays as it was."""

import json
import subprocess
import sys

PROGRAM = """
import json, os, sys, time
import numba
numba.config.CACHE_DIR = "elsewhere"
import numpy as np
from imagier.kmeans import kmeans
from imagier.kmeans.engine import is_compiled
before = is_compiled()
began = time.perf_counter()
kmeans(np.eye(3), 2).assign(np.eye(3))
print(json.dumps([before, is_compiled(), numba.config.CACHE_DIR, time.perf_counter() - began]))
"""


SOME = """
import json, os
from pathlib import Path
import numpy as np
from imagier.kmeans.engine import compiled, is_compiled, loops
COUNTING = "imagier.palette.counting_loops"
compiled(COUNTING).places_of(np.zeros((1, 3), np.uint8))
others = [is_compiled(), is_compiled(COUNTING)]
loops().boxes(np.zeros((1, 64)))
print(json.dumps([*others, is_compiled()]))
"""

TEXT = """
from imagier.kmeans.engine import compile_loop
__all__ = ["add"]
@compile_loop
def add(a, b):
    return a + b
"""
ADD = """
import json
from imagier.kmeans.engine import compiled, is_compiled
before = is_compiled("loops_of_the_test")
print(json.dumps([before, compiled("loops_of_the_test").add(1, 2)]))
"""


def run(cache, program=PROGRAM, modules=()):
    home = {"XDG_CACHE_HOME": str(cache), "XDG_STATE_HOME": str(cache / "state")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**home, "PATH": "", "PYTHONPATH": ":".join([*map(str, modules), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_machine_code_is_kept_in_the_cache_of_imagier(tmp_path):
    before, after, setting, first = run(tmp_path)
    assert (before, after, setting) == (False, True, "elsewhere")
    assert (tmp_path / "imagier").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "imagier" / "compiled").rglob("*.loop"))
    files = sorted(tmp_path.rglob("*.loop"))
    before, after, _, second = run(tmp_path)
    assert (before, after) == (True, True)
    assert sorted(tmp_path.rglob("*.loop")) == files
    assert second < first


def test_the_code_of_other_loops_or_of_some_is_not_that_of_all(tmp_path):
    assert run(tmp_path, SOME) == [False, False, False]


def test_code_made_from_another_text_does_not_count(tmp_path):
    place = tmp_path / "modules"
    place.mkdir()
    file = place / "loops_of_the_test.py"
    file.write_text(TEXT)
    assert run(tmp_path, ADD, [place]) == [False, 3]
    assert run(tmp_path, ADD, [place]) == [True, 3]
    file.write_text(TEXT.replace("a + b", "a - b"))
    assert run(tmp_path, ADD, [place]) == [False, -1]


def test_importing_kmeans_loads_no_compiler():
    program = "import sys, imagier.kmeans; print({'numba', 'scipy', 'sklearn'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
