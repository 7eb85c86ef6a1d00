"""`python -m imagier` is the same as `imagier`; `python -P -m imagier` is safer."""

import os
import sys

__all__: list[str] = []


def _leave_out_current_folder() -> None:
    """Import nothing from the current folder, which `python -m` puts first, `python -P -m` not."""
    if not sys.flags.safe_path and sys.path[:1] in ([""], [_current_folder()]):
        del sys.path[0]


def _current_folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib may not be imported before
    except OSError:
        return ""  # it was removed


if __name__ == "__main__":
    _leave_out_current_folder()
    from imagier.cli import main

    main()
