"""`imagier make from-sheets PHOTO...`: photos of filled sheets become a labelled set."""

import click

from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.make.options import set_path
from imagier.i18n import t

__all__ = ["from_sheets"]

USUAL = "writing"
EXIT_BAD_INPUTS = 3


@click.command("from-sheets", cls=ImagierCommand, help=t("cli.make.from-sheets.help"))
@click.argument("words", metavar=t("cli.make.from-sheets.words"), nargs=-1, required=True)
@click.option(
    "--out",
    default=USUAL,
    metavar=t("cli.make.out_word"),
    help=t("cli.make.out", usual=USUAL),
)
@click.option("--characters", metavar="ABC…", help=t("cli.make.from-sheets.characters"))
@click.option("--classes", metavar="a,b", help=t("cli.make.from-sheets.classes"))
@click.option("--force", is_flag=True, help=t("cli.make.force"))
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
def from_sheets(
    *,
    words: tuple[str, ...],
    out: str,
    characters: str | None,
    classes: str | None,
    force: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    from imagier.datasets.synthetic.sheets import make_from_sheets, read_names
    from imagier.images.file_search import find_pictures

    path = set_path(out, force=force)
    names = read_names(characters, classes)
    photos = find_pictures(words).paths
    with progress_bar(t("cli.make.from-sheets.progress"), quiet=quiet) as advance:
        made = make_from_sheets(photos, path, names=names, force=force, progress=advance)
    show(made, as_json=as_json, quiet=quiet)
    bad = [photo for photo in made.photos if photo.error is not None]
    return EXIT_BAD_INPUTS if bad and (strict or made.out is None) else 0
