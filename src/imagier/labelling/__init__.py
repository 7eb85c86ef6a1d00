"""Labels for pictures that have none: what they have in common, before anyone names them.

`cluster_pictures` sorts a folder into groups of pictures that look alike, so that a person names
groups instead of pictures.
"""

from imagier.labelling.clustering import (
    Describing,
    PictureClusters,
    cluster_pictures,
)
from imagier.labelling.contact_sheet import contact_sheet
from imagier.labelling.links import check_links, link_clusters
from imagier.labelling.picture_groups import PictureGroups, group_pictures

__all__ = [
    "Describing",
    "PictureClusters",
    "PictureGroups",
    "check_links",
    "cluster_pictures",
    "contact_sheet",
    "group_pictures",
    "link_clusters",
]
