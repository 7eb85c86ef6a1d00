r"""One writing for what people type: composed letters, single spaces, none around.

>>> one_writing("  e\u0301te\u0301  rouge ") == "été rouge"
True
"""

import unicodedata

__all__ = ["one_writing"]


def one_writing(text: str) -> str:
    """Write a name in one way, so that two who mean the same have typed the same.

    Args:
        text: What was typed, or stands in a table.
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))
