"""Labels for pictures that have none: what they have in common, before anyone names them.

`cluster_pictures` sorts a folder into groups of pictures that look alike, so that a person names
groups instead of pictures. `annotation` goes on from there: names are asked for, proposed and kept.
`votes` settles the labels on which several annotators do not agree.
"""

from imagier.labelling.clustering import PictureClusters, cluster_pictures
from imagier.labelling.contact_sheet import contact_sheet
from imagier.labelling.descriptions import DescribedPictures, Describing, describe_pictures
from imagier.labelling.links import check_links, link_clusters
from imagier.labelling.picture_groups import PictureGroups, group_pictures

__all__ = [
    "DescribedPictures",
    "Describing",
    "PictureClusters",
    "PictureGroups",
    "check_links",
    "cluster_pictures",
    "contact_sheet",
    "describe_pictures",
    "group_pictures",
    "link_clusters",
]
