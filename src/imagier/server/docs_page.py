"""`/docs`: the addresses of the server on one page, made from its schema, and a picture to try.

The page fetches nothing from elsewhere: no library, no font. Its rules (Content-Security-Policy)
forbid a browser to run or load anything but the two files that belong to it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagier.answers.html import with_code
from imagier.files import version
from imagier.i18n import language, t

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["PAGE_FILES", "PAGE_RULES", "docs_html", "page_file"]

PAGE_RULES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_FILES = {"page.js": "text/javascript", "page.css": "text/css"}
_FOLDER = Path(__file__).with_name("templates")
_TEMPLATES = {"page.js": "docs.js", "page.css": "docs.css"}


def docs_html(schema: Mapping[str, Any], *, address: str, needs_token: bool) -> str:
    """Write the page in the language that is spoken.

    Args:
        schema: Of the addresses (OpenAPI).
        address: By which the server was called, such as `http://127.0.0.1:8000`.
        needs_token: Whether requests must show one.
    """
    return _template().render(
        t=t,
        language=language(),
        version=version(),
        needs_token=needs_token,
        routes=list(_routes(schema, address, needs_token=needs_token)),
    )


@cache
def page_file(name: str) -> bytes:
    """Give one of `PAGE_FILES`."""
    return (_FOLDER / _TEMPLATES[name]).read_bytes()


def _routes(
    schema: Mapping[str, Any], address: str, *, needs_token: bool
) -> Iterator[dict[str, Any]]:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            parameters = operation.get("parameters", ())
            yield {
                "method": method.upper(),
                "path": path,
                "summary": t(f"server.page.route.{path.strip('/')}"),
                "parameters": [_parameter(one) for one in parameters],
                "example": _example(path, operation, address, needs_token=needs_token),
            }


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    name, usual = parameter["name"], parameter["schema"].get("default")
    meaning = t(f"server.page.parameter.{name}")
    return {"name": name, "meaning": meaning, "usual": "" if usual is None else usual}


def _example(path: str, operation: Mapping[str, Any], address: str, *, needs_token: bool) -> str:
    words = ["curl"]
    if needs_token and path != "/health":
        words.append('-H "Authorization: Bearer …"')
    kinds = operation.get("requestBody", {}).get("content", {})
    if "image/jpeg" in kinds:
        words.append('-H "Content-Type: image/jpeg" --data-binary @photo.jpg')
    elif kinds:
        words.append("-F picture=@one.jpg -F picture=@two.jpg")
    return " ".join([*words, address + path])


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["with_code"] = with_code
    return environment.get_template("docs.html.j2")
