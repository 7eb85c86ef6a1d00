"""The test phase: how well are pictures named that the recogniser has never seen?

"To test the algorithm is to study the number of errors that it makes with these new data,
independent of the former" (deck, chapter 4). Here that number comes with its interval, its n, what
always giving one answer would score, and all that makes it flatter: pictures seen before, copies,
hands that stand on both sides, evaluations made too often.

    Recognizer, Dataset  --evaluate-->  Evaluation  --make_report-->  Report
    Report  -->  report_html, terminal_lines, model_card, to_json

`evaluate_model` does all of it for a saved model and a source of pictures; `compare_models` sets
several models side by side.
"""

from imagier.testing.anonymous import anonymous, without_folders
from imagier.testing.comparison_page import comparison_html
from imagier.testing.comparison_result import ModelComparison
from imagier.testing.evaluation import Evaluation, evaluate, match_classes
from imagier.testing.evaluation_log import EVALUATIONS, record_evaluation
from imagier.testing.gallery import ClassPictures, Mistake, ShownPicture
from imagier.testing.html import check_replaceable, report_html
from imagier.testing.intervals import Verdict, further_pictures, verdict, wilson
from imagier.testing.metrics import ClassRow, Confusion, Score, confusion, score
from imagier.testing.model_card import model_card
from imagier.testing.model_comparison import compare_models
from imagier.testing.pipeline import evaluate_model
from imagier.testing.report import Report, make_report
from imagier.testing.robustness import Robustness, measure_robustness
from imagier.testing.terminal import terminal_lines

__all__ = [
    "EVALUATIONS",
    "ClassPictures",
    "ClassRow",
    "Confusion",
    "Evaluation",
    "Mistake",
    "ModelComparison",
    "Report",
    "Robustness",
    "Score",
    "ShownPicture",
    "Verdict",
    "anonymous",
    "check_replaceable",
    "compare_models",
    "comparison_html",
    "confusion",
    "evaluate",
    "evaluate_model",
    "further_pictures",
    "make_report",
    "match_classes",
    "measure_robustness",
    "model_card",
    "record_evaluation",
    "report_html",
    "score",
    "terminal_lines",
    "verdict",
    "wilson",
    "without_folders",
]
