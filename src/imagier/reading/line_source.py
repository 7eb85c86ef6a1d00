"""Where lines and their texts come from: a table, pictures named by their text, or characters.

    labels.csv  path,text        226md.png  4n1x2.png …        0/  1/  2/ … or mnist

Single characters are no lines: lines are composed of them, those of the test of characters that
were never learnt from.
"""

import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import (
    Dataset,
    Listing,
    Split,
    group_by_name,
    hash_key,
    join_test,
    keyed_hash,
    load,
    open_source,
    sample,
    split,
    split_rows,
)
from imagier.datasets.synthetic import (
    STYLES,
    Glyphs,
    LineStyle,
    TextSampler,
    compose_line,
    line_generator,
    listed_texts,
    uniform_texts,
)
from imagier.errors import DataError
from imagier.i18n import integer, t
from imagier.images import Prepare
from imagier.images.line_fit import line_width
from imagier.learning import TrainOptions
from imagier.learning.progress import Progress, ProgressCallback
from imagier.neurons import LINE_HEIGHT
from imagier.reading.alphabet import Alphabet, listed
from imagier.reading.formats import named_format
from imagier.reading.line_data import LineComposer, LineSet, PreparedLines
from imagier.reading.reader_options import ReaderOptions

__all__ = ["are_characters", "compose_from", "line_set", "open_lines", "prepare_lines"]

UNNAMED = ("no_class_folders", "class_folder_given", "parts_without_classes")
FROM_NAME = r"^(.+)\.\w+$"  # the text of a line that is called by it
CODES, BESIDE_REAL = "codes", "cheques"  # how composed lines look, where nothing is said
CHARACTER_SIDE = 64  # pixels, of single characters
LONGEST_COMPOSED = 8  # characters, where nothing else is said
MEASURED = 200  # composed lines by which the width of the input is chosen
WIDTH_STEP, WIDEST = 16, 1024
JUDGING, TESTING = 3000, 2000  # composed lines
MOST_WHOLE = 0.98  # share of the lines that the input takes without squeezing them


def open_lines(source: str | os.PathLike[str], options: TrainOptions) -> Listing:
    """List lines with their texts, or single characters with their names.

    Args:
        source: A table with a column of texts, the folder that holds it, a folder or a zip of
            pictures that are called by their texts, or a source of single characters.
        options: What is said about tables and names.

    Raises:
        DataError, UsageError: As `open_source`.
    """
    opened = partial(open_source, source, follow_links=options.follow_links)
    if options.label_from is not None:
        return opened(label_from=options.label_from)
    try:
        listing = opened(table=replace(options.table, is_text=True))
    except DataError as error:
        if error.code not in UNNAMED:
            raise
    else:
        if len(listing.classes) > 1 or are_characters(listing) or Path(source).is_file():
            return listing
    return opened(label_from=FROM_NAME)


def prepare_lines(
    source: str | os.PathLike[str],
    options: TrainOptions,
    reader: ReaderOptions,
    progress: ProgressCallback,
) -> PreparedLines:
    """Read, prepare and part what a reader learns from.

    Args:
        source: As `open_lines` takes it.
        options: What every training is told.
        reader: What a reader is told beside.
        progress: Called while pictures are read.

    Raises:
        DataError: As `open_lines`; `lines_too_few`.
        UsageError: As `open_lines`; `format_characters`, when the format asks for characters that
            the source lacks.
    """
    listing = _list(source, options)
    if are_characters(listing):
        return _composed(listing, options, reader, progress)
    return _real(listing, options, reader, progress)


def _list(source: str | os.PathLike[str], options: TrainOptions) -> Listing:
    """List what is learnt from, and what is tested on where that is another source."""
    listing = group_by_name(open_lines(source, options), options.group_from)
    if options.test is None:
        return listing
    test = group_by_name(open_lines(options.test, options), options.group_from)
    is_base = are_characters(listing)
    if is_base != are_characters(test):
        raise DataError("test_not_lines", name=listing.name, test=test.name)
    return join_test(listing, test, by_class=is_base)


def are_characters(listing: Listing) -> bool:
    """Tell whether a source holds single characters rather than lines."""
    return all(len(name) == 1 for name in listing.classes)


