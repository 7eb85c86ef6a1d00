"""The log `imagier`: what a service wants to keep; nothing is written unless it asks for it.

    import logging
    logging.basicConfig(level=logging.INFO)

Each entry is one line, `event key=value key=value`, in English, whatever the language of the
sentences: `model_loaded`, `train_begun`, `train_done`, `train_note` and `download` are information;
`picture_refused`, `model_refused`, `cache_not_kept` and `torch_first` are warnings.
"""

import logging

from imagier.i18n import printable

__all__ = ["log"]

_log = logging.getLogger("imagier")
_log.addHandler(logging.NullHandler())  # else Python would write warnings to stderr
_WARNINGS = {"picture_refused", "model_refused", "cache_not_kept", "torch_first"}


def log(event: str, **facts: object) -> None:
    """Note what happened.

    Args:
        event: Its name, the same in all versions.
        facts: What is known of it; a name of a stranger's is kept on the line.
    """
    level = logging.WARNING if event in _WARNINGS else logging.INFO
    if _log.isEnabledFor(level):
        shown = " ".join(f"{name}={printable(str(value))}" for name, value in facts.items())
        _log.log(level, "%s %s", event, shown, extra={"event": event, "facts": facts})
