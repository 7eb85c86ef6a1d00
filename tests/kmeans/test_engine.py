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
kmeans(np.eye(3), 2)
print(json.dumps([before, is_compiled(), numba.config.CACHE_DIR, time.perf_counter() - began]))
"""


def run(cache):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
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


def test_importing_kmeans_loads_no_compiler():
    program = "import sys, imagier.kmeans; print({'numba', 'scipy', 'sklearn'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
