"""The shell's completion: commands, options, models, named sets and files, on the Tab key.

    eval "$(_IMAGIER_COMPLETE=bash_source imagier)"

A shell asks by running `imagier` with what was typed in `COMP_WORDS`, as click agrees with bash,
zsh and fish. What cannot be completed gives nothing: a half-typed line is no error.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from imagier.errors import ImagierError, UsageError
from imagier.files import printable
from imagier.recognizer.folder_contents import CARD_FILE

__all__ = ["complete"]

VARIABLE = "_IMAGIER_COMPLETE"
Kind = Literal["model", "source", "file"]
# what stands behind an argument or an option, by its name, or by command and name
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("model", "models", "plan"), "model"),
    **dict.fromkeys(("source", "train.test"), "source"),
    **dict.fromkeys(
        ("out", "page", "ranked", "split", "write_clean", "paths_from", "folder"), "file"
    ),
    **dict.fromkeys(
        ("csv_name", "jsonl_name", "words", "picture", "pixels.other", "images", "lines.texts"),
        "file",
    ),
    **dict.fromkeys(("outlines", "masks", "plot", "plotted", "table", "scores"), "file"),
}


class _Bash(BashComplete):
    """Bash quotes names of files only where it is told that they are some."""

    source_template = BashComplete.source_template.replace(
        "elif [[ $type == 'plain' ]]; then\n",
        "elif [[ $type == 'path' ]]; then\n"
        "            compopt -o filenames\n"
        '            COMPREPLY+=("$value")\n'
        "        elif [[ $type == 'plain' ]]; then\n",
    )

    def format_completion(self, item: CompletionItem) -> str:
        return f"{'path' if item.is_path else item.type},{item.value}"


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


class _Place(click.types.StringParamType):
    """A text that names a model, a source of pictures or a file."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        if self.kind == "file":
            return [CompletionItem(incomplete, type="file")]
        if self.kind == "model":
            return list(_models(incomplete))
        from imagier.datasets.sources.named import NAMED_SETS

        sets = [CompletionItem(name) for name in NAMED_SETS if name.startswith(incomplete)]
        return [*sets, *_entries(incomplete)] if sets else [CompletionItem(incomplete, type="file")]


def complete(group: click.Group, instruction: str) -> int:
    """Answer what a shell asks for, on stdout; give the exit code.

    Args:
        group: The commands.
        instruction: As the shell sets it in `_IMAGIER_COMPLETE`: `bash_source`, `zsh_complete`...

    Raises:
        UsageError: `completion_shell`, of another shell.
    """
    shell, _, what = instruction.partition("_")
    if shell not in SHELLS or what not in {"source", "complete"}:
        raise UsageError("completion_shell", received=printable(instruction))
    _tell_places(group)
    settings: dict[str, Any] = {}
    completion = SHELLS[shell](group, settings, "imagier", VARIABLE)
    if what == "source":
        click.echo(completion.source().encode(), nl=False)
        return 0
    with suppress(ImagierError, click.UsageError):  # what was typed so far is wrong
        for item in completion.get_completions(*completion.get_completion_args()):
            item.help = " ".join(item.help.split()) if item.help else None  # a line each
            click.echo(completion.format_completion(item).encode("utf-8", "surrogateescape"))
    return 0


def _tell_places(group: click.Group) -> None:
    """Say of each argument and option which kind of place it names."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            _tell_places(command)
        for param in command.params if command else ():
            kind = KINDS.get(f"{name}.{param.name}") or KINDS.get(param.name or "")
            if kind and isinstance(param.type, click.types.StringParamType):
                param.type = _Place(kind)


def _models(incomplete: str) -> Iterator[CompletionItem]:
    """Give the model folders and ONNX files that begin so, and folders to look into."""
    for item in _entries(incomplete):
        path = Path(item.value).expanduser()
        if path.is_dir() or path.suffix == ".onnx":
            yield item


def _entries(incomplete: str) -> Iterator[CompletionItem]:
    """Give the files and folders that begin so; a folder that is no model ends with a slash."""
    folder, beginning = os.path.split(incomplete)
    entries: list[Path] = []
    with suppress(OSError, RuntimeError):  # no such folder; no such home
        entries = sorted(Path(folder or ".").expanduser().iterdir())
    for entry in entries:
        name = entry.name
        is_hidden = name.startswith(".") and not beginning.startswith(".")
        if name.startswith(beginning) and not is_hidden and "\n" not in name:
            is_open = entry.is_dir() and not (entry / CARD_FILE).is_file()
            shown = os.path.join(folder, name) + "/" * is_open  # noqa: PTH118 - as it was typed
            yield CompletionItem(shown, is_path=True)
