"""Annotation: naming the pictures of a folder by hand, with as few clicks as possible.

`open_project` opens a folder with its decisions; its `session` asks: groups of pictures that look
alike first, then what is proposed from the names so far. Every decision is on the disk before the
next question, and nothing in the folder is moved.
"""

from imagier.labelling.annotation.decisions import Annotations, Decision, DecisionLog, open_log
from imagier.labelling.annotation.project import AnnotationProject, decision_file, open_project
from imagier.labelling.annotation.proposals import ModelAnswers, Proposals, Proposer
from imagier.labelling.annotation.replies import Reply, read_reply
from imagier.labelling.annotation.results import AnnotationResult
from imagier.labelling.annotation.session import Question, Session
from imagier.labelling.annotation.sheet import numbered_sheet
from imagier.labelling.annotation.tables import FilledTable, apply_table

__all__ = [
    "AnnotationProject",
    "AnnotationResult",
    "Annotations",
    "Decision",
    "DecisionLog",
    "FilledTable",
    "ModelAnswers",
    "Proposals",
    "Proposer",
    "Question",
    "Reply",
    "Session",
    "apply_table",
    "decision_file",
    "numbered_sheet",
    "open_log",
    "open_project",
    "read_reply",
]
