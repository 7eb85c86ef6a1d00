"""Labels for pictures that have none: what they have in common, before anyone names them.

`cluster_pictures` sorts a folder into groups of pictures that look alike, so that a person names
groups instead of pictures.
"""

from imagier.labelling.clustering import (
    Describing,
    PictureClusters,
    cluster_pictures,
    has_backbone,
)
from imagier.labelling.linking import check_links, link_clusters
from imagier.labelling.sheet import contact_sheet

__all__ = [
    "Describing",
    "PictureClusters",
    "check_links",
    "cluster_pictures",
    "contact_sheet",
    "has_backbone",
    "link_clusters",
]
