"""How a program calls an exported file without imagier: what it shows, in which lines.

What is told here in sentences is told exactly in `docs/model.md`, which is the contract.
"""

from collections.abc import Iterator

from imagier.i18n import integer, t
from imagier.images import Prepare
from imagier.recognizer import Recognizer

__all__ = ["calling_lines", "preparation_sentences"]


def preparation_sentences(settings: Prepare) -> Iterator[str]:
    """Say how a picture becomes `pixels`, step by step.

    >>> next(preparation_sentences(Prepare(height=28, width=28, channels=1)))
    '1. Decode the first frame, turn it upright by its EXIF orientation, lay it on white.'
    """
    colour = "colour" if settings.channels == 3 else "grey"
    fit = "ink" if settings.ink is not None else settings.fit
    yield t("export.step_decode")
    yield t(f"export.step_{colour}")
    size = {"height": integer(settings.height), "width": integer(settings.width)}
    yield t(f"export.step_{fit.replace('-', '_')}", **size)
    if settings.full_scale != 255:
        yield t("export.step_scale", most=settings.full_scale)


def calling_lines(out: str, recognizer: Recognizer) -> Iterator[str]:
    """Give the lines of Python that call the file.

    Args:
        out: The file.
        recognizer: What stands in it.
    """
    settings = recognizer.prepare
    shape = f"(N, {settings.height}, {settings.width}, {settings.channels})"
    place = out if out.isprintable() else "model.onnx"
    yield "import json, numpy, onnxruntime"
    yield f"session = onnxruntime.InferenceSession({place!r})"
    yield "card = json.loads(session.get_modelmeta().custom_metadata_map['imagier'])"
    yield f"answer = session.run(['probabilities'], {{'pixels': pixels}})[0]  # uint8 {shape}"
    if recognizer.columns is None:
        yield "names = [card['classes'][row.argmax()] for row in answer]"
    else:
        yield "names = [[card['classes'][k] for k in row.argmax(axis=1)] for row in answer]"
