"""Transfer: what others learned to see, with a head that is learned here.

Looking is the long part: each picture goes once through the backbone (`extract`), and what it gives
is kept in the cache. The head takes seconds (`fit_head`), and the two leave as one graph that needs
no torch (`export_features`).

Source: A. S. Razavian et al., "CNN features off-the-shelf: an astounding baseline for
recognition", CVPR workshops 2014.
"""

from imagier.training.features.exporting import export_features
from imagier.training.features.extracting import (
    Extraction,
    average_views,
    extract,
    seconds_a_picture,
)
from imagier.training.features.heads import STRENGTHS, FittedHead, Trial, fit_head
from imagier.training.features.plan import FeaturePlan

__all__ = [
    "STRENGTHS",
    "Extraction",
    "FeaturePlan",
    "FittedHead",
    "Trial",
    "average_views",
    "export_features",
    "extract",
    "fit_head",
    "seconds_a_picture",
]
