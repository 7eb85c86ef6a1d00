r"""What a regular expression finds in file names: classes, groups.

    --label-from '^([a-z]+)'    cat_0001.jpg is a cat
    --group-from '^(\d+)_'      00012_00003.png is of group 00012

The file's own name is searched; a pattern in which a `/` stands searches the whole path below the
source. A pattern may take longer than anyone lives ("(a+)+b" on "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
and Python cannot be told to stop; so a process of its own does the search, and is ended when its
time is over.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from imagier.errors import MachineError, UsageError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["LabelPattern", "find_in_names", "propose_label_pattern"]

LONGEST_PATTERN, LONGEST_NAME = 200, 255
LONGEST_PATH = 1000
SECONDS, NAMES_A_SECOND = 10.0, 20_000
SEARCH = """
import json, re, sys
pattern, names = json.load(sys.stdin)
regex = re.compile(pattern)
group = 1 if regex.groups else 0
json.dump([(one[group] or "") if one else "" for one in map(regex.search, names)], sys.stdout)
"""
LABEL_PATTERNS = (
    r"^([A-Za-z]+)",
    r"^(\D*[^\W\d_])[\W_]*\d",
    r"\d[\W_]+(\D*[^\W\d_])\.\w+$",
)
_ODD = {"group": "group_pattern", "label": "label_pattern"}
MOST_READ = 20_000  # names from which a pattern is proposed
MOST_CLASSES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPattern:
    """A pattern that finds classes in the names of files.

    Attributes:
        pattern: A regular expression whose first group is the class.
        labels: The classes that it finds, in order.
    """

    pattern: str
    labels: tuple[str, ...]


def find_in_names(
    names: Sequence[str], pattern: str, wanted: Literal["group", "label"]
) -> list[str]:
    r"""Find something in each file's name: the pattern's first group, else all that it finds.

    Args:
        names: Paths, with `/` between folders.
        pattern: A regular expression of the user's.
        wanted: What is looked for; the option `--label-from` or `--group-from` is named after it.

    Returns:
        One text a name, empty where the pattern finds nothing.

    Raises:
        UsageError: `group_pattern`, `label_pattern` or `pattern_slow`.
        MachineError: `process_failed`.

    >>> find_in_names(["cat/00012_00003.png", "cat/none.png"], r"^(\d+)_", "group")
    ['00012', '']
    >>> find_in_names(["a/cat/1.png"], r"([^/]+)/[^/]+$", "label")
    ['cat']
    """
    shown = printable(pattern[:80])
    if len(pattern) > LONGEST_PATTERN:
        reason = t("datasets.group_pattern_long", most=LONGEST_PATTERN)
        raise UsageError(_ODD[wanted], pattern=shown, reason=reason)
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(_ODD[wanted], pattern=shown, reason=str(error)) from None
    if "/" in pattern:
        texts = [name[-LONGEST_PATH:] for name in names]
    else:
        texts = [PurePosixPath(name).name[:LONGEST_NAME] for name in names]
    return _search(pattern, texts, wanted)


def propose_label_pattern(names: Sequence[str]) -> LabelPattern | None:
    """Propose a pattern where the names of files begin or end with what looks like their class.

    >>> propose_label_pattern(["cat.0.jpg", "dog.1.jpg", "cat.2.jpg", "dog.3.jpg"]).labels
    ('cat', 'dog')
    >>> propose_label_pattern(["IMG_1.jpg", "IMG_2.jpg"]) is None
    True
    """
    texts = [PurePosixPath(name).name[:LONGEST_NAME] for name in names[:MOST_READ]]
    found = [_labels(pattern, texts) for pattern in LABEL_PATTERNS]
    short, whole, _ = found
    if short is not None and whole is not None and short.labels != whole.labels:
        found[0] = None  # american_bulldog_1: the first word alone is not the class
    return next((one for one in found if one is not None), None)


def _labels(pattern: str, texts: Sequence[str]) -> LabelPattern | None:
    """Give a pattern that finds a class in every name: several of them, of several pictures."""
    regex = re.compile(pattern)
    counts: Counter[str] = Counter()
    for text in texts:
        one = regex.search(text)
        if one is None:
            return None
        counts[one[1]] += 1
    most = min(MOST_CLASSES, len(texts) // 2)
    if not 2 <= len(counts) <= most or min(counts.values()) < 2:
        return None
    return LabelPattern(pattern=pattern, labels=tuple(sorted(counts)))


def _search(pattern: str, texts: Sequence[str], wanted: str) -> list[str]:
    """Search in a process of its own, which reads nothing but what it is given."""
    seconds = SECONDS + len(texts) / NAMES_A_SECOND
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", SEARCH],
            input=json.dumps([pattern, texts]),
            capture_output=True,
            encoding="ascii",
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        facts = {"option": f"--{wanted}-from", "seconds": round(seconds)}
        raise UsageError("pattern_slow", pattern=printable(pattern), **facts) from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise MachineError("process_failed", reason=printable(str(error)[:200])) from error
    found: list[str] = json.loads(done.stdout)
    return found
