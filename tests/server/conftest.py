"""A server of two tiny models, in a process of its own as its users start it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.recognizer.tiny_models import bars, bright, tiny_reader, tiny_recognizer

PATIENCE = 120


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def code(self):
        """The code of a refusal, whose body must be exactly what is promised."""
        error = self.json["error"]
        assert set(self.json) == {"error"}
        assert set(error) == {"code", "message", "request_id"}
        assert error["request_id"] == self.headers["x-request-id"]
        return error["code"]


@dataclass(kw_only=True)
class Server:
    process: subprocess.Popen
    port: int
    folder: Path
    errors: Path
    said: dict = field(default_factory=dict)

    def ask(self, method, path, body=None, **headers):
        """Ask once, on a connection of its own; `_` in the name of a header means `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(status=answer.status, headers=found, body=answer.read())
        finally:
            connection.close()

    def predict(self, content, path="/predict?model=thirds", kind="image/png", **headers):
        return self.ask("POST", path, content, content_type=kind, **headers)

    def form(self, path, *files, **headers):
        body, kind = form_of(*files)
        return self.ask("POST", path, body, content_type=kind, **headers)

    def raw(self, content, *, seconds=30, end=True):
        """Send bytes as they are; give all that comes back until the server ends it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
            link.sendall(content)
            if end:
                link.shutdown(socket.SHUT_WR)
            received = b""
            while piece := link.recv(65536):
                received += piece
            return received

    def metric(self, name):
        """Add up the samples whose line begins so."""
        lines = self.ask("GET", "/metrics").body.decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    def decoders(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in children.read_text().split()]

    def log(self):
        return self.errors.read_text("utf-8", "replace")


def form_of(*files):
    """Write a form of (field, filename or None, content)."""
    parts = []
    for name, filename, content in files:
        end = "" if filename is None else f'; filename="{filename}"'
        head = f'--limit\r\nContent-Disposition: form-data; name="{name}"{end}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join([*parts, b"--limit--\r\n"]), "multipart/form-data; boundary=limit"


def png(pixels):
    from io import BytesIO

    file = BytesIO()
    Image.fromarray(np.squeeze(np.asarray(pixels, np.uint8))).save(file, "PNG")
    return file.getvalue()


@contextmanager
def started(folder, *words, program=(sys.executable, "-m", "imagier"), **settings):
    """Start `imagier serve` on a free port, and end it."""
    errors = folder / "errors.txt"
    with errors.open("ab") as file:
        process = subprocess.Popen(
            [*program, "serve", *words, "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            env={**os.environ, "IMAGIER_LANG": "en", **settings},
        )
    try:
        line = process.stdout.readline()
        assert line, errors.read_text()
        said = json.loads(line)
        port = int(said["address"].rpartition(":")[2])
        yield Server(process=process, port=port, folder=folder, errors=errors, said=said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        process.stdout.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Save a model that names thirds and one that reads bars."""
    folder = tmp_path_factory.mktemp("served")
    tiny_recognizer().save(folder / "thirds.imagier")
    tiny_reader(whole=True).save(folder / "bars.imagier")
    return folder


@pytest.fixture(scope="session")
def server(models):
    words = (str(models / "thirds.imagier"), f"lines={models / 'bars.imagier'}")
    with started(models, *words, "--decoders", "2", "--threads", "1", "--log", "requests") as one:
        yield one


@pytest.fixture(scope="session")
def picture():
    """A picture whose middle third is bright."""
    return png(bright(1))


@pytest.fixture(scope="session")
def line():
    """A picture of the line 1234."""
    return png(bars("1234"))
