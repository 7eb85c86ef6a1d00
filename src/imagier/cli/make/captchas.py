"""`imagier make captchas --kind text|sum|grid`: captchas of our own making, for learning."""

from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand
from imagier.cli.make.options import find, finish, font_option, made_options, set_path
from imagier.cli.make.texts import read_texts
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.datasets.synthetic import SetRecipe

__all__ = ["captchas"]

CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH, COUNT = "4-6", 1000
WIDTH, HEIGHT, CELL = 160, 60, 48


@click.command("captchas", cls=ImagierCommand, help=t("cli.make.captchas.help"))
@click.option(
    "--kind",
    type=click.Choice(("text", "sum", "grid")),
    default="text",
    help=t("cli.make.captchas.kind"),
)
@click.option(
    "--engine",
    type=click.Choice(("own", "captcha")),
    default="own",
    help=t("cli.make.captchas.engine"),
)
@font_option
@click.option("--characters", metavar="ABC…", help=t("cli.make.captchas.characters"))
@click.option("--length", metavar="N|N-M", help=t("cli.make.length", default=LENGTH))
@click.option(
    "--width",
    type=click.IntRange(32, 1024),
    metavar="N",
    default=WIDTH,
    help=t("cli.make.width", default=WIDTH),
)
@click.option(
    "--height",
    type=click.IntRange(16, 512),
    metavar="N",
    default=HEIGHT,
    help=t("cli.make.height", default=HEIGHT),
)
@made_options("captchas", COUNT)
def captchas(
    *,
    kind: str,
    engine: str,
    fonts: str | None,
    characters: str | None,
    length: str | None,
    width: int,
    height: int,
    count: int,
    seed: int,
    out: str,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.datasets.synthetic import grid_recipe

    path = set_path(out, force=force)
    if kind != "text":
        given = {"--characters": characters, "--length": length}
        given |= {"--engine": None if engine == "own" else engine}
        given |= {"--fonts": fonts if kind == "grid" else None}
        for option in (name for name, value in given.items() if value):
            raise UsageError("make_kind_option", option=option, kind=kind)
    notes: list[str] = []
    if kind == "grid":
        recipe = grid_recipe(count=count, seed=seed, size=CELL)
    else:
        texts = {"characters": characters, "length": length}
        recipe, notes = _written(
            kind, engine, fonts, texts, count=count, seed=seed, size=(height, width)
        )
    finish(recipe, path, force=force, as_json=as_json, quiet=quiet, notes=notes)


def _written(
    kind: str,
    engine: str,
    fonts: str | None,
    texts: dict[str, str | None],
    *,
    count: int,
    seed: int,
    size: tuple[int, int],
) -> "tuple[SetRecipe, list[str]]":
    """Give the recipe of captchas of characters, with what to say about fonts."""
    from imagier.datasets.synthetic import (
        SUM_CHARACTERS,
        Glyphs,
        captcha_recipe,
        package_captcha_recipe,
        sum_recipe,
    )

    asked = CHARACTERS if texts["characters"] is None else texts["characters"]
    draw, wanted = read_texts(characters=asked, length=texts["length"], usual=LENGTH)
    wanted = SUM_CHARACTERS if kind == "sum" else wanted
    facts: dict[str, object] = {"captcha": kind, "characters": wanted, "size": list(size[::-1])}
    if engine == "captcha" and fonts is None:
        recipe = package_captcha_recipe(
            draw, count=count, seed=seed, size=size, fonts=None, facts=facts
        )
        return recipe, []
    found, notes = find(fonts, wanted)
    facts["fonts"] = [printable(font.name) for font in found]
    if engine == "captcha":
        files = [str(font.path) for font in found]
        recipe = package_captcha_recipe(
            draw, count=count, seed=seed, size=size, fonts=files, facts=facts
        )
        return recipe, notes
    glyphs = Glyphs.of_fonts([font.path for font in found], wanted)
    if kind == "sum":
        return sum_recipe(glyphs, count=count, seed=seed, size=size, facts=facts), notes
    return captcha_recipe(draw, glyphs, count=count, seed=seed, size=size, facts=facts), notes
