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

STALE = """
import json, os
import numpy as np
from imagier.kmeans import kmeans
from imagier.kmeans.engine import is_compiled, loops
kmeans(np.eye(3), 2).assign(np.eye(3))
kept = is_compiled()
sweep = loops().sweep
for index in os.scandir(sweep.stats.cache_path):
    if ".sweep-" in index.name:
        os.utime(index, (0, 0))
print(json.dumps([kept, is_compiled()]))
"""


def run(cache, program=PROGRAM):
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"XDG_CACHE_HOME": str(cache), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
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
    assert list((tmp_path / "imagier" / "compiled").rglob("*.nbc"))
    files = sorted(tmp_path.rglob("*.nbc"))
    before, after, _, second = run(tmp_path)
    assert (before, after) == (True, True)
    assert sorted(tmp_path.rglob("*.nbc")) == files
    assert second < first


def test_the_code_of_other_loops_or_of_some_is_not_that_of_all(tmp_path):
    assert run(tmp_path, SOME) == [False, False, False]


def test_code_made_from_an_older_text_does_not_count(tmp_path):
    assert run(tmp_path, STALE) == [True, False]


def test_importing_kmeans_loads_no_compiler():
    program = "import sys, imagier.kmeans; print({'numba', 'scipy', 'sklearn'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
