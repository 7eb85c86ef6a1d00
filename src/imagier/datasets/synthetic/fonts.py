"""Fonts on this machine: where they stand, and which of them a name means.

Matplotlib brings the DejaVu family, so that twelve faces are always there and the same everywhere;
the system's own are looked for in the folders where systems keep them.

>>> [font.name for font in standard_fonts()][:2]
['DejaVu Sans', 'DejaVu Sans Bold']
>>> find_fonts(["DejaVu Serif"])[0].path.name
'DejaVuSerif.ttf'
"""

import fnmatch
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imagier.errors import DataError, MachineError, did_you_mean
from imagier.files import natural_key, printable

__all__ = ["Font", "find_fonts", "font_lacks", "fonts_for", "installed_fonts", "standard_fonts"]

SUFFIXES = (".ttf", ".otf", ".ttc")
PLAIN_STYLES = ("book", "normal", "regular", "roman")
ALL = "all"
MOST_SHOWN = 20  # characters in a sentence
_STANDARD = re.compile(r"DejaVu(Sans|SansMono|Serif)(-Bold)?(-?(Oblique|Italic))?")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Font:
    """A font file.

    Attributes:
        name: Family and style, `DejaVu Sans Bold`; the style is left out where it is the plain one.
        path: The file.
    """

    name: str
    path: Path

    @property
    def characters(self) -> frozenset[str]:
        """All characters that the font can draw."""
        return _characters(self.path)


def installed_fonts() -> tuple[Font, ...]:
    """List the fonts of this machine by name, each once, those of matplotlib included."""
    found: dict[str, Font] = {}
    for path in (*_standard_paths(), *_system_paths()):
        font = _read(path)
        if font is not None:
            found.setdefault(font.name, font)
    return tuple(sorted(found.values(), key=lambda font: natural_key(font.name)))


def standard_fonts() -> tuple[Font, ...]:
    """Give the twelve faces that are on every machine: DejaVu Sans, Sans Mono and Serif."""
    fonts = (_read(path) for path in _standard_paths())
    return tuple(sorted(font for font in fonts if font is not None))


def find_fonts(words: Iterable[str | Path]) -> tuple[Font, ...]:
    """Find the fonts that words mean, in their order, each once.

    Args:
        words: Names (`DejaVu Sans`, in any case), patterns (`Liberation*`), paths of font files,
            or `all`.

    Raises:
        MachineError: `fonts_missing`, when no font bears the name.
        DataError: `font_unreadable`, when a file is no font.
    """
    fonts: dict[Path, Font] = {}
    for word in words:
        for font in _meant(word):
            fonts.setdefault(font.path, font)
    return tuple(fonts.values())


def fonts_for(
    words: Iterable[str | Path], characters: Iterable[str]
) -> tuple[tuple[Font, ...], tuple[Font, ...]]:
    """Find fonts that have all these characters.

    Args:
        words: As `find_fonts` reads them.
        characters: What each font must have.

    Returns:
        The fonts, and those that a pattern meant and that lack characters.

    Raises:
        MachineError: `fonts_missing`.
        DataError: `font_unreadable`; `font_lacks`, for a font that was named itself, or where all
            fonts of a pattern lack some.
    """
    wanted = frozenset(characters)
    good: dict[Path, Font] = {}
    left: dict[Path, Font] = {}
    for word in words:
        is_pattern = str(word).strip() == ALL or any(sign in str(word) for sign in "*?")
        for font in _meant(word):
            lacking = sorted(wanted - font.characters)
            if lacking and not is_pattern:
                raise font_lacks(font, lacking)
            (left if lacking else good).setdefault(font.path, font)
    if not good and left:
        font = next(iter(left.values()))
        raise font_lacks(font, sorted(wanted - font.characters))
    return tuple(good.values()), tuple(left.values())


def font_lacks(font: Font, lacking: Sequence[str]) -> DataError:
    """Give the error of a font without some characters."""
    shown = " ".join(printable(one) for one in lacking[:MOST_SHOWN])
    facts = {"n": len(lacking), "count": len(lacking), "font": printable(font.name)}
    return DataError("font_lacks", characters=shown, **facts)


def _meant(word: str | Path) -> Sequence[Font]:
    path = Path(word)
    if path.suffix.lower() in SUFFIXES and path.is_file():
        font = _read(path)
        if font is None:
            raise DataError("font_unreadable", path=printable(str(path)))
        return [font]
    fonts = installed_fonts()
    pattern = _plain("*" if str(word).strip() == ALL else str(word))
    matching = [font for font in fonts if fnmatch.fnmatchcase(_plain(font.name), pattern)]
    if not matching:
        hint = did_you_mean(str(word), [font.name for font in fonts])
        raise MachineError("fonts_missing", name=printable(str(word)), hint=hint)
    return matching


def _plain(name: str) -> str:
    """Write a name as it is compared: without case, spaces, hyphens and the plain style."""
    words = re.split(r"[\s_-]+", name.strip().casefold())
    kept = [word for word in words if word not in PLAIN_STYLES] or words
    return "".join(kept)


@cache
def _read(path: Path) -> Font | None:
    """Read a font's name; None where the file is no font."""
    from PIL import ImageFont

    try:
        family, style = ImageFont.truetype(str(path), 16).getname()
    except (OSError, ValueError):
        return None
    if not family:
        return None
    is_plain = not style or style.casefold() in PLAIN_STYLES
    return Font(name=family if is_plain else f"{family} {style}", path=path)


@cache
def _characters(path: Path) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    return frozenset(map(chr, FT2Font(str(path)).get_charmap()))


def _standard_paths() -> list[Path]:
    folder = _matplotlib_folder()
    return sorted(path for path in folder.glob("DejaVu*.ttf") if _STANDARD.fullmatch(path.stem))


def _matplotlib_folder() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def _system_paths() -> list[Path]:
    paths: list[Path] = []
    for folder in _system_folders():
        for place, _, names in os.walk(folder):
            paths += [Path(place, name) for name in names if name.lower().endswith(SUFFIXES)]
    return sorted(paths)


def _system_folders() -> list[Path]:
    """Name the folders where Linux, macOS and Windows keep fonts."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - `Path.home` fails where HOME is unset
    data = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    folders = [Path(data) / "fonts", home / ".fonts", home / "Library" / "Fonts"]
    folders += [Path(one) / "fonts" for one in shared.split(":") if one]
    folders += [Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    if windows := os.environ.get("WINDIR"):
        folders.append(Path(windows) / "Fonts")
    if local := os.environ.get("LOCALAPPDATA"):
        folders.append(Path(local) / "Microsoft" / "Windows" / "Fonts")
    return [folder for folder in folders if folder.is_dir()]
