"""onnxruntime-web: only the known files of the known version, from wherever they come."""

import gzip
import hashlib
import io

import pytest

from imagier.errors import MachineError, UsageError
from imagier.export import browser_runtime as room


def tar_of(files):
    """Write a tar archive by hand, as npm does: header blocks, contents filled up to 512."""
    found = io.BytesIO()
    for name, content in files.items():
        header = bytearray(512)
        header[: len(name)] = name.encode()
        header[124:136] = f"{len(content):011o} ".encode()
        found.write(bytes(header) + content + bytes(-len(content) % 512))
    return found.getvalue() + bytes(1024)


@pytest.fixture
def known(monkeypatch):
    """Let two small files be the known ones."""
    files = {room.PROGRAM: b"export{a as InferenceSession}", room.ENGINE: b"\0asm"}
    digests = {name: hashlib.sha256(one).hexdigest() for name, one in files.items()}
    monkeypatch.setattr(room, "FILES", digests)
    return files


def archive(monkeypatch, path, files):
    others = {"package/README.md": b"x" * 700, "package/package.json": b"{}"}
    members = others | {f"package/{name}": one for name, one in files.items()}
    path.write_bytes(gzip.compress(tar_of(members)))
    known = room.RemoteFile(
        name=path.name,
        size=path.stat().st_size,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    monkeypatch.setattr(room, "PACKAGE", known)


def test_the_package_is_read_as_npm_packs_it(known, monkeypatch, tmp_path):
    archive(monkeypatch, tmp_path / "ort.tgz", known)
    found = room.browser_runtime(str(tmp_path / "ort.tgz"))
    assert (found.program, found.engine) == (known[room.PROGRAM], known[room.ENGINE])


@pytest.mark.parametrize("below", ["", "package", "node_modules/onnxruntime-web"])
def test_the_package_is_read_as_it_was_unpacked(known, tmp_path, below):
    for name, content in known.items():
        (tmp_path / below / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / below / name).write_bytes(content)
    assert room.browser_runtime(str(tmp_path)).engine == b"\0asm"


def test_another_file_is_refused(known, monkeypatch, tmp_path):
    archive(monkeypatch, tmp_path / "ort.tgz", known)
    (tmp_path / "evil.tgz").write_bytes((tmp_path / "ort.tgz").read_bytes() + b"\0")
    for name, content in known.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content + b"//")
    for place in ("evil.tgz", ".", "nothing.tgz"):
        with pytest.raises(UsageError) as refusal:
            room.browser_runtime(str(tmp_path / place))
        assert refusal.value.code == "runtime_other"


def test_a_package_without_the_file_is_refused(known, monkeypatch, tmp_path):
    archive(monkeypatch, tmp_path / "ort.tgz", {room.PROGRAM: known[room.PROGRAM]})
    with pytest.raises(UsageError, match=r"wasm\.wasm|threaded\.wasm"):
        room.browser_runtime(str(tmp_path / "ort.tgz"))


def test_without_a_network_the_line_to_type_is_given(monkeypatch):
    monkeypatch.setattr(room, "REGISTRY", ("http://127.0.0.1:9/",))
    with pytest.raises(MachineError) as refusal:
        room.browser_runtime()
    assert refusal.value.code == "runtime_missing"
    assert f"npm pack onnxruntime-web@{room.VERSION}" in refusal.value.next_step
