"""Who learns, who validates, who tests: pictures that resemble each other stay on one side."""

from imagier.datasets.splitting.duplicates import Grouping, group_pictures
from imagier.datasets.splitting.empty_classes import without_empty_classes
from imagier.datasets.splitting.signatures import Signatures
from imagier.datasets.splitting.splitter import Split, split, split_rows

__all__ = [
    "Grouping",
    "Signatures",
    "Split",
    "group_pictures",
    "split",
    "split_rows",
    "without_empty_classes",
]
