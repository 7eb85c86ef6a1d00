"""Data sets: from folders, tables, arrays and archives to parts that can be learnt and tested.

The way of the pictures: `open_source` lists what a source holds, `merge_classes` keeps some of its
classes, `sample_prepare` chooses how pictures become the input, `load` decodes them into one
`Dataset`, and `split` gives each picture its part.
"""

from imagier.datasets.dataset import Dataset
from imagier.datasets.joining import join_test
from imagier.datasets.listing import Listing, Pictures, Skipped, check_classes, merge_classes
from imagier.datasets.loading import CacheUse, cache_use, clear_cache, load, sample_prepare
from imagier.datasets.parts import PARTS
from imagier.datasets.sources import open_source
from imagier.datasets.splitting import Grouping, Split, group_pictures, split, split_rows

__all__ = [
    "PARTS",
    "CacheUse",
    "Dataset",
    "Grouping",
    "Listing",
    "Pictures",
    "Skipped",
    "Split",
    "cache_use",
    "check_classes",
    "clear_cache",
    "group_pictures",
    "join_test",
    "load",
    "merge_classes",
    "open_source",
    "sample_prepare",
    "split",
    "split_rows",
]
