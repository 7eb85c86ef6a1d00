"""`imagier make shapes`: simple scenes of which every shape, colour and place is known."""

import click

from imagier.cli.framework import ImagierCommand
from imagier.cli.make.options import finish, made_options, read_range, set_path
from imagier.i18n import t

__all__ = ["shapes"]

SIZE, COUNT, MOST = 64, 1000, 9


@click.command("shapes", cls=ImagierCommand, help=t("cli.make.shapes.help"))
@click.option("--shapes", "number", metavar="N|N-M", default="1", help=t("cli.make.shapes.shapes"))
@click.option(
    "--size",
    type=click.IntRange(16, 1024),
    metavar="N",
    default=SIZE,
    help=t("cli.make.size", default=SIZE),
)
@made_options("shapes", COUNT)
def shapes(
    number: str,
    size: int,
    count: int,
    seed: int,
    out: str,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.datasets.synthetic import shape_recipe

    path = set_path(out, force=force)
    fewest, most = read_range(number, "--shapes", most=MOST)
    recipe = shape_recipe(count=count, seed=seed, size=size, fewest=fewest, most=most)
    finish(recipe, path, force=force, as_json=as_json, quiet=quiet, notes=())
