"""Labelling by the million: a row for each picture, whatever happens on the way.

    words → worklist → parts → engine (this process, others, Ray) → part store → one file

`label_batch` is the whole of it. The pieces can be used alone: a `Labeller` is a callable from
columns to columns that any engine can carry.
"""

from imagier.labelling.batch.batch_run import BatchOptions, label_batch
from imagier.labelling.batch.labeller import Labeller
from imagier.labelling.batch.results import LabelResult
from imagier.labelling.batch.shard_merge import merge_shards
from imagier.labelling.batch.shares import Share

__all__ = ["BatchOptions", "LabelResult", "Labeller", "Share", "label_batch", "merge_shards"]
