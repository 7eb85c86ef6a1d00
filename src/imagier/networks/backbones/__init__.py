"""Backbones: networks that others taught to see on millions of photographs, used as they are.

What such a network computes before its last layer describes a picture well enough for a single
layer of neurons on top of it to name classes the network has never heard of. `open_backbone` opens
one; `Backbone.graph` writes the ONNX graph from prepared pictures to its features, and with a head
on to probabilities.

Source: A. S. Razavian et al., "CNN features off-the-shelf: an astounding baseline for
recognition", CVPR workshops 2014.
"""

from imagier.networks.backbones.backbone import Backbone
from imagier.networks.backbones.cutting import Cut, cut
from imagier.networks.backbones.opening import is_backbone, open_backbone, tuned_backbone
from imagier.networks.backbones.parts import Head, Levels, Socket, View
from imagier.networks.backbones.running import FeatureEngine, run_features
from imagier.networks.backbones.tuning import TunedNetwork

__all__ = [
    "Backbone",
    "Cut",
    "FeatureEngine",
    "Head",
    "Levels",
    "Socket",
    "TunedNetwork",
    "View",
    "cut",
    "is_backbone",
    "open_backbone",
    "run_features",
    "tuned_backbone",
]
