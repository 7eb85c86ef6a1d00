"""Options about a table of pictures, the same for every command that takes one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.datasets import TableOptions

__all__ = ["read_table_options", "table_options"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def table_options(command: Decorated) -> Decorated:
    """Give a command the options `--path-column`, `--label-column`, `--images` and `--ending`."""
    options = (
        ("--path-column", t("cli.column_word")),
        ("--label-column", t("cli.column_word")),
        ("--images", t("cli.folder_word")),
        ("--ending", ".jpg"),
    )
    for name, metavar in reversed(options):
        key = name.strip("-").replace("-", "_")
        command = click.option(name, metavar=metavar, help=t(f"cli.table.{key}"))(command)
    return command


def read_table_options(given: dict[str, str | None]) -> "TableOptions":
    """Read what `table_options` gave a command, as its last arguments."""
    from imagier.datasets import TableOptions

    return TableOptions(
        path_column=given["path_column"],
        label_column=given["label_column"],
        images=given["images"],
        ending=given["ending"],
    )
