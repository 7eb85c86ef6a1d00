"""JPEG files that lack their last two bytes, the end mark: is the picture whole all the same?

A download that lost two bytes lost no pixel. Two questions tell such a file from one that was cut
in its pixels: have its scans given every coefficient to its last bit, and is the last scan
complete? If it is, bytes put behind it change nothing; if it is not, they are taken for pixels.

Source: ITU T.81, annexes B and G.
"""

from collections.abc import Callable

__all__ = ["END", "is_whole", "lacks_end"]

END = b"\xff\xd9"
_START_OF_SCAN = b"\xff\xda"
# What may follow, beginning with other bits each, so that no code that is cut goes on alike in all.
_MORE = tuple(bytes([first, *range(1, 200)]) for first in (0xA5, 0x6B, 0xD2))
_COEFFICIENTS = 64


def lacks_end(content: bytes) -> bool:
    """Tell whether no end mark follows the last scan."""
    last = content.rfind(_START_OF_SCAN)
    return last >= 0 and content.find(END, last) < 0


def is_whole(
    content: bytes, header: int, components: int, unpacked: Callable[[list[memoryview]], bytes]
) -> bool:
    """Tell whether a JPEG without its end mark holds all of its picture.

    Args:
        content: The file.
        header: Where its header ends.
        components: How many components its picture has.
        unpacked: Gives a name for the pixels of a file in pieces.
    """
    if not _has_all_coefficients(content, header, components):
        return False
    scans = memoryview(content)
    while scans and scans[-1] == 0xFF:  # half of the end mark
        scans = scans[:-1]
    end = memoryview(END)
    found = unpacked([scans, end])
    return all(unpacked([scans, memoryview(more), end]) == found for more in _MORE)


def _has_all_coefficients(content: bytes, header: int, components: int) -> bool:
    """Tell whether the scans together give each component's coefficients to their last bit."""
    lacking: dict[int, set[int]] = {}
    at = content.find(_START_OF_SCAN, header)
    while at >= 0:
        count = content[at + 4] if at + 4 < len(content) else 0
        settings = at + 5 + 2 * count
        if settings + 3 > len(content):
            return False
        first, last, bits = content[settings : settings + 3]
        for component in content[at + 5 : settings : 2]:
            left = lacking.setdefault(component, set(range(_COEFFICIENTS)))
            if bits & 15 == 0:
                left -= set(range(first, last + 1))
        at = content.find(_START_OF_SCAN, settings)
    return len(lacking) == components and not any(lacking.values())
