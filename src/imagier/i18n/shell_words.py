r"""Words of a command that can be pasted: a name with spaces, quotes or `$` is one word, and runs.

A sentence of the catalogues writes `{path:path}` or `{pattern:word}` where a command stands in it.

>>> shell_path("my photos", "linux"), shell_path("-x.png", "linux"), shell_word("it's", "linux")
("'my photos'", './-x.png', '\'it\'"\'"\'s\'')
>>> shell_path("my photos", "win32"), shell_word("$x", "win32")
('"my photos"', "'$x'")
"""

import os
import re
import shlex
import sys

__all__ = ["shell_path", "shell_word"]

_PLAIN_ON_WINDOWS = re.compile(r"[\w.:\\/+-]+")
_EXPANDED_BY_ZSH = "="


def shell_word(text: str, platform: str = sys.platform) -> str:
    """Write a text as one word of a command.

    On Windows the word is one for cmd and for PowerShell, save that only PowerShell has quotes in
    which a dollar sign, a backquote or a double quote is nothing but itself. Elsewhere letters that
    a terminal obeys, and bytes that are no text, are written as bash and zsh read their code, which
    fish does not know.

    Args:
        text: What the program shall receive.
        platform: Whose shells they are, as `sys.platform` names it.
    """
    if platform == "win32":
        if _PLAIN_ON_WINDOWS.fullmatch(text):
            return text
        if re.search(r'[$`"]', text):
            return "'" + text.replace("'", "''") + "'"
        return f'"{text}"'
    if not text.isprintable():
        return "$'" + "".join(map(_code, os.fsencode(text))) + "'"
    word = shlex.quote(text)
    return f"'{word}'" if word.startswith(_EXPANDED_BY_ZSH) else word


def shell_path(text: str, platform: str = sys.platform) -> str:
    """Write a path as one word that is not taken for an option."""
    if text.startswith("-"):
        text = os.curdir + ("\\" if platform == "win32" else "/") + text
    return shell_word(text, platform)


def _code(byte: int) -> str:
    letter = chr(byte)
    is_plain = byte < 128 and letter.isprintable() and letter not in "'\\"
    return letter if is_plain else f"\\x{byte:02x}"
