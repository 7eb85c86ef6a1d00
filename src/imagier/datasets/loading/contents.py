"""The contents of a listing: a name for the bytes of each file, and which of them are no use."""

from collections.abc import Mapping, Sequence

from imagier.datasets.listing import Listing
from imagier.datasets.loading.packs import Failure
from imagier.errors import PictureError
from imagier.files import printable
from imagier.machine import parallel_map

__all__ = ["as_failure", "known_failures", "name_contents"]

_BATCH = 64  # files named by one question to a thread


def name_contents(listing: Listing) -> tuple[list[str], dict[int, PictureError]]:
    """Read all pictures and give their content hashes; empty where one cannot be read, and why."""

    def name_some(start: int) -> list[str | PictureError]:
        return [_name(listing, index) for index in range(start, min(start + _BATCH, len(listing)))]

    batches = parallel_map(name_some, range(0, len(listing), _BATCH))
    named = [name for batch in batches for name in batch]
    errors = {index: name for index, name in enumerate(named) if isinstance(name, PictureError)}
    return ["" if isinstance(name, PictureError) else name for name in named], errors


def known_failures(
    listing: Listing, contents: Sequence[str], failures: Mapping[str, Failure]
) -> dict[int, PictureError]:
    """Give the errors of the pictures whose content could not be decoded in an earlier run."""
    errors = {}
    for index, content in enumerate(contents):
        if failure := failures.get(content):
            facts = {**failure.facts, "path": printable(listing.names[index])}
            errors[index] = PictureError(failure.code, **facts)
    return errors


def as_failure(error: PictureError) -> Failure:
    """Keep of an error what belongs to the content, whatever its file is called."""
    facts = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in error.facts.items()
        if name != "path"
    }
    return Failure(code=error.code, facts=facts)


def _name(listing: Listing, index: int) -> str | PictureError:
    try:
        return listing.pictures.content_hash(index)
    except PictureError as error:
        return error
