"""Letters on a real terminal: bold where it may be, plain where the user or the terminal asks."""

import os
import pty
import subprocess
import sys

import pytest

STYLED = (
    "from imagier.cli.framework import progress_bar, say\n"
    "from imagier.i18n import BOLD, PLAIN\n"
    "say(f'{BOLD}title{PLAIN}')\n"
    "with progress_bar('Learning') as advance:\n"
    "    advance(1, 2)\n"
)


def on_a_terminal(**settings):
    """Run the lines above on a terminal of their own; give all that was written to it."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-c", STYLED],
        stdout=theirs,
        stderr=theirs,
        env=environment | {"TERM": "xterm"} | settings,
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 4096):
                written += piece
        except OSError:  # how Linux says that the other end was closed
            pass
        finally:
            os.close(ours)
    assert process.returncode == 0
    return written


def test_a_title_is_bold_and_a_bar_is_drawn():
    written = on_a_terminal()
    assert b"\x1b[1mtitle\x1b[0m" in written
    assert b"Learning" in written


def test_no_color_leaves_letters_plain_and_keeps_the_bar():
    written = on_a_terminal(NO_COLOR="1")
    assert b"title\r\n" in written
    assert b"\x1b[1m" not in written
    assert b"Learning" in written


def test_a_dumb_terminal_gets_plain_lines_alone():
    assert on_a_terminal(TERM="dumb") == b"title\r\n"


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_no_color_means_nothing(value):
    settings = {} if value is None else {"NO_COLOR": value}
    assert b"\x1b[1mtitle" in on_a_terminal(**settings)
