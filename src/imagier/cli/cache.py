"""`imagier cache show|clear`: what imagier keeps on this machine to save time."""

from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.i18n import integer, storage, t

if TYPE_CHECKING:
    from imagier.datasets import CacheUse

__all__ = ["cache"]

_NAMED = 5  # of the entries that are not imagier's


@click.command("cache", cls=ImagierCommand, help=t("cli.cache.help"))
@click.argument("action", type=click.Choice(["show", "clear"]), metavar="show|clear")
@json_option
@quiet_option
def cache(action: str, as_json: bool, quiet: bool) -> None:
    from imagier.datasets import cache_use, clear_cache

    use = cache_use() if action == "show" else clear_cache()
    if as_json:
        print_json({"action": action, **use.to_json()})
    elif action == "clear":
        say(t("cli.cache.cleared", size=storage(use.bytes), folder=use.folder))
        _tell_of_others(use, quiet=quiet)
    else:
        _show(use, quiet=quiet)
        _tell_of_others(use, quiet=quiet)


def _show(use: "CacheUse", *, quiet: bool) -> None:
    from imagier.answers import text_table

    if not use.parts:
        say(t("cli.cache.nothing", folder=use.folder))
        return
    say(use.folder)
    files = sum(part.files for part in use.parts)
    rows = [(part.name, part.files, part.bytes) for part in use.parts]
    rows.append((t("cli.cache.all"), files, use.bytes))
    cells = [
        (name, t("cli.cache.files", n=count, count=integer(count)), storage(size))
        for name, count, size in rows
    ]
    for line in text_table(cells):
        say(f"  {line}")
    note(t("cli.cache.limit", size=storage(use.limit)), quiet=quiet)


def _tell_of_others(use: "CacheUse", *, quiet: bool) -> None:
    count = len(use.others)
    if count:
        names = ", ".join(other.name for other in use.others[:_NAMED]) + ", …" * (count > _NAMED)
        note(t("cli.cache.others", n=count, count=integer(count), names=names), quiet=quiet)
