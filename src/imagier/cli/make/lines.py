"""`imagier make lines`: lines of characters with their texts, from fonts or labelled pictures."""

import click

from imagier.cli.framework import ImagierCommand
from imagier.cli.make.options import STYLES, find, finish, font_option, made_options, set_path
from imagier.cli.make.texts import read_texts
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["lines"]

DIGITS = "0123456789"
LENGTH, COUNT, HEIGHT = "5", 1000, 32


@click.command("lines", cls=ImagierCommand, help=t("cli.make.lines.help"))
@font_option
@click.option("--from", "source", metavar=t("cli.make.source_word"), help=t("cli.make.lines.from"))
@click.option("--characters", metavar="ABC…", help=t("cli.make.lines.characters"))
@click.option("--length", metavar="N|N-M", help=t("cli.make.length", default=LENGTH))
@click.option("--texts", metavar="F.txt", help=t("cli.make.lines.texts"))
@click.option("--format", "pattern", metavar="REGEX", help=t("cli.make.lines.format"))
@click.option("--amounts", is_flag=True, help=t("cli.make.lines.amounts"))
@click.option("--style", type=click.Choice(STYLES), default="codes", help=t("cli.make.style"))
@click.option(
    "--height",
    type=click.IntRange(12, 256),
    metavar="N",
    default=HEIGHT,
    help=t("cli.make.height", default=HEIGHT),
)
@made_options("lines", COUNT)
def lines(
    *,
    fonts: str | None,
    source: str | None,
    characters: str | None,
    length: str | None,
    texts: str | None,
    pattern: str | None,
    amounts: bool,
    style: str,
    height: int,
    count: int,
    seed: int,
    out: str,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.datasets.synthetic import STYLES as LOOKS
    from imagier.datasets.synthetic import Glyphs, line_recipe, source_glyphs

    path = set_path(out, force=force)
    if fonts and source:
        raise UsageError("make_one_of", first="--fonts", second="--from")
    glyphs = source_glyphs(source) if source else None
    usual = "".join(glyphs.characters) if glyphs else DIGITS
    draw, wanted = read_texts(
        characters=usual if characters is None else characters,
        length=length,
        usual=LENGTH,
        texts=texts,
        pattern=pattern,
        amounts=amounts,
    )
    facts: dict[str, object] = {"characters": wanted, "style": style, "size": height}
    notes: list[str] = []
    if glyphs is None:
        found, notes = find(fonts, wanted)
        glyphs = Glyphs.of_fonts([font.path for font in found], wanted)
        facts["fonts"] = [printable(font.name) for font in found]
    else:
        glyphs.check(wanted)
        facts["source"] = printable(source or "")
    recipe = line_recipe(
        glyphs, draw, LOOKS[style], count=count, seed=seed, height=height, facts=facts
    )
    finish(recipe, path, force=force, as_json=as_json, quiet=quiet, notes=notes)
