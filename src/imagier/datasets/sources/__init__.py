"""Everything that pictures can come from: folders, tables, IDX, NPZ, zip archives, named sets."""

from imagier.datasets.sources.memory import list_pictures
from imagier.datasets.sources.named import find_named
from imagier.datasets.sources.opening import open_source
from imagier.datasets.sources.parquet import parquet_holds_pictures

__all__ = ["find_named", "list_pictures", "open_source", "parquet_holds_pictures"]
