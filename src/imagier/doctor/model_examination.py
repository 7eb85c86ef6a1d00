"""The examination of a model: does it open, are its files as they were written, does it answer?

Everything in it is looked at but nothing is run that was not checked before. What it rests on, the
hashes in `model.json`, stands in the same folder: whoever changes a file and its hash is not found
out. Compare with the hash that came by another way, where there is one.
"""

from collections.abc import Iterator
from pathlib import Path

from imagier.doctor.examination import Examination, Finding
from imagier.errors import ModelError
from imagier.files import printable
from imagier.i18n import integer, scientific, t
from imagier.recognizer import (
    GOLDEN_FOLDER,
    TOLERANCE,
    Recognizer,
    folder_changes,
    load,
    read_card,
    replay_golden,
)

__all__ = ["examine_model"]

NO_MODEL = ("model_missing", "model_not_one", "model_unfinished", "model_newer", "model_older")


def examine_model(model: str | Path) -> Examination:
    """Look at a model: its card and network, the files of its folder, its golden pictures.

    Args:
        model: The model folder, or its single ONNX file.

    Raises:
        ModelError: `model_missing`, `model_not_one`, `model_unfinished`, `model_newer` or
            `model_older`: what is there is no model that could be examined.
        MachineError: `engine_missing`.
    """
    place = Path(model)
    try:
        recognizer = load(place)
    except ModelError as error:
        if error.code in NO_MODEL:
            raise
        findings = [_refused("model", error), *_files(place)]
    else:
        findings = [_opened(recognizer), *_files(place), *_golden(recognizer)]
    return Examination(findings=tuple(findings), needed=("model", "files", "golden"))


def _refused(name: str, error: ModelError) -> Finding:
    return Finding(
        name=name,
        status="problem",
        message=error.message,
        next_step=error.next_step,
        facts={"code": error.code},
    )


def _opened(recognizer: Recognizer) -> Finding:
    card = recognizer.card
    facts: dict[str, object] = {
        "network": printable(card.network),
        "classes": len(card.classes),
        "format": card.format,
        "made_by": printable(str(card.versions.get("imagier", "?"))),
    }
    n = len(card.classes)
    shown = t("doctor.model", n=n, count=integer(n), **facts)
    return Finding(name="model", status="ok", message=shown, facts=facts)


def _files(model: Path) -> Iterator[Finding]:
    """Say whether each file is as `model.json` announces it; a single file announces none."""
    if not model.is_dir():
        yield Finding(name="files", status="missing", message=t("doctor.files_single"))
        return
    try:
        announced = read_card(model)[1]
    except ModelError as error:
        yield _refused("files", error)
        return
    changes = folder_changes(model, announced)
    n = len(announced)
    facts: dict[str, object] = {"announced": n, **changes.to_json()}
    if changes.is_whole:
        shown = t("doctor.files", n=n, count=integer(n))
        yield Finding(name="files", status="ok", message=shown, facts=facts)
        return
    yield Finding(
        name="files",
        status="problem",
        message=t("doctor.files_changed", changes=changes.sentence()),
        next_step=t("doctor.files.next"),
        facts=facts,
    )


def _golden(recognizer: Recognizer) -> Iterator[Finding]:
    """Answer the golden pictures again, where some are kept."""
    if not any(name.startswith(f"{GOLDEN_FOLDER}/") for name in recognizer.artifacts):
        return
    try:
        difference = replay_golden(recognizer)
    except ModelError as error:
        yield _refused("golden", error)
        return
    facts: dict[str, object] = {"difference": difference}
    shown = t("doctor.golden", difference=scientific(difference, 1) if difference else "0")
    if difference > TOLERANCE:
        step = t("doctor.golden.next")
        yield Finding(name="golden", status="problem", message=shown, next_step=step, facts=facts)
        return
    yield Finding(name="golden", status="ok", message=shown, facts=facts)
