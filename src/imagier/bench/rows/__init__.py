"""What is measured: each row is a command as a user would type it, and what to read from it."""

from imagier.bench.rows.main import MAIN, QUICK
from imagier.bench.rows.row import Contender, Row
from imagier.bench.rows.studies import STUDIES
from imagier.bench.rows.train import TRAIN

__all__ = ["SUITES", "Contender", "Row"]

SUITES: dict[str, tuple[Row, ...]] = {
    "main": MAIN,
    "quick": QUICK,
    "train": TRAIN,
    "studies": STUDIES,
}
