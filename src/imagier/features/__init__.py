"""Features: what others learned to see on millions of photographs, and a head learned here.

What such a network computes before its last layer describes a picture well enough for a single
layer of neurons on top of it to name classes the network has never heard of. `open_backbone` opens
one; `extract` shows it each picture once and keeps what it gives in the cache; `fit_head` learns
the layer on top, in seconds; `export_features` writes the two as one graph. ONNX Runtime looks and
NumPy learns: nothing here needs torch.

Source: A. S. Razavian et al., "CNN features off-the-shelf: an astounding baseline for
recognition", CVPR workshops 2014.
"""

from imagier.features.backbone import Backbone
from imagier.features.cut import Cut, cut
from imagier.features.efficientnet_lite import is_installed as is_backbone_installed
from imagier.features.engine import FeatureEngine, run_features
from imagier.features.export import export_features
from imagier.features.extraction import Extraction, extract, seconds_a_picture, with_view
from imagier.features.head import L2_VALUES, FittedHead, HeadTrial, fit_head
from imagier.features.opening import (
    as_typed,
    backbone_name,
    is_backbone,
    open_backbone,
    tuned_backbone,
)
from imagier.features.parts import Head, Levels, Socket, View
from imagier.features.plan import FeaturePlan

__all__ = [
    "L2_VALUES",
    "Backbone",
    "Cut",
    "Extraction",
    "FeatureEngine",
    "FeaturePlan",
    "FittedHead",
    "Head",
    "HeadTrial",
    "Levels",
    "Socket",
    "View",
    "as_typed",
    "backbone_name",
    "cut",
    "export_features",
    "extract",
    "fit_head",
    "is_backbone",
    "is_backbone_installed",
    "open_backbone",
    "run_features",
    "seconds_a_picture",
    "tuned_backbone",
    "with_view",
]
