"""From a listing to one tensor: decode once, keep in the cache, never twice."""

from imagier.datasets.loading.cache_upkeep import CacheUse, cache_use, clear_cache
from imagier.datasets.loading.loader import load
from imagier.datasets.loading.sampling import sample_prepare

__all__ = ["CacheUse", "cache_use", "clear_cache", "load", "sample_prepare"]
