"""`imagier make digits|letters`: printed characters, a folder for each."""

from typing import Any

import click

from imagier.cli.framework import ImagierCommand
from imagier.cli.make.options import (
    STYLES,
    find,
    finish,
    font_option,
    made_options,
    set_path,
)
from imagier.errors import UsageError
from imagier.i18n import t

__all__ = ["digits", "letters"]

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIZE, COUNT = 28, 1000


@click.command("digits", cls=ImagierCommand, help=t("cli.make.digits.help"))
@font_option
@click.option("--style", type=click.Choice(STYLES), default="print", help=t("cli.make.style"))
@click.option(
    "--size",
    type=click.IntRange(8, 512),
    metavar="N",
    default=SIZE,
    help=t("cli.make.size", default=SIZE),
)
@made_options("digits", COUNT)
def digits(**options: Any) -> None:
    _make("digits", DIGITS, **options)


@click.command("letters", cls=ImagierCommand, help=t("cli.make.letters.help"))
@click.option("--characters", metavar="ABC…", default=LETTERS, help=t("cli.make.characters"))
@font_option
@click.option("--style", type=click.Choice(STYLES), default="print", help=t("cli.make.style"))
@click.option(
    "--size",
    type=click.IntRange(8, 512),
    metavar="N",
    default=SIZE,
    help=t("cli.make.size", default=SIZE),
)
@made_options("letters", COUNT)
def letters(characters: str, **options: Any) -> None:
    _make("letters", characters, **options)


def _make(
    kind: str,
    characters: str,
    *,
    fonts: str | None,
    style: str,
    size: int,
    count: int,
    seed: int,
    out: str,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from dataclasses import replace

    from imagier.datasets.synthetic import STYLES as LOOKS
    from imagier.datasets.synthetic import character_recipe

    path = set_path(out, force=force)
    wanted = tuple(dict.fromkeys("".join(characters.split())))
    if not wanted:
        raise UsageError("text_characters")
    found, notes = find(fonts, wanted)
    look = replace(LOOKS[style], keeps_room=True, marks=0.0)
    recipe = character_recipe(
        kind, wanted, found, look, count=count, seed=seed, size=size, facts={"style": style}
    )
    finish(recipe, path, force=force, as_json=as_json, quiet=quiet, notes=notes)
