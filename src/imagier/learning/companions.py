"""The files of a model folder that people read: report, model card, parts."""

import json

from imagier.recognizer import Recognizer
from imagier.testing import Report, model_card, report_html

__all__ = ["companions"]


def companions(recognizer: Recognizer, report: Report, split_csv: str) -> dict[str, bytes]:
    """Give the files to keep beside the network, the golden pictures among them."""
    text = json.dumps(report.stored_json(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return {
        **recognizer.artifacts,
        "split.csv": split_csv.encode("utf-8", "surrogateescape"),
        "report.json": text.encode(),
        "report.html": report_html(report).encode(),
        "MODEL_CARD.md": model_card(report, recognizer.card).encode(),
    }
