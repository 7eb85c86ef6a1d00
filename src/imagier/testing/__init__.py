"""The test phase: how well are pictures named that the recogniser has never seen?

"To test the algorithm is to study the number of errors that it makes with these new data,
independent of the former" (deck, chapter 4). Here that number comes with its interval, its n, what
always giving one answer would score, and all that makes it flatter: pictures seen before, copies,
hands that stand on both sides, looks taken too often.

    Recognizer, Dataset  --evaluate-->  Evaluation  --make_report-->  Report
    Report  -->  report_html, terminal_lines, model_card, to_json

`examine` does all of it for a saved model and a source of pictures.
"""

from imagier.recognizer.history import Course, EpochRow, Tried
from imagier.testing.evaluating import Evaluation, evaluate, match_classes
from imagier.testing.examining import examine
from imagier.testing.gallery import Mistake, Shown, Style
from imagier.testing.html import check_replaceable, report_html
from imagier.testing.intervals import Verdict, pictures_needed, verdict, wilson
from imagier.testing.looks import LOOKS, record_look
from imagier.testing.metrics import ClassRow, Confused, Score, confusion, score
from imagier.testing.model_card import model_card
from imagier.testing.report import Report, make_report
from imagier.testing.terminal import terminal_lines

__all__ = [
    "LOOKS",
    "ClassRow",
    "Confused",
    "Course",
    "EpochRow",
    "Evaluation",
    "Mistake",
    "Report",
    "Score",
    "Shown",
    "Style",
    "Tried",
    "Verdict",
    "check_replaceable",
    "confusion",
    "evaluate",
    "examine",
    "make_report",
    "match_classes",
    "model_card",
    "pictures_needed",
    "record_look",
    "report_html",
    "score",
    "terminal_lines",
    "verdict",
    "wilson",
]
