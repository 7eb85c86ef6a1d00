"""Mutated models: what of a model is spoilt, and how it is opened."""

import contextlib
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from imagier.errors import ImagierError, Refused
from imagier.onnx_io.fields import ENTRY, MODEL
from imagier.onnx_io.graph import CARD_KEY, embed_card
from imagier.onnx_io.protobuf import Reader
from tests.safety import mutations, nested_mutations
from tests.safety.model_bytes import FOLDER, card, folder, model
from tests.safety.mutations import Random

__all__ = [
    "WrongError",
    "cards",
    "graphs",
    "open_card",
    "open_folder",
    "open_graph",
    "open_part",
    "open_weights",
    "read",
    "run_command",
    "weights",
    "write_folder",
]

LEARN = ("--network", "linear", "--epochs", "1", "--out", "new.imagier", "--force", "--quiet")
PREDICT, TEST = ("predict", FOLDER, "sound.png"), ("test", FOLDER, "photos")
SHOW_KERNELS = ("convolve", "sound.png", "--model", FOLDER)


class WrongError(Exception):
    """A file was opened and gave what it cannot give."""


def run_command(*words: str) -> str:
    """Run a command line as its user would, silently; give the code of its refusal, if it is one.

    A bug that it would tell of is noted by whoever calls this.
    """
    from imagier.cli import imagier
    from imagier.cli.running import run

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        exit_code = run(imagier, [*words, "--json"])
    if exit_code not in {0, 1, 2, 3, 4, 5}:
        message = f"exit code {exit_code} of {words}"
        raise WrongError(message)
    if "Traceback" in err.getvalue() or "Traceback" in out.getvalue():
        raise WrongError(out.getvalue() + err.getvalue())
    found = re.search(r'"error": \{"code": "(\w+)"', out.getvalue())
    if exit_code == 4 and not found and words[0] != "doctor":  # which answers all the same
        message = f"no code: {out.getvalue()}{err.getvalue()}"
        raise WrongError(message)
    return found[1] if found else ""


@cache
def graphs() -> list[bytes]:
    """Give lone models: two of a kilobyte, and one that was learnt."""
    return [Path("thirds.imagier/model.onnx").read_bytes(), model(), *read("model.onnx")()]


def open_graph(_: Random, content: bytes) -> str:
    """Predict with a lone file, its hash made right: else nothing behind the hash would be met."""
    Path("mutated.onnx").write_bytes(_sealed(content))
    return run_command("predict", "mutated.onnx", "sound.png")


def _sealed(content: bytes) -> bytes:
    """Give a lone file with the hash of what it holds; as it is where it cannot be read so far."""
    try:
        reader = Reader()
        model = reader.message(memoryview(content), MODEL)
        entries = [reader.message(one, ENTRY) for one in model.all_contents("metadata_props")]
        card = next((one.text("value") for one in entries if one.text("key") == CARD_KEY), None)
        if card is None:
            return content
        return embed_card(content, card, path="mutated.onnx")
    except (ImagierError, Refused, ValueError):
        return content


@cache
def cards() -> list[bytes]:
    """Give a sound card."""
    return [json.dumps(card()).encode()]


def open_card(random: Random, content: bytes) -> str:
    """Open a model whose two cards agree, or a lone file, or one whose folder's card is alone."""
    match int(random.integers(4)):
        case 0:
            write_folder(more={"model.json": content})
        case 1:
            return open_graph(random, model(text=content))
        case _:
            write_folder(text=content)
    commands = (PREDICT, PREDICT, TEST, SHOW_KERNELS)
    return run_command(*commands[int(random.integers(len(commands)))])


@cache
def weights() -> list[bytes]:
    """Give the weights of a model that was learnt."""
    return [Path("real.imagier/weights.safetensors").read_bytes()]


def open_weights(random: Random, content: bytes) -> str:
    """Open a model with other weights, and show its kernels or predict with it."""
    _copy_learnt({"weights.safetensors": content})
    return run_command(*(PREDICT if random.random() < 0.3 else SHOW_KERNELS))


def _copy_learnt(files: Mapping[str, bytes], *, sealed: bool = True) -> None:
    """Copy the model that was learnt, some files being others, which its card may announce."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree("real.imagier", FOLDER)
    for name, content in files.items():
        Path(FOLDER, name).write_bytes(content)
    if sealed and "model.json" not in files:
        text = json.loads(Path(FOLDER, "model.json").read_bytes())
        for part in ("sha256", "files"):
            for name in text.get(part, ()):
                digest = hashlib.sha256(Path(FOLDER, name).read_bytes()).hexdigest()
                text[part][name] = digest
        Path(FOLDER, "model.json").write_text(json.dumps(text, ensure_ascii=False))


def open_part(name: str) -> Callable[[Random, bytes], str]:
    """Give the function that tests a model with a spoilt file of its folder."""

    def open_one(random: Random, content: bytes) -> str:
        _copy_learnt({name: content}, sealed=bool(random.random() < 0.9))
        if name == "split.csv" and random.random() < 0.2:
            return run_command("train", "photos", "--split", f"{FOLDER}/{name}", *LEARN)
        if name == "report.json" and random.random() < 0.3:
            words = ("train", "photos", *LEARN[:4], "--out", FOLDER, "--resume", "--quiet")
            return run_command(*words)
        return run_command("test", FOLDER, "rows.csv")

    return open_one


def open_folder(random: Random, content: bytes) -> str:
    """Spoil any file of a model, unless `content` is empty; its hashes may be right again."""
    names = sorted(
        file.relative_to("real.imagier").as_posix()
        for file in Path("real.imagier").rglob("*")
        if file.is_file()
    )
    name = names[int(random.integers(len(names)))]
    ways = {
        ".json": nested_mutations.spoil_json,
        ".onnx": nested_mutations.spoil_protobuf,
        ".csv": mutations.spoil_csv,
        ".safetensors": nested_mutations.spoil_tensors,
        ".png": mutations.spoil_chunks,
    }
    way = ways.get(Path(name).suffix, mutations.spoil) if random.random() < 0.7 else mutations.spoil
    sound = Path("real.imagier", name).read_bytes()
    spoilt = way(random, sound) if content else sound
    _copy_learnt({name: spoilt}, sealed=bool(random.random() < 0.8))
    commands = (PREDICT, ("test", FOLDER, "rows.csv"), SHOW_KERNELS, ("doctor", FOLDER))
    commands += (("explain", FOLDER, "sound.png"),)
    return run_command(*commands[int(random.integers(len(commands)))])


def write_folder(**parts: object) -> None:
    """Write the model folder anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    folder(**parts)(Path.cwd())


def read(name: str) -> Callable[[], list[bytes]]:
    """Give the function that reads a file of a model that was learnt."""
    return lambda: [Path("real.imagier", name).read_bytes()]
