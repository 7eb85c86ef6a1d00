"""Auditing: what is wrong with a set of named pictures, found before anything is learnt from it.

A recogniser learns what it is shown: a wrong name, the same picture on both sides of the test, the
stamp of the hospital. Each audit takes arrays (thumbnails, probabilities, names) and says which
pictures to look at first; nothing is ever changed.
"""

from imagier.auditing.audit import Audit, Judgement, RankedPicture, odd_sizes
from imagier.auditing.clean_list import clean_list
from imagier.auditing.copies import CopyPair, find_copies
from imagier.auditing.cues import Cue, judge_cues
from imagier.auditing.duplicate_groups import CopyGroup, DuplicateGroups, find_duplicates
from imagier.auditing.label_errors import LabelErrors, find_label_errors
from imagier.auditing.page import audit_html
from imagier.auditing.results import AuditAnswer
from imagier.auditing.series import Series, find_series

__all__ = [
    "Audit",
    "AuditAnswer",
    "CopyGroup",
    "CopyPair",
    "Cue",
    "DuplicateGroups",
    "Judgement",
    "LabelErrors",
    "RankedPicture",
    "Series",
    "audit_html",
    "clean_list",
    "find_copies",
    "find_duplicates",
    "find_label_errors",
    "find_series",
    "judge_cues",
    "odd_sizes",
]
