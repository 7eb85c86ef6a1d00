"""Which options of an export go together."""

from collections.abc import Mapping

from imagier.errors import UsageError

__all__ = ["check_options"]


def check_options(
    *,
    out: str | None,
    page: str | None,
    int8: bool,
    of_int8: Mapping[str, object],
    of_file: Mapping[str, object],
    of_page: Mapping[str, object],
) -> None:
    """Refuse options that do not go together.

    Args:
        out: The file that is wanted.
        page: The folder that is wanted.
        int8: Whether eight bits are.
        of_int8: The options that only eight bits have, by name.
        of_file: Those that only the file has.
        of_page: Those that only the page has.

    Raises:
        UsageError: `export_nothing`, `export_both`, `export_int8_alone`, `export_option`.
    """
    if out is None and page is None:
        raise UsageError("export_nothing")
    if out is not None and page is not None:
        raise UsageError("export_both")
    _check(of_page, "--page", is_there=page is not None)
    _check({**of_file, "--int8": int8 or None}, "--out", is_there=out is not None)
    _check(of_int8, "--int8", is_there=int8)
    if int8 and of_int8["--calibrate"] is None:
        raise UsageError("export_int8_alone")


def _check(options: Mapping[str, object], owner: str, *, is_there: bool) -> None:
    for option, value in options.items():
        if value is not None and not is_there:
            raise UsageError("export_option", option=option, owner=owner)
