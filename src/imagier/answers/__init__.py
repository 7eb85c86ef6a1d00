"""Answers: what was found, as one value that a command, a page and a notebook show alike.

Every command ends in an `Answer`, made below the command line: lines to read, one JSON object for
programs, figures to draw and tables to keep. Whoever shows it chooses among them and computes
nothing.
"""

from imagier.answers.answer import Answer, AnswerFigure, AnswerTable, Shown, finite
from imagier.answers.text import text_table

__all__ = ["Answer", "AnswerFigure", "AnswerTable", "Shown", "finite", "text_table"]
