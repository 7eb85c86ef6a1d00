"""Every source of the zoo is read as it should be, or refused with a sentence."""

import os
import re
from pathlib import Path

import pytest

from imagier.datasets.sources.opening import open_source
from imagier.errors import ImagierError
from imagier.files import content_hash
from imagier.i18n import LANGUAGES, use_language


@pytest.fixture(scope="module")
def sources(zoo, tmp_path_factory):
    return zoo.write_source_zoo(tmp_path_factory.mktemp("zoo"))


def outcome(source):
    """Open a source and say what became of it, in the terms of the zoo."""
    try:
        listing = open_source(source.path)
    except ImagierError as error:
        return error.code
    for index in range(len(listing)):
        listing.pictures.decode(index, listing.pictures.read(index))
        assert len(content_hash(listing.pictures.read(index))) == 32
    skipped = tuple(sorted(each.code for each in listing.skipped))
    assert len(listing) == len(listing.pictures) == len(listing.labels) == len(listing.parts)
    assert len(set(zip(listing.names, listing.labels, strict=True))) == len(listing)
    return listing.classes, len(listing), skipped


def test_every_source_is_read_or_refused_as_it_should_be(sources):
    expected = {
        source.kind: source.code or (source.classes, source.n, source.skipped) for source in sources
    }
    assert len(expected) == len(sources) > 100
    assert {source.kind: outcome(source) for source in sources} == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_and_every_note_is_a_sentence(sources, language):
    with use_language(language):
        for source in sources:
            for text in sentences(source):
                assert re.fullmatch(r"[^\n\0]{12,}", text), (source.kind, text)
                assert re.search(r"[.!?»”`…)]$", text), (source.kind, text)
                text.encode()  # no stray bytes of file names


def sentences(source):
    try:
        listing = open_source(source.path)
    except ImagierError as error:
        return [error.message, error.next_step]
    return [*listing.notes, *(each.to_json()["message"] for each in listing.skipped)]


def test_no_user_file_is_changed_and_none_is_written_beside(sources, tmp_path):
    root = sources[0].path.parents[1]
    before = snapshot(root)
    for source in sources:
        outcome(source)
    assert snapshot(root) == before


def snapshot(root):
    return {
        path: path.lstat().st_mtime_ns
        for folder, folders, files in os.walk(root)
        for path in (Path(folder, name) for name in (*folders, *files))
    }
