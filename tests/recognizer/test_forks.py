"""Forked children, workers and servers: all of them answer, and none hangs at its exit."""

import multiprocessing
import os
import subprocess
import sys
import textwrap

import pytest

from imagier import load

START = """
    import os, sys, time
    import numpy as np
    import imagier
    model = imagier.load(sys.argv[1], threads=2)
    picture = np.zeros((9, 9), np.uint8); picture[:, :3] = 255
"""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def run(code, folder, seconds=60):
    program = textwrap.dedent(START) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


WAIT = """
    def wait(pid):
        for _ in range(100):
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
            time.sleep(0.2)
        os.kill(pid, 9)
        return False
"""


@pytest.mark.parametrize("is_used", [False, True])
def test_a_forked_child_answers_and_ends(model_folder, is_used):
    code = f"""
    if {is_used}:
        model.predict(picture)
    children = []
    for _ in range(2):  # a pre-fork server
        pid = os.fork()
        if pid == 0:
            os.write(1, (model.predict(picture).label + chr(10)).encode())
            sys.exit(0)
        children.append(pid)
    print(*[wait(pid) for pid in children], model.predict(picture).label)
    """
    found = run(WAIT + code, model_folder)
    assert sorted(found) == sorted(["left", "left", "left", "True", "True"])


def test_a_child_that_predicts_nothing_ends(model_folder):
    code = """
    model.predict(picture)
    pid = os.fork()
    if pid == 0:
        sys.exit(0)
    print(wait(pid))
    """
    assert run(WAIT + code, model_folder) == ["True"]


def test_forks_beside_threads_that_predict(model_folder):
    code = """
    import threading
    stop = threading.Event()
    def go():
        while not stop.is_set():
            list(model.predict_many([picture] * 8))
    threads = [threading.Thread(target=go) for _ in range(2)]
    for one in threads: one.start()
    ended = []
    for _ in range(8):
        pid = os.fork()
        if pid == 0:
            os.write(1, (model.predict(picture).label + chr(10)).encode())
            os._exit(0)
        ended.append(wait(pid))
    stop.set()
    print(all(ended))
    """
    found = run(WAIT + code, model_folder)
    assert sorted(found) == sorted(["left"] * 8 + ["True"])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_multiprocessing(model_folder, tiny, method):
    model = load(model_folder)
    pictures = [tiny.bright(third) for third in (0, 1, 2)]
    model.predict(pictures[0])
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.starmap(_label_at, [(str(model_folder), picture) for picture in pictures])
        kept = [pool.apply(model.predict, (picture,)).label for picture in pictures]
    assert found == kept == list(tiny.THIRDS)


def _label_at(folder, picture):
    return load(folder).predict(picture).label


def test_workers_of_joblib(model_folder, tiny):
    joblib = pytest.importorskip("joblib")
    model = load(model_folder)
    model.predict(tiny.bright(0))
    for backend in ("loky", "multiprocessing", "threading"):
        jobs = (joblib.delayed(model.predict)(tiny.bright(third)) for third in (0, 1, 2))
        found = joblib.Parallel(n_jobs=2, backend=backend)(jobs)
        assert [one.label for one in found] == list(tiny.THIRDS)
