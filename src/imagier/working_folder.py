"""The current folder holds data, never settings: no library may find any there.

Whoever unpacks a stranger's pictures and calls imagier beside them would else be at the mercy of
what else was packed: a `.numba_config.yaml` can have numba import any installed module, and a
`matplotlibrc` can stop matplotlib. Both are looked for by their bare names when the library is
loaded, before anything else, and no setting of the libraries prevents it.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["without_settings"]

_one_at_a_time = threading.RLock()


@contextmanager
def without_settings(*names: str) -> Iterator[None]:
    """Load a library as if no file of these names stood in the current folder.

    While the block lasts, `os.path.exists` says no to these bare names, and answers all other
    questions of all threads as ever. Moving to another folder would move every thread.

    Args:
        names: The files that the library looks for, as it names them.
    """
    paths: Any = os.path
    with _one_at_a_time:
        exists = paths.exists
        paths.exists = lambda path: path not in names and exists(path)
        try:
            yield
        finally:
            paths.exists = exists
