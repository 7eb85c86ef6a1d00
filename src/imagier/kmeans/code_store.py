"""Machine code of compiled loops on the disk: run only where this installation has written it.

Whatever is loaded as machine code is run. numba's own files are pickles, which it loads from
wherever they lie; it is never asked to keep any. Here each compiled loop is one file that begins
with an authentication code: HMAC-SHA256 over the file's name and its content, made with the key of
this user on this machine (`imagier.local_key`). A file that was altered, renamed, copied from
another machine or put there by somebody else does not have the right code: not a byte of it is
interpreted, and the loop is compiled again.

The name holds the hash of all that the code depends on: the loop's text, the types of its
arguments, the processor, and the versions of Python, numba and llvmlite.

Source: H. Krawczyk, M. Bellare and R. Canetti, "HMAC: keyed-hashing for message authentication",
RFC 2104, 1997.
"""

import hmac
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
from numba.core import compiler, serialize

from imagier.errors import MachineError
from imagier.files import content_hash, write_file

__all__ = ["CodeStore"]

_compiler: Any = compiler  # numba's functions have no types
_serialize: Any = serialize
_VERSIONS = (platform.python_implementation(), sys.version, numba.__version__, version("llvmlite"))
_CODE_BYTES = 32  # of SHA-256
_SUFFIX = ".loop"
_UNUSED = 180 * 24 * 3600.0  # seconds after which what an older version has left is removed


class CodeStore:
    """The machine code of one loop, in the form in which numba's dispatcher asks for it."""

    def __init__(self, loop: Callable[..., Any], *, folder: Path, key: bytes) -> None:
        """Name what is kept.

        Args:
            loop: The function that is compiled.
            folder: Where the code of all loops is kept.
            key: What authenticates it.

        Raises:
            OSError: The text of the function cannot be read.
        """
        text = Path(loop.__code__.co_filename).read_bytes()
        stamp = (loop.__module__, loop.__qualname__, content_hash(text), *_VERSIONS)
        self._beginning = f"{loop.__name__}-{_hash(*stamp)}-"
        self._folder = folder
        self._key = key

    @property
    def cache_path(self) -> str:
        """The folder, as numba's statistics show it."""
        return str(self._folder)

    @property
    def is_kept(self) -> bool:
        """Whether authentic code of this loop is here, made from its present text."""
        return any(self._read(path.name) for path in self._folder.glob(f"{self._beginning}*"))

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Load the code for some types of arguments; None where there is none of ours."""
        target.refresh()
        content = self._read(self._name(signature, target.codegen()))
        if content is None:
            return None
        return _compiler.CompileResult._rebuild(target, *_serialize.loads(content))

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled; where it cannot be kept, it is compiled again next time."""
        if result.lifted or result.library.has_dynamic_globals:  # it holds addresses
            return
        name = self._name(signature, result.library.codegen)
        content: bytes = _serialize.dumps(result._reduce())
        with suppress(MachineError):
            write_file(self._folder / name, self._code(name, content) + content)
        for path in self._left_by_older_versions():
            with suppress(OSError):
                path.unlink()

    def flush(self) -> None:
        """Forget nothing: what changes has another name."""

    def _name(self, signature: Any, codegen: Any) -> str:
        return f"{self._beginning}{_hash(signature, codegen.magic_tuple())}{_SUFFIX}"

    def _read(self, name: str) -> bytes | None:
        """Read a file once; give what it holds where its authentication code is right."""
        try:
            content = (self._folder / name).read_bytes()
        except OSError:
            return None
        code, content = content[:_CODE_BYTES], content[_CODE_BYTES:]
        return content if hmac.compare_digest(code, self._code(name, content)) else None

    def _code(self, name: str, content: bytes) -> bytes:
        return hmac.digest(self._key, name.encode() + b"\0" + content, "sha256")

    def _left_by_older_versions(self) -> Iterator[Path]:
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _UNUSED:
                    yield path


def _hash(*facts: object) -> str:
    return content_hash(repr(facts).encode("utf-8", "surrogateescape"))
