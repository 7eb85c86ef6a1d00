"""From a listing to one tensor: read once, decode once, keep in the cache."""

from imagier.datasets.loading.cache_use import CacheUse, cache_use, clear_cache
from imagier.datasets.loading.loader import load
from imagier.datasets.loading.sampling import Sample, sample

__all__ = ["CacheUse", "Sample", "cache_use", "clear_cache", "load", "sample"]
