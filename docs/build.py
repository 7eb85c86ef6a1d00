"""Write the pages that are made from the code: cli.md, cli.fr.md and map.md.

`make docs` writes them; `python docs/build.py --check` names those that are out of date and exits
with 1. Help is worded when the commands are imported, so each language has a process of its own.
"""

import argparse
import ast
import graphlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

DOCS = Path(__file__).resolve().parent
SOURCE = DOCS.parent / "src" / "imagier"
BENCHMARKS = DOCS.parent / "benchmarks"
PAGES = {"cli.md": "en", "cli.fr.md": "fr", "map.md": "en"}
HEAD = {
    "en": """# The commands

[En français](cli.fr.md)

This page is made from the commands themselves by `make docs`, and a test keeps it equal to them. \
What each command answers with `--json` stands in [json.md](json.md).""",
    "fr": """# Les commandes

[In English](cli.md)

Cette page est tirée des commandes elles-mêmes par `make docs`, et un test veille à ce qu’elle \
leur reste égale. Ce que chaque commande répond avec `--json` est décrit dans \
[json.fr.md](json.fr.md).""",
}
TAIL = {
    "en": """## Tables

Files that end in `.csv` or `.tsv` are UTF-8, one row a line. A text that a spreadsheet would \
take for a formula has an apostrophe in front: one that begins with = + - @, an apostrophe, a \
tab or a line end, also behind a comma or semicolon inside the text, since a spreadsheet may cut \
there. Numbers stay numbers. Controls, line ends, overrides of direction and bytes that are not \
UTF-8 are written as `\\x1b`, `\\u202e`, `\\xe9`, and a backslash that would look like one of \
these as `\\x5c`. `imagier.tables.original_cell` gives back what was written.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | a bug in imagier; its details are kept in the cache folder and the message says where |
| 2 | wrong usage |
| 3 | done, but some inputs were bad with `--strict`, `--accept` was not proven or was refuted, or \
a limit of `check` was exceeded |
| 4 | data or model refused |
| 5 | something is not installed, or the disk is full; the message says what to do |
| 130 | interrupted |""",
    "fr": """## Tableaux

Les fichiers qui finissent par `.csv` ou `.tsv` sont en UTF-8, une rangée par ligne. Un texte \
qu’un tableur prendrait pour une formule a une apostrophe devant lui : celui qui commence par = \
+ - @, une apostrophe, une tabulation ou une fin de ligne, et aussi ce qui suit une virgule ou \
un point-virgule dans le texte, puisqu’un tableur peut couper là. Les nombres restent des \
nombres. Les caractères de commande, les fins de ligne, les marques qui renversent le sens \
d’écriture et les octets qui ne sont pas de l’UTF-8 sont écrits `\\x1b`, `\\u202e`, `\\xe9`, et \
une barre oblique inverse qui ressemblerait à l’un d’eux `\\x5c`. `imagier.tables.original_cell` \
rend ce qui a été écrit.

## Codes de sortie

| code | sens |
|---|---|
| 0 | terminé |
| 1 | un défaut d’imagier ; ses détails sont gardés dans le dossier du cache, le message dit où |
| 2 | emploi incorrect |
| 3 | terminé, mais des entrées étaient mauvaises avec `--strict`, `--accept` n’est pas prouvé ou \
est réfuté, ou une limite de `check` est dépassée |
| 4 | données ou modèle refusés |
| 5 | il manque un composant, ou le disque est plein ; le message dit quoi faire |
| 130 | interrompu |""".replace(" ;", "\u202f;"),
}
OPTIONS = {"en": "| option | meaning |", "fr": "| option | sens |"}
DEFAULT = {"en": "Default: {}.", "fr": "Par défaut\u00a0: {}."}


