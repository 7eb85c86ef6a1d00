"""Backbones by their name on a hub, played by a small server that speaks its protocol."""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from imagier.errors import ImagierError
from imagier.features import open_backbone

pytest.importorskip("huggingface_hub", reason="the extra `hf` is not installed")
REVISION = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """A hub that holds one repository, `owner/name`.

    Attributes:
        files: Its files by name.
        asked: The paths that were asked for, in order.
    """

    def __init__(self):
        self.files = {}
        self.asked = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                hub.answer(self)

            def do_GET(self):
                hub.answer(self)

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, request):
        path = request.path.split("?")[0]
        self.asked.append(path)
        wanted = path.removeprefix(f"/owner/name/resolve/{REVISION}/")
        headers = {"X-Repo-Commit": REVISION}
        if path.startswith("/api/models/owner/name"):
            siblings = [{"rfilename": name} for name in self.files]
            info = {"id": "owner/name", "sha": REVISION, "siblings": siblings}
            status, content = 200, json.dumps(info).encode()
            headers["Content-Type"] = "application/json"
        elif wanted in self.files:
            status, content = 200, self.files[wanted]
            headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        else:
            status, content = 404, b""
            headers["X-Error-Code"] = "RepoNotFound"
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(content)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    hub = Hub()
    yield hub
    hub.stop()


@pytest.fixture
def onnx(tiny, tmp_path):
    return tiny.write(tmp_path / "tiny.onnx").read_bytes()


def refusal(spec, hub):
    with pytest.raises(ImagierError) as caught:
        open_backbone(spec, endpoint=hub.endpoint)
    return caught.value


@pytest.mark.parametrize("file", ["onnx/model.onnx", "model.onnx", "other.onnx"])
def test_a_backbone_is_fetched_and_pinned(hub, onnx, tiny, file):
    hub.files = {file: onnx, "README.md": b"words"}
    backbone = open_backbone("hf:owner/name", endpoint=hub.endpoint)
    assert backbone.name == f"hf:owner/name@{REVISION}"
    assert backbone.outputs == tiny.OUTPUTS
    assert not any("README" in path for path in hub.asked)


def test_what_a_hash_names_is_not_asked_for_again(hub, onnx):
    hub.files = {"model.onnx": onnx}
    first = open_backbone("hf:owner/name", endpoint=hub.endpoint)
    hub.asked.clear()
    again = open_backbone(first.name, endpoint=hub.endpoint)
    assert (again.key, again.name, hub.asked) == (first.key, first.name, [])


def test_the_levels_come_with_it(hub, onnx):
    settings = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    name = "preprocessor_config.json"
    hub.files = {"onnx/model.onnx": onnx, name: json.dumps(settings).encode()}
    backbone = open_backbone("hf:owner/name", endpoint=hub.endpoint)
    assert backbone.levels.mean == pytest.approx((127.5,) * 3)


def test_a_fetched_file_is_looked_through_like_any_other(hub):
    hub.files = {"model.onnx": b"no ONNX at all"}
    assert refusal("hf:owner/name", hub).code == "backbone_refused"


def test_which_file_must_be_clear(hub, onnx):
    hub.files = {"a.onnx": onnx, "b.onnx": onnx}
    error = refusal("hf:owner/name", hub)
    assert (error.code, error.exit_code) == ("backbone_no_onnx", 2)
    assert "a.onnx, b.onnx" in error.message
    hub.files = {"model.safetensors": b""}
    assert refusal("hf:owner/name", hub).code == "backbone_no_onnx"


def test_a_repository_that_is_not_there(hub):
    error = refusal("hf:owner/other", hub)
    assert (error.code, error.exit_code) == ("backbone_download", 5)
    assert "hf:owner/other" in error.message


@pytest.mark.parametrize("spec", ["hf:", "hf:name", "hf:a/b/c", "hf:owner/name@", "hf:../x/y"])
def test_what_is_no_name(hub, spec):
    assert refusal(spec, hub).code == "backbone_name"
    assert hub.asked == []


def test_the_line_to_type_when_the_extra_is_missing(hub, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    error = refusal("hf:owner/name", hub)
    assert (error.code, error.exit_code) == ("backbone_not_installed", 5)
    assert error.next_step.endswith("-m pip install huggingface_hub")
