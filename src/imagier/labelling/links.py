"""A folder for each cluster, with links to its pictures: to be leafed through, renamed, corrected.

The pictures stay where they are; a link is a name for them in another place.
"""

import os
from pathlib import Path

from imagier.errors import UsageError
from imagier.files import is_within, new_folder, printable
from imagier.labelling.clustering import PictureClusters

__all__ = ["check_links", "link_clusters"]


def check_links(out: Path, folder: Path, *, force: bool) -> None:
    """Refuse a folder of links that would stand among the pictures, or replace anything but links.

    Args:
        out: Where the folder of links will stand.
        folder: The pictures.
        force: Whether a folder of links already there may be replaced.

    Raises:
        UsageError: `cluster_out_inside`, `output_exists` or `cluster_out_not_links`.
    """
    if is_within(out.absolute(), folder):
        raise UsageError("cluster_out_inside", path=printable(out), folder=printable(folder))
    if os.path.lexists(out) and not force:
        raise UsageError("output_exists", path=printable(out))
    if os.path.lexists(out) and _links(out) is None:
        raise UsageError("cluster_out_not_links", path=printable(out))


def link_clusters(found: PictureClusters, out: Path) -> None:
    """Write a folder with a sub-folder of links for each cluster: 1, 2, 3...

    Args:
        found: The clusters.
        out: The folder; one of links that is already there is replaced.

    Raises:
        UsageError: `output_exists`, when something else has come there meanwhile.
        MachineError: `cannot_write`, also where the system allows no links.
    """
    names = [str(number + 1) for number in range(len(found.clusters.centres))]
    width = max(map(len, names))
    with new_folder(out, replaces=_links(out)) as temporary:
        taken: set[Path] = set()
        for name in names:
            (temporary / name.zfill(width)).mkdir()
        for path, label in zip(found.paths, found.labels.tolist(), strict=True):
            place = Path(names[label].zfill(width)) / Path(path).name
            place = _free(place, taken)
            (temporary / place).symlink_to(_way(Path(path), out / place.parent))


def _way(picture: Path, folder: Path) -> str:
    """Write the way from a folder to a picture, links on both ways followed, not the picture's."""
    there = folder.parent.parent.resolve() / folder.parent.name / folder.name
    return os.path.relpath(picture.parent.resolve() / picture.name, there)


def _free(place: Path, taken: set[Path]) -> Path:
    """Give pictures of one name, from different folders, names that differ."""
    free, number = place, 1
    while free in taken:
        number += 1
        free = place.with_name(f"{place.stem}~{number}{place.suffix}")
    taken.add(free)
    return free


def _links(folder: Path) -> list[str] | None:
    """Name the links of a folder; None where it holds anything but what `link_clusters` writes."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    found = []
    for place in folder.iterdir():
        if not (place.name.isdecimal() and place.is_dir() and not place.is_symlink()):
            return None
        for link in place.iterdir():
            if not link.is_symlink():
                return None
            found.append(f"{place.name}/{link.name}")
    return found
