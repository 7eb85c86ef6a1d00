"""What is measured: each row is a command as a user would type it, and what to read from it."""

from benchmarks.rows.labelling import LABEL
from benchmarks.rows.main import MAIN, QUICK
from benchmarks.rows.photos import PHOTOS
from benchmarks.rows.reading import READING
from benchmarks.rows.row import Contender, Row
from benchmarks.rows.serve import SERVE
from benchmarks.rows.studies import STUDIES
from benchmarks.rows.train import TRAIN
from benchmarks.rows.transfer import TRANSFER

__all__ = ["SUITES", "Contender", "Row"]

SUITES: dict[str, tuple[Row, ...]] = {
    "main": MAIN,
    "quick": QUICK,
    "photos": PHOTOS,
    "train": TRAIN,
    "studies": STUDIES,
    "reading": READING,
    "transfer": TRANSFER,
    "serve": SERVE,
    "label": LABEL,
}
