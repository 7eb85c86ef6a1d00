"""ONNX Runtime for browsers: two files of its npm package, of one version, known by their hashes.

The package takes 33 MB and is no part of imagier. It is downloaded once from npm's registry into
the cache, or given as `npm pack` or `npm install` bring it. Since the page runs its code, any other
file is refused, whoever serves it. Of its builds the smallest is taken: WebAssembly without a GPU,
without threads, which would ask headers of the server.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from imagier.cache import cache_folder
from imagier.datasets.sources.download import fetch
from imagier.datasets.sources.remote_file import RemoteFile
from imagier.errors import MachineError, UsageError
from imagier.files import printable, read_regular
from imagier.i18n import t

__all__ = ["VERSION", "BrowserRuntime", "browser_runtime"]

VERSION = "1.30.0"
REGISTRY = ("https://registry.npmjs.org/onnxruntime-web/-/",)
PACKAGE = RemoteFile(
    name=f"onnxruntime-web-{VERSION}.tgz",
    size=33_106_585,
    sha256="d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
)
PROGRAM, ENGINE = "dist/ort.wasm.bundle.min.mjs", "dist/ort-wasm-simd-threaded.wasm"
FILES = {
    PROGRAM: "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    ENGINE: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
MOST_BYTES = 64 * 2**20
_BLOCK = 512  # bytes of a header in a tar archive, to which every file is filled up


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRuntime:
    """The engine of a page.

    Attributes:
        program: Its JavaScript, an ES module.
        engine: Its WebAssembly.
    """

    program: bytes = field(repr=False)
    engine: bytes = field(repr=False)


def browser_runtime(place: str | None = None) -> BrowserRuntime:
    """Give ONNX Runtime Web.

    Args:
        place: The package's .tgz or its unpacked folder; None for the one in the cache, which is
            downloaded where it is not there yet.

    Raises:
        MachineError: `runtime_missing`, when it cannot be downloaded.
        UsageError: `runtime_other`, when what was given is not that version as npm distributes it.
    """
    path = _downloaded() if place is None else Path(place)
    files = _of_folder(path) if path.is_dir() else _of_archive(path)
    for name, digest in FILES.items():
        if name not in files:
            raise _other(path, t("export.runtime_lacks", name=name))
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise _other(path, t("export.runtime_hash", name=name))
    return BrowserRuntime(program=files[PROGRAM], engine=files[ENGINE])


def _downloaded() -> Path:
    try:
        return fetch(PACKAGE, cache_folder("runtime"), REGISTRY)
    except MachineError as error:
        if error.code != "download_failed":
            raise
        reason = str(error.facts["answers"])
        raise MachineError("runtime_missing", version=VERSION, reason=reason) from error


def _of_folder(folder: Path) -> dict[str, bytes]:
    """Read the two files of an unpacked package, of `node_modules` too."""
    inner = (folder / "node_modules/onnxruntime-web", folder / "package", folder)
    root = next((one for one in inner if (one / PROGRAM).is_file()), folder)
    return {name: _content(root / name) for name in FILES if (root / name).is_file()}


def _of_archive(path: Path) -> dict[str, bytes]:
    """Read the two files of the package as npm packs it, its hash being the known one."""
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != PACKAGE.sha256:
        raise _other(path, t("export.runtime_hash", name=printable(path.name)))
    try:
        return dict(_members(memoryview(gzip.decompress(content))))
    except (OSError, EOFError, zlib.error, ValueError):
        raise _other(path, t("export.runtime_no_archive")) from None


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, limit=MOST_BYTES)
    except (OSError, ValueError) as error:
        raise _other(path, printable(str(error))) from None


def _members(archive: memoryview) -> Iterator[tuple[str, bytes]]:
    """Give the wanted files of a tar archive, by their names below `package/`."""
    at = 0
    while at + _BLOCK <= len(archive) and archive[at]:
        name = bytes(archive[at : at + 100]).rstrip(b"\0").decode("utf-8", "replace")
        size = int(bytes(archive[at + 124 : at + 136]).strip(b" \0") or b"0", 8)
        at += _BLOCK
        if name.removeprefix("package/") in FILES:
            yield name.removeprefix("package/"), bytes(archive[at : at + size])
        at += -(-size // _BLOCK) * _BLOCK


def _other(path: Path, reason: str) -> UsageError:
    return UsageError("runtime_other", path=printable(path), version=VERSION, reason=reason)
