"""Numbers as words of the command line: `3.2,5.1`, `-1,2`, also as the first word."""

import re

import click

from imagier.cli.framework import ImagierCommand

__all__ = ["NumbersCommand"]

NEGATIVE = re.compile(r"[-−][\d.][-−+\d.,;/\s]*", re.ASCII)


class NumbersCommand(ImagierCommand):
    """A command whose first word may begin with a minus sign and is no option all the same."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and NEGATIVE.fullmatch(args[0]):
            args = [*args[1:], "--", args[0]]
        return super().parse_args(ctx, args)
