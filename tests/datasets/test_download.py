import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from imagier.datasets.sources.download import fetch
from imagier.datasets.sources.remote_file import RemoteFile
from imagier.errors import MachineError
from imagier.i18n import use_language

CONTENT = b"sixty thousand digits"
WANTED = RemoteFile(name="digits.gz", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


class Mirror(BaseHTTPRequestHandler):
    """Answers according to the first folder of the address."""

    asked: ClassVar[list[str]] = []

    def do_GET(self):
        kind = self.path.split("/")[1]
        self.asked.append(kind)
        if kind == "absent":
            self.send_error(404)
            return
        if kind in ("elsewhere", "unsafe"):
            self.send_response(302)
            target = {"elsewhere": "/good/digits.gz", "unsafe": "http://example.org/digits.gz"}
            self.send_header("Location", target[kind])
            self.end_headers()
            return
        bodies = {
            "good": CONTENT,
            "altered": CONTENT[::-1],
            "longer": CONTENT + bytes(10**6),
            "shorter": CONTENT[:-1],
            "cut": CONTENT[:-1],
        }
        body = bodies[kind]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (kind == "cut")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/"
        httpd.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    Mirror.asked.clear()


def test_a_file_is_fetched_once(server, tmp_path):
    path = fetch(WANTED, tmp_path, [server + "good/"])
    assert path == tmp_path / "digits.gz"
    assert path.read_bytes() == CONTENT
    assert fetch(WANTED, tmp_path, [server + "good/"]) == path
    assert Mirror.asked == ["good"]


def test_the_next_mirror_is_asked_until_one_is_right(server, tmp_path):
    kinds = ("absent", "altered", "shorter", "longer", "cut", "unsafe", "good")
    path = fetch(WANTED, tmp_path, [f"{server}{kind}/" for kind in kinds])
    assert path.read_bytes() == CONTENT
    assert Mirror.asked == list(kinds)


def test_a_redirection_within_the_rules_is_followed(server, tmp_path):
    assert fetch(WANTED, tmp_path, [server + "elsewhere/"]).read_bytes() == CONTENT
    assert Mirror.asked == ["elsewhere", "good"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("absent", "HTTP 404"),
        ("altered", "checksum"),
        ("longer", "longer than 21 bytes"),
        ("shorter", "20 bytes came instead of 21"),
        ("cut", "20 bytes came instead of 21"),
        ("unsafe", "https"),
    ],
)
def test_a_wrong_file_is_never_kept(server, tmp_path, kind, said):
    with use_language("en"), pytest.raises(MachineError) as caught:
        fetch(WANTED, tmp_path, [f"{server}{kind}/"])
    assert caught.value.code == "download_failed"
    assert said in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_spoilt_file_in_the_cache_is_fetched_again(server, tmp_path):
    (tmp_path / "digits.gz").write_bytes(CONTENT[::-1])
    assert fetch(WANTED, tmp_path, [server + "good/"]).read_bytes() == CONTENT


@pytest.mark.parametrize("mirror", ["http://example.org/", "ftp://x/", "file:///etc/", "nothing"])
def test_only_safe_addresses_are_asked(tmp_path, mirror):
    with pytest.raises(MachineError):
        fetch(WANTED, tmp_path, [mirror])


def test_no_answer_at_all_is_told(tmp_path):
    with use_language("en"), pytest.raises(MachineError) as caught:
        fetch(WANTED, tmp_path, ["http://127.0.0.1:9/"])
    assert "127.0.0.1:9" in caught.value.message
