"""`make` takes PyTorch's build for processors where its index answers in time, and says which."""

import importlib.util
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs" / "pytorch_index.py"


@pytest.fixture(scope="module")
def answers():
    spec = importlib.util.spec_from_file_location("pytorch_index", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.answers


@pytest.fixture
def serve():
    """Give the function that starts an index which answers so, after so many seconds."""
    servers = []

    def go(status, *, after=0.0):
        class Index(BaseHTTPRequestHandler):
            def do_GET(self):
                time.sleep(after)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *words):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/whl/cpu"

    yield go
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_index_that_answers_is_taken(serve):
    index = serve(200)
    done = subprocess.run(
        [sys.executable, SCRIPT, index], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"--extra-index-url {index}\n"
    assert f"the build for processors, from {index}" in done.stderr


def test_one_that_does_not_is_not_and_it_is_said():
    with socket.socket() as held:  # an address at which nobody listens
        held.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{held.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, SCRIPT, index], capture_output=True, text=True, check=True
        )
    assert done.stdout == ""
    assert "did not answer within 3 seconds; the usual build" in done.stderr


@pytest.mark.parametrize(("status", "after"), [(404, 0.0), (503, 0.0)])
def test_an_error_is_no_answer(answers, serve, status, after):
    assert not answers(serve(status, after=after))


def test_it_is_not_waited_for_longer(answers, serve):
    index, began = serve(200, after=1.5), time.monotonic()
    assert not answers(index, seconds=0.3)
    assert time.monotonic() - began < 1.2


def test_make_asks_unless_told_otherwise():
    recipe = (ROOT / "Makefile").read_text("utf-8")
    assert "$(or $(PIP_ARGS),$$($(BIN)/python docs/pytorch_index.py))" in recipe
    for page in ("README.md", "LISEZMOI.md"):
        assert (ROOT / page).read_text("utf-8").count("download.pytorch.org") == 1