def main() -> int:
    """Write all pages, or compare them, or print one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; 1 when one differs")
    parser.add_argument("--page", choices=PAGES, help="print one page")
    asked = parser.parse_args()
    if asked.page:
        sys.stdout.buffer.write(_write(asked.page).encode())
        return 0
    pages = {name: _in_own_process(name) for name in PAGES}
    stale = [name for name, text in pages.items() if _read(DOCS / name) != text]
    if asked.check and stale:
        print(f"Out of date: {', '.join(stale)}. Type `make docs`.")
        return 1
    for name in stale:
        (DOCS / name).write_text(pages[name], "utf-8")
    return 0


def source_map() -> str:
    """Draw which room imports which, and list every source file with its docstring’s first line."""
    blocks = ["# The source, one line a file", "Made by `make docs` from the files’ first lines."]
    blocks += _drawn(room_imports())
    own = sorted({path.parent for path in SOURCE.rglob("*.py")})
    beside = sorted({path.parent for path in BENCHMARKS.rglob("*.py")})
    for folder in [*own, *beside]:
        root = SOURCE.parent if folder in own else BENCHMARKS.parent
        blocks.append(f"## `{folder.relative_to(root)}/`")
        blocks.append("\n".join(_map_line(path) for path in sorted(folder.glob("*.py"))))
    return "\n\n".join(blocks) + "\n"


def commands_page(language: str) -> str:
    """Write the page of all commands; this process must speak `language`."""
    from imagier.cli import imagier

    context = click.Context(imagier, info_name="imagier", **imagier.context_settings)
    blocks = [HEAD[language], imagier.help or ""]
    for name in imagier.list_commands(context):
        command = imagier.get_command(context, name)
        blocks += _command(command, context, f"imagier {name}", language) if command else []
    return "\n\n".join([*blocks, TAIL[language]]) + "\n"


def _command(
    command: click.Command, above: click.Context, path: str, language: str
) -> Iterator[str]:
    context = click.Context(command, parent=above, info_name=path.rsplit(maxsplit=1)[-1])
    yield f"## `{path}`"
    yield (command.help or "").strip()
    yield f"```text\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```"
    options = [option for option in command.get_params(context) if isinstance(option, click.Option)]
    rows = [
        f"| {_flags(option, context)} | {_meaning(option, context, language)} |"
        for option in options
    ]
    yield "\n".join([OPTIONS[language], "|---|---|", *rows])
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            yield from _command(below, context, f"{path} {name}", language) if below else ()


def _flags(option: click.Option, context: click.Context) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag or option.count else f" {option.make_metavar(context)}"
    return "`" + (names + value).replace("|", "\\|") + "`"


def _meaning(option: click.Option, context: click.Context, language: str) -> str:
    text = re.sub(r"[ \n]+", " ", option.help or "").strip(" ")
    default = option.get_help_extra(context).get("default")
    if default and default not in text:
        text += " " + DEFAULT[language].format(default)
    return text.replace("|", "\\|")


def _map_line(path: Path) -> str:
    first = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0]
    return f"- [`{path.name}`](../{path.relative_to(DOCS.parent)}) · {first}"


def room_imports() -> dict[str, set[str]]:
    """Give for each room the rooms that its files import; imports for types alone do not count.

    A room is a file or a folder right below `imagier`.
    """
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if not room.startswith("__"):
            found.setdefault(room, set()).update(_imported(ast.parse(path.read_text("utf-8"))))
    return {room: {other for other in found[room] if other != room} & set(found) for room in found}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "imagier":
            names = [f"imagier.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        yield from (name.split(".")[1] for name in names if name.startswith("imagier."))
        yield from _imported(node)


def _drawn(imports: dict[str, set[str]]) -> Iterator[str]:
    """Draw the imports between rooms, without the arrows that follow from others.

    Raises:
        graphlib.CycleError: Where a room needs itself through others.
    """
    below: dict[str, set[str]] = {}  # all that a room needs, through others too
    for room in graphlib.TopologicalSorter(imports).static_order():
        below[room] = imports[room].union(*(below[other] for other in imports[room]))
    arrows = [
        f"    {room} --> {other}"
        for room in sorted(imports)
        for other in sorted(imports[room])
        if not any(other in below[between] for between in imports[room])
    ]
    total = sum(map(len, imports.values()))
    yield (
        f"{len(imports)} rooms, {total} imports between them, every one downwards; drawn without "
        "those that follow from others. `lint-imports` keeps the order."
    )
    yield "\n".join(["```mermaid", "graph TD", *arrows, "```"])


def _write(name: str) -> str:
    return source_map() if name == "map.md" else commands_page(PAGES[name])


def _in_own_process(name: str) -> str:
    environment = {**os.environ, "IMAGIER_LANG": PAGES[name]}
    command = [sys.executable, __file__, "--page", name]
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, check=True
    ).stdout.decode()


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
