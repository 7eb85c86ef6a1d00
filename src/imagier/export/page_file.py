"""One page that holds a network and all that runs it: it predicts offline, from a file or a server.

Everything stands in `index.html`, since a browser fetches nothing beside a page that was opened as
a file: the network and ONNX Runtime's WebAssembly packed and in base64, its JavaScript, and the
preparation of pictures written again in JavaScript (`page/*.js`), to the same levels as
`imagier.images.prepare`. The page's own policy names these two programs by their hashes and allows
nothing else, no request least of all: a picture cannot leave it.
"""

import base64
import gzip
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from imagier.errors import ModelError, UsageError
from imagier.export.browser_runtime import PROGRAM, VERSION, BrowserRuntime, browser_runtime
from imagier.export.licences import LICENCES
from imagier.export.results import ExportedPage
from imagier.files import open_regular, printable, storage_errors, version
from imagier.i18n import LANGUAGES, catalogue, storage
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.abstention import choose_threshold, stored_rows

__all__ = ["MARK", "check_page_folder", "export_page", "page_html"]

MARK = '<meta name="generator" content="imagier'
INDEX = "index.html"
SOURCES = (
    *("numbers", "resampling", "morphology", "document", "ink"),
    *("png", "jpeg", "jpeg_small", "decoding", "prepare", "answering", "view"),
)
ERRORS = (0.1, 0.05, 0.02, 0.01, 0.005)  # promises that the page offers, where they are proven
MOST_BYTES = 200 * 2**20
MOST_NAMES = 12
DRAWN = 64  # pixels of a side, up to which a grey picture can be drawn
TOP = 5
_HEAD = 4096
_WORDS = "export.page."


def export_page(
    model: str, folder: str, *, title: str | None = None, runtime: str | None = None
) -> ExportedPage:
    """Make the page's folder; nothing is written.

    Args:
        model: The model's folder, or its single file.
        folder: Where the page will be written.
        title: Its title; None for the model's name.
        runtime: As `browser_runtime` takes it.

    Raises:
        ModelError: `page_too_large`, or the model cannot be used.
        MachineError, UsageError: As `browser_runtime`.
    """
    recognizer = load_recognizer(model)
    if len(recognizer.onnx) > MOST_BYTES:
        sizes = {"size": storage(len(recognizer.onnx)), "limit": storage(MOST_BYTES)}
        raise ModelError("page_too_large", path=printable(model), **sizes)
    name = Path(model).resolve().stem
    page = page_html(recognizer, browser_runtime(runtime), title=title or name, name=name)
    return ExportedPage(
        model=printable(model),
        folder=folder,
        files={
            INDEX: page.encode("utf-8", "backslashreplace"),
            "model.onnx": recognizer.onnx,
            "LICENSES.txt": LICENCES.encode(),
        },
        runtime=VERSION,
        draws=_draws(recognizer),
    )


def check_page_folder(folder: Path, *, force: bool) -> None:
    """Make sure that nothing but an older page gives way.

    Raises:
        UsageError: `output_exists`, where a page is there and `force` was not said; `page_exists`,
            where something else is.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not _is_page(folder / INDEX):
        raise UsageError("page_exists", path=printable(folder))
    if not force:
        raise UsageError("output_exists", path=printable(folder))


def _is_page(index: Path) -> bool:
    if not index.is_file():
        return False
    with storage_errors(index), open_regular(index) as file:
        return MARK.encode() in file.read(_HEAD)


def page_html(recognizer: Recognizer, runtime: BrowserRuntime, *, title: str, name: str) -> str:
    """Write the page.

    Args:
        recognizer: What stands in it.
        runtime: What runs it.
        title: Its title.
        name: What the model is called.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style, engine = _style(), _runtime_script(runtime.program.decode())
    program = _program()
    scripts = " ".join(f"'{_hash(one)}'" for one in (engine, program))
    policy = (
        f"default-src 'none'; script-src {scripts} 'wasm-unsafe-eval'; style-src '{_hash(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    promises = _promises(recognizer)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("page")),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("index.html.j2").render(
        policy=Markup(policy),  # noqa: S704 - made of hashes alone
        version=version(),
        title=printable(title),
        style=Markup(style),  # noqa: S704 - our own file
        draws=_draws(recognizer),
        promises=promises,
        facts=Markup(_inside(_facts(recognizer, title, name))),  # noqa: S704 - escaped there
        engine=_packed(runtime.engine),
        network=_packed(recognizer.onnx),
        runtime=Markup(engine),  # noqa: S704 - known by its hash
        program=Markup(program),  # noqa: S704 - our own files
    )


def _facts(recognizer: Recognizer, title: str, name: str) -> dict[str, Any]:
    """Give all that the page knows about the model, and its sentences in both languages."""
    classes = [printable(one) for one in recognizer.classes]
    more = ", …" if len(classes) > MOST_NAMES else ""
    return {
        "title": printable(title),
        "classes": classes,
        "prepare": {"deep_white": None, **recognizer.prepare.to_json()},
        "columns": recognizer.columns,
        "blank": bool(recognizer.card.data.get("blank")),
        "top": min(TOP, len(classes)),
        "words": {
            code: {
                key.removeprefix(_WORDS): text
                for key, text in catalogue(code).items()
                if key.startswith(_WORDS)
            }
            for code in LANGUAGES
        },
        "values": {
            "count": len(classes),
            "names": ", ".join(classes[:MOST_NAMES]) + more,
            "version": version(),
            "model": printable(name),
            "network": printable(recognizer.card.network),
            "runtime": VERSION,
        },
    }


def _promises(recognizer: Recognizer) -> list[dict[str, float]]:
    """Give the thresholds that promise few errors, those that differ."""
    rows, found = stored_rows(recognizer.card.thresholds), []
    for error in ERRORS if recognizer.columns is None else ():
        row = choose_threshold(rows, error)
        if row is not None:
            one = {"error": error, "threshold": row.threshold, "answered": row.answered}
            found.append(one)
    return found


def _draws(recognizer: Recognizer) -> bool:
    """Tell whether what the model names can be drawn: signs on paper, or small and grey."""
    settings = recognizer.prepare
    is_small = settings.channels == 1 and max(settings.height, settings.width) <= DRAWN
    return settings.ink is not None or (is_small and settings.fit != "line")


def _runtime_script(program: str) -> str:
    """Give the engine's module with its exports under one name, for the page's own program."""
    found = re.search(r"export\s*\{([^{}]*)\}\s*;?", program)
    if found is None or "</script" in program:  # not of the version that was hashed
        raise UsageError("runtime_other", path=PROGRAM, version=VERSION, reason="export")
    pairs = (one.split(" as ") for one in found[1].split(","))
    names = {as_name.strip(): own.strip() for own, as_name in pairs}
    kept = ", ".join(f"{name}: {names[name]}" for name in ("InferenceSession", "Tensor", "env"))
    body = program[: found.start()] + f"globalThis.ort = {{ {kept} }};"
    return f"\n{body}\n"


@cache
def _program() -> str:
    """Give the page's own program: its files one after the other, as one module."""
    folder = Path(__file__).with_name("page")
    parts = [(folder / f"{name}.js").read_text("utf-8") for name in SOURCES]
    return "\n" + "\n".join(parts)


@cache
def _style() -> str:
    return "\n" + (Path(__file__).with_name("page") / "page.css").read_text("utf-8")


def _hash(text: str) -> str:
    """Name an inline text as a page's policy does."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, compresslevel=9, mtime=0)).decode()


def _inside(value: object) -> str:
    """Write JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