def _composed(
    listing: Listing, options: TrainOptions, reader: ReaderOptions, progress: ProgressCallback
) -> PreparedLines:
    """Compose lines for each part of the characters of that part."""
    dataset, parts = _characters(listing, options, progress)
    hands = {
        part: _glyphs(dataset, getattr(parts, part)) for part in ("train", "validation", "test")
    }
    alphabet = Alphabet.of_texts(dataset.classes)
    draw = _sampler(reader, alphabet, texts=())
    style = STYLES[reader.style or CODES]
    settings = _line_settings(_composed_widths(hands["train"], style, draw, options.seed))
    composer = LineComposer(
        glyphs=hands["train"], style=style, draw=draw, settings=settings, seed=options.seed
    )
    seeds = _seeds(options.seed)
    empty = LineSet(
        pixels=np.empty((0, *_shape(settings)), np.uint8), texts=(), names=(), documents=()
    )
    return PreparedLines(
        name=dataset.name,
        alphabet=alphabet,
        settings=settings,
        train=empty,
        validation=composer.of(hands["validation"], seed=seeds[0]).line_set(JUDGING),
        test=composer.of(hands["test"], seed=seeds[1]).line_set(TESTING),
        composer=composer,
        **_origin(dataset, parts, options),
    )


def _real(
    listing: Listing, options: TrainOptions, reader: ReaderOptions, progress: ProgressCallback
) -> PreparedLines:
    """Prepare real lines, and what composes others like them where characters are given."""
    seen = sample(listing)
    widths = [line_width((int(h), int(w)), LINE_HEIGHT) for h, w in seen.sizes]
    settings = replace(_line_settings(widths), deep_white=seen.deep_white)
    dataset = load(listing, settings, progress=_told(progress))
    parts = split(
        dataset,
        seed=options.seed,
        strict=options.strict,
        reuse=None if options.split is None else Path(options.split),
        by_class=False,
    )
    lines = line_set(dataset)
    train, validation, test = map(lines.take, (parts.train, parts.validation, parts.test))
    alphabet = Alphabet.of_texts((*train.texts, *validation.texts))
    origin = _origin(dataset, parts, options)
    origin["notes"] += tuple(_unknown_note(alphabet, test))
    return PreparedLines(
        name=dataset.name,
        alphabet=alphabet,
        settings=settings,
        train=train,
        validation=validation,
        test=test,
        composer=_composer(train, alphabet, settings, options, reader, progress),
        **origin,
    )


def _unknown_note(alphabet: Alphabet, test: LineSet) -> Iterator[str]:
    """Name the characters of the test that no line to learn from has."""
    unknown = [alphabet.unknown(text) for text in test.texts]
    n = sum(map(bool, unknown))
    if n:
        characters = listed(dict.fromkeys(sign for some in unknown for sign in some))
        yield t("reading.unlearnt_characters", n=n, count=integer(n), characters=characters)


def compose_from(
    dataset: Dataset,
    rows: NDArray[np.int64],
    reader: ReaderOptions,
    *,
    settings: Prepare,
    seed: int,
) -> LineSet:
    """Compose lines to test on, of some single characters.

    Args:
        dataset: The characters.
        rows: Those that are used.
        reader: The format and the style of the lines.
        settings: How a line becomes the reader's input.
        seed: Another seed composes other lines.
    """
    glyphs = _glyphs(dataset, rows)
    draw = _sampler(reader, Alphabet.of_texts(glyphs.characters), texts=())
    style = STYLES[reader.style or CODES]
    composer = LineComposer(glyphs=glyphs, style=style, draw=draw, settings=settings, seed=seed)
    return composer.of(glyphs, seed=_seeds(seed)[1]).line_set(TESTING)


def _seeds(seed: int) -> list[int]:
    """Give the seeds of the lines that judge and of those that test."""
    found: list[int] = np.random.SeedSequence(seed).generate_state(2).tolist()
    return found


def _origin(dataset: Dataset, parts: Split, options: TrainOptions) -> dict[str, Any]:
    """Say where the lines come from, and how they stand in parts."""
    fingerprint = dataset.fingerprint()
    key = ""
    if not options.pictures:
        key = hash_key(fingerprint, {"network": options.network, "seed": options.seed})
    return {
        "key": key,
        "fingerprint": keyed_hash(fingerprint, key),
        "tested": dataset.hashes[parts.test],
        "split_csv": split_rows(dataset, parts, key=key),
        "skipped": (*dataset.skipped, *parts.skipped),
        "notes": (*dataset.notes, *parts.notes),
    }


