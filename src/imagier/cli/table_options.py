"""Options about a table of pictures, the same for every command that takes one."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from imagier.i18n import t

__all__ = ["table_options"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


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
