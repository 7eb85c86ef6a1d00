"""Data sets: from folders, tables, arrays and archives to parts that can be learnt and tested.

The way of the pictures: `open_source` lists what a source holds, `merge_classes` keeps some of its
classes, `sample` looks at a few to choose how pictures become the input, `load` decodes them into
one `Dataset`, and `split` gives each picture its part.
"""

from imagier.datasets.class_names import (
    match_classes,
    merge_equal_numbers,
    split_names,
    with_known_numbers,
)
from imagier.datasets.dataset import Dataset
from imagier.datasets.joining import join_test
from imagier.datasets.keyed_hashes import hash_key, keyed_hash
from imagier.datasets.listing import Listing, Skipped, check_classes, merge_classes
from imagier.datasets.loading import CacheUse, Sample, cache_use, clear_cache, load, sample
from imagier.datasets.name_groups import group_by_name, name_groups, numbered_series_note
from imagier.datasets.other_pictures import OTHER_FOLDER, join_other
from imagier.datasets.parts import PARTS
from imagier.datasets.pictures import Pictures, forget_contents
from imagier.datasets.sources import list_pictures, open_source, parquet_holds_pictures
from imagier.datasets.splitting import (
    Grouping,
    Signatures,
    Split,
    group_pictures,
    split,
    split_rows,
    without_empty_classes,
)
from imagier.datasets.table_options import TableOptions

__all__ = [
    "OTHER_FOLDER",
    "PARTS",
    "CacheUse",
    "Dataset",
    "Grouping",
    "Listing",
    "Pictures",
    "Sample",
    "Signatures",
    "Skipped",
    "Split",
    "TableOptions",
    "cache_use",
    "check_classes",
    "clear_cache",
    "forget_contents",
    "group_by_name",
    "group_pictures",
    "hash_key",
    "join_other",
    "join_test",
    "keyed_hash",
    "list_pictures",
    "load",
    "match_classes",
    "merge_classes",
    "merge_equal_numbers",
    "name_groups",
    "numbered_series_note",
    "open_source",
    "parquet_holds_pictures",
    "sample",
    "split",
    "split_names",
    "split_rows",
    "with_known_numbers",
    "without_empty_classes",
]