def _composer(
    train: LineSet,
    alphabet: Alphabet,
    settings: Prepare,
    options: TrainOptions,
    reader: ReaderOptions,
    progress: ProgressCallback,
) -> LineComposer | None:
    """Give what composes lines beside real ones; None where no characters are given for it."""
    if reader.characters is None:
        return None
    listing = open_source(reader.characters)
    kept = set(alphabet.characters)
    listing = listing.take(row for row, label in enumerate(listing.labels) if label in kept)
    if not len(listing):
        raise DataError("characters_apart", name=listing.name, known=listed(alphabet.characters))
    dataset, parts = _characters(listing, options, progress)
    return LineComposer(
        glyphs=_glyphs(dataset, parts.train),
        style=STYLES[reader.style or BESIDE_REAL],
        draw=_sampler(reader, Alphabet.of_texts(dataset.classes), texts=train.texts),
        settings=settings,
        seed=options.seed,
    )


def _characters(
    listing: Listing, options: TrainOptions, progress: ProgressCallback
) -> tuple[Dataset, Split]:
    """Read single characters as they are, and part them."""
    settings = sample(listing).choose(limit=CHARACTER_SIDE, ink=False, fit="pad")
    dataset = load(listing, settings, progress=_told(progress))
    return dataset, split(dataset, seed=options.seed, strict=options.strict)


def _glyphs(dataset: Dataset, rows: NDArray[np.int64]) -> Glyphs:
    pixels, scale = dataset.pixels[rows], dataset.prepare.full_scale
    if scale != 255:
        pixels = np.rint(pixels * np.float32(255 / scale)).astype(np.uint8)
    return Glyphs.of_dataset(pixels, dataset.labels[rows], dataset.classes)


def _sampler(reader: ReaderOptions, alphabet: Alphabet, *, texts: tuple[str, ...]) -> TextSampler:
    """Draw texts as the format has them, else as long as the real ones, else of any length."""
    if reader.format is not None:
        return named_format(reader.format).over(alphabet.characters).sample
    if not texts:
        return uniform_texts(alphabet.characters, shortest=1, longest=LONGEST_COMPOSED)
    known = set(alphabet.characters)
    kept = [text for text in texts if set(text) <= known] or ["".join(alphabet.characters)]
    draw_real = listed_texts(kept)

    def draw(generator: np.random.Generator) -> str:
        real = draw_real(generator)
        if generator.random() < 0.5:
            return real
        drawn = generator.integers(0, len(alphabet.characters), len(real))
        return "".join(alphabet.characters[one] for one in drawn)

    return draw


def _composed_widths(glyphs: Glyphs, style: LineStyle, draw: TextSampler, seed: int) -> list[int]:
    widths = []
    for number in range(MEASURED):
        generator = line_generator(seed, 0, number)
        line = compose_line(draw(generator), glyphs, style, generator, height=LINE_HEIGHT)
        widths.append(line.shape[1])
    return widths


def _line_settings(widths: list[int]) -> Prepare:
    """Choose the input so that most lines have room; the widest are squeezed into it."""
    wide = float(np.quantile(widths, MOST_WHOLE))
    width = -(-int(wide) // WIDTH_STEP) * WIDTH_STEP
    return Prepare(height=LINE_HEIGHT, width=min(width, WIDEST), channels=1, fit="line")


def line_set(dataset: Dataset) -> LineSet:
    """Give the lines of a data set whose classes are their texts."""
    texts = tuple(
        unicodedata.normalize("NFC", dataset.classes[label]) for label in dataset.labels.tolist()
    )
    return LineSet(
        pixels=dataset.pixels, texts=texts, names=dataset.names, documents=dataset.groups
    )


def _shape(settings: Prepare) -> tuple[int, int, int]:
    return settings.height, settings.width, settings.channels


def _told(progress: ProgressCallback) -> Callable[[int, int], None]:
    return lambda done, total: progress(Progress(phase="data", done=done, total=total))
