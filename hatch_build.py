"""The package's page for an index: README.md whose links lead to the source, wherever it is read.

In the source folder links are relative, so that they lead to the files beside the page. An index
shows the page alone: there they, and pictures above all, need a whole address.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["IndexPage", "absolute_links"]

LINK = re.compile(r"(?P<is_picture>!?)(?P<text>\[[^\]]*\])\((?P<target>(?!https?:|#)[^)\s]+)\)")


class IndexPage(MetadataHookInterface):
    """Gives the page while the package is built."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the page into the metadata of the package."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute_links(text, metadata["urls"]["Source"]),
        }


def absolute_links(text: str, source: str) -> str:
    """Let the relative links of a page lead to the source, and its pictures to their bytes.

    Args:
        text: The page, in Markdown.
        source: Address of the repository.

    >>> absolute_links("![A](docs/a.png) [b](b.md) [c](https://c.org)", "https://x.org/y")
    '![A](https://x.org/y/raw/main/docs/a.png) [b](https://x.org/y/blob/main/b.md) [c](https://c.org)'
    """

    def lengthened(found: re.Match[str]) -> str:
        kind = "raw" if found["is_picture"] else "blob"
        return f"{found['is_picture']}{found['text']}({source}/{kind}/main/{found['target']})"

    return LINK.sub(lengthened, text)
