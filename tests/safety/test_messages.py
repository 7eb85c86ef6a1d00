"""Nothing that a stranger wrote controls the terminal: not its colours, its lines, its direction.

A name with escape sequences, an override of the direction, an end of a line, is put wherever
imagier reads one: names of files, folders, classes, columns, JSON keys, ONNX nodes, options, the
environment. What each command prints is looked through letter by letter.
"""

import ast
import importlib.util
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from PIL import Image

from imagier.cli import main
from imagier.errors import ImagierError, Refused, UsageError
from imagier.files import json_line
from imagier.i18n import LANGUAGES, catalogue, printable, styled_line, t, use_language
from imagier.training.checkpoints.manifest import BLANK, with_checksum

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "imagier"
EVIL = "ev\x1b[31m\x1b]0;t\x07\u202ele\x9b2J\r\nFORGED line\x08\u2028\u200f\x7f"
SHOWN = "ev\\x1b[31m"
STYLES = ("\x1b[1m", "\x1b[2m", "\x1b[0m")

_spec = importlib.util.spec_from_file_location(
    "hostile_models", Path(__file__).with_name("hostile_models.py")
)
hostile = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)


def check(text, *, styles=STYLES):
    """Look for a letter that controls a terminal, and for a line that a stranger began."""
    for style in styles:
        text = text.replace(style, "")
    bad = {ascii(one) for one in text if not (one.isprintable() or one in "\n\u202f\u00a0")}
    assert not bad, (bad, ascii(text))
    assert not [line for line in text.split("\n") if line.lstrip().startswith("FORGED")], text


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Give the function that calls a command as on a terminal, where click takes nothing off."""
    monkeypatch.chdir(tmp_path)
    for module in ("click.utils", "click._compat"):
        monkeypatch.setattr(f"{module}.should_strip_ansi", lambda *_: False)

    def call(*words, codes=None, seen=True, before=None):
        text = ""
        for as_json in (False, True):
            if before:
                before()
            given = [*map(str, words), *(["--json"] if as_json else [])]
            monkeypatch.setattr(sys, "argv", ["imagier", *given])
            with use_language("en"), pytest.raises(SystemExit) as end:
                main()
            out, err = capsys.readouterr()
            check(out)
            check(err)
            code = int(end.value.code or 0)
            assert code != 1, err
            assert codes is None or code in codes, (code, out, err)
            if as_json:
                for line in out.splitlines():
                    json.loads(line)
                assert "\x1b" not in out
            text += out + err
        if seen:
            assert "ev\\x1b" in text or "ev\\u001b" in text, text
        return text

    return call


def png(path, *, seed=0, size=12):
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.random.default_rng(seed).integers(0, 256, (size, size), np.uint8)
    Image.fromarray(levels).save(path, "PNG")
    return path


@pytest.fixture
def photos(tmp_path):
    """Give a folder whose name, classes and files are evil; one file is no picture."""
    folder = tmp_path / f"{EVIL}photos"
    for number in range(40):
        name = ("a", f"{EVIL}class")[number % 2]
        png(folder / name / f"{EVIL}{number}.png", seed=number)
    (folder / "a" / f"{EVIL}broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (folder / "a" / f"{EVIL}.txt").write_bytes(b"passed over")
    (folder / f"{EVIL}empty").mkdir()
    return folder


def evil_model(folder, **artifacts):
    """Write a model whose every text is evil: one that opens, predicts and can be tested."""
    card = hostile.tiny.tiny_card(
        classes=(f"{EVIL}left", "middle", f"{EVIL}right"),
        network=EVIL,
        plan={EVIL: EVIL, "epochs": EVIL},
        data={"name": EVIL, EVIL: [EVIL]},
        thresholds={EVIL: EVIL},
        versions={"imagier": EVIL, EVIL: EVIL},
        other=f"{EVIL}right",
    )
    files = {name.replace("_", "."): content for name, content in artifacts.items()}
    hostile.tiny.tiny_recognizer(card=card).with_artifacts(files).save(folder)
    return folder


def evil_report():
    epoch = {"epoch": 1, "kept": True} | dict.fromkeys(
        ("train_loss", "train_error", "validation_loss", "validation_error"), 0.5
    )
    score = {"n": 10, "accuracy": 0.5, "balanced_accuracy": 0.5, "loss": 1.0}
    train = {
        "seconds": {EVIL: 1.0, "fit": 1.0},
        "history": [epoch],
        "budget": EVIL,
        "split": {"train": 10, "validation": 10},
        "learning": score,
        "validation": score,
        "notes": [EVIL],
    }
    return json.dumps({"format": 2, "set": EVIL, "train": train, EVIL: EVIL}).encode()


# At the root: sentences, answers, JSON


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_keeps_its_values_on_one_line(language):
    """Whatever stands in the braces of any sentence of the catalogues."""
    import string

    class Evil(dict):
        def __missing__(self, key):
            return 2 if key == "n" else EVIL

    with use_language(language):
        for key, sentence in catalogue(language).items():
            forms = sentence.values() if isinstance(sentence, dict) else [sentence]
            fields = {
                name
                for form in forms
                for _, name, spec, _ in string.Formatter().parse(form)
                if name and spec in {"", "path", "word"}
            }
            if any(":g}" in form for form in forms):
                continue
            check(t(key, **{name: Evil()[name] for name in {*fields, "n"}}))


def test_an_error_is_printable_whatever_it_names():
    for error in (
        UsageError("unknown_command", command=EVIL, hint=EVIL),
        Refused("card_value", name=EVIL, received=EVIL).as_error("model_damaged", path=EVIL),
        UsageError("output_exists", path=Path(f"/tmp/{EVIL[:20]}")),
        UsageError("output_exists", path=[EVIL]),
    ):
        for text in (str(error), error.message, error.next_step, *error.to_json().values()):
            check(text)
        assert SHOWN in error.message
        assert "\n" not in error.message


def test_what_is_written_as_its_code():
    for number in [
        *range(0x20),
        *range(0x7F, 0xA0),
        0x202E,
        0x2066,
        0x2028,
        0x200B,
        0xFEFF,
    ]:
        letter = chr(number)
        assert letter not in printable(f"a{letter}b")
        assert letter not in styled_line(f"a{letter}b")
        assert json.loads(json_line(letter)) == letter
        assert letter not in json_line(letter)
    for text in ("é", "日本", "\u202f;", "\u00a0:", "🐈", "e\u0301", ""):
        assert printable(text) == styled_line(text) == text


def test_only_three_styles_pass():
    assert styled_line("\x1b[1mbold\x1b[0m") == "\x1b[1mbold\x1b[0m"
    assert "\x1b" not in styled_line("\x1b[31mred\x1b[1;31m\x1b[8m\x1b[2J\x1b[")


def test_there_is_one_way_to_the_terminal():
    """No module prints but `cli/framework.py`, whose `say` and `print_json` let nothing through.

    What `cli/completion.py` prints is read by the shell that asked for it.
    """
    printing = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            is_file = any(word.arg == "file" for word in node.keywords)
            if name in {"click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"}:
                printing.add((path.relative_to(SOURCE).as_posix(), name))
            if name == "print" and not is_file:
                printing.add((path.relative_to(SOURCE).as_posix(), name))
    assert printing == {("cli/framework.py", "click.echo"), ("cli/completion.py", "click.echo")}
    framework = ast.parse((SOURCE / "cli" / "framework.py").read_text("utf-8"))
    printers = [
        node.name
        for node in ast.walk(framework)
        if isinstance(node, ast.FunctionDef) and "click.echo(" in ast.unparse(node)
    ]
    assert sorted(printers) == ["print_json", "say"]


# Through the commands


def test_learning_from_evil_names(command, photos):
    words = ("--network", "linear", "--epochs", "1", "--force", "--out", f"{EVIL}out.imagier")
    text = command("train", photos, *words, codes={0})
    assert "broken.jpg" in text


def test_learning_from_an_evil_table(command, photos, tmp_path):
    rows = [f'"{EVIL}path",label', "path,label"]
    names = sorted(photos.rglob("*.png"))
    for number, path in enumerate(names):
        name = path.relative_to(tmp_path).as_posix().replace('"', '""')
        rows.append(f'"{name}","{EVIL}{number % 2}"')
    rows += [f'"{EVIL}missing.png","{EVIL}0"', f'"{EVIL}","",""', '"a"']
    table = tmp_path / f"{EVIL}.csv"
    table.write_text("\n".join(rows[1:]), "utf-8", newline="")
    words = ("--network", "linear", "--epochs", "1", "--force", "--out", "t.imagier")
    command("train", table, *words, codes={0})
    table.write_text(f'"{EVIL}","{EVIL}b"\n"{EVIL}","{EVIL}"\n', "utf-8", newline="")
    command("train", table, codes={4})
    (tmp_path / "good.csv").write_text("\n".join(rows[1:]), "utf-8", newline="")
    command("train", "good.csv", "--group", EVIL, codes={2})


@pytest.mark.parametrize(
    "words",
    [
        (f"{EVIL}nowhere",),
        ("digits", "--network", EVIL),
        ("digits", "--network", f"{EVIL}.onnx"),
        ("digits", "--network", f"linear;{EVIL}"),
        ("digits", "--network", f"hf:{EVIL}"),
        ("digits", "--budget", EVIL),
        ("digits", "--epochs", EVIL),
        ("digits", "--classes", f"0,{EVIL}"),
        ("digits", "--classes", "0,1", "--other", EVIL, "--test", EVIL),
        ("digits", "--plan", EVIL),
        ("digits", "--split", EVIL),
        ("digits", "--optimizer", EVIL),
        ("digits", f"--{EVIL}"),
        ("digits", EVIL),
    ],
    ids=range(14),
)
def test_evil_options_of_learning(command, words, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    command("train", *words, codes={2, 4, 5}, seen=False)


def test_an_evil_split_file(command, photos, tmp_path):
    split = tmp_path / "split.csv"
    digest = "0" * 32
    split.write_text(f'file,hash,group,part\n"{EVIL}",{digest},,train\n', "utf-8", newline="")
    words = ("--network", "linear", "--epochs", "1", "--force", "--out", "t.imagier")
    command("train", photos, *words, "--split", split, codes={0, 4})
    for damaged in (f'"{EVIL}",b\n', f'file,hash,group,part\n"{EVIL}",{digest},,"{EVIL}"\n'):
        split.write_text(damaged, "utf-8", newline="")
        command("train", photos, *words, "--split", split, codes={2})


def test_the_same_evil_picture_in_two_classes(command, photos):
    png(photos / "a" / f"{EVIL}twin.png", seed=1)
    words = ("--network", "linear", "--epochs", "1", "--strict", "--force")
    command("train", photos, *words, "--out", "t.imagier", codes={4})


def test_an_evil_plan_of_a_stopped_run(command, photos, tmp_path):
    """A checkpoint folder that a stranger prepared: its options, notes, choice and format."""
    place = tmp_path / "t.imagier" / "checkpoints"
    words = ("train", photos, "--network", "linear", "--epochs", "1", "--out", "t.imagier")
    options = {"network": EVIL, "seed": EVIL, "classes": [EVIL], EVIL: EVIL, "data": EVIL}
    plan = {"plan": {"network": EVIL, EVIL: EVIL}, "notes": [EVIL], "choice": {EVIL: EVIL}}
    for fmt in (2, EVIL, None):
        values = {"sha256": BLANK, "format": fmt, "options": options, "plan": plan}
        values |= {"versions": {"imagier": EVIL, EVIL: EVIL}, "replaces": EVIL}
        content = with_checksum(json.dumps(values).encode())

        def prepare(content=content):
            place.mkdir(parents=True, exist_ok=True)
            (place / "plan.json").write_bytes(content)

        command(*words, "--resume", codes={2, 4}, before=prepare, seen=fmt is not None)


def test_predicting_with_an_evil_model(command, photos, tmp_path):
    model = evil_model(tmp_path / f"{EVIL}.imagier")
    command("predict", model, photos, "--top", "3", codes={0})
    command("predict", model / "model.onnx", photos, codes={0})
    command("predict", model, photos, "--csv", f"{EVIL}.csv", codes={0})
    command("predict", model, f"{EVIL}nothing", f"{EVIL}*.png", codes={2})
    command("predict", f"{EVIL}nothing", photos, codes={4})
    command("predict", photos, photos, codes={4})
    command("predict", tmp_path, photos, codes={4})


def test_testing_an_evil_model(command, tmp_path):
    model = evil_model(tmp_path / f"{EVIL}.imagier", report_json=evil_report())
    for number in range(12):
        name = (f"{EVIL}left", "middle", f"{EVIL}stranger")[number % 3]
        png(tmp_path / f"{EVIL}set" / name / f"{EVIL}{number}.png", seed=number)
    (model / "evaluations.jsonl").write_text(f'{{"set": "{EVIL!a}"}}\n', "utf-8")
    source = tmp_path / f"{EVIL}set"
    text = command("test", model, source, "--html", f"{EVIL}.html", codes={0})
    assert "stranger" in text or "right" in text
    command("test", model, source, "--part", "train", codes={4})
    page = (tmp_path / f"{EVIL}.html").read_text("utf-8")
    check(page)


@pytest.mark.parametrize("damage", range(8))
def test_models_refused_for_evil_reasons(command, photos, tmp_path, damage):
    model = evil_model(tmp_path / "m.imagier")
    card = json.loads((model / "model.json").read_text("utf-8"))
    changed = [
        card | {"format": 99},
        card | {"format": 1},
        card | {EVIL: EVIL},
        card | {"network": [EVIL]},
        card | {"prepare": card["prepare"] | {"fit": EVIL, EVIL: EVIL}},
        card | {"sha256": {EVIL: EVIL}},
        card | {"other": f"{EVIL}none"},
        card | {"versions": EVIL, "format": 99},
    ][damage]
    (model / "model.json").write_text(json.dumps(changed), "utf-8")
    command("predict", model, photos, codes={4}, seen=False)


@pytest.mark.parametrize(
    "damage", ["operator", "input", "output", "domain", "key", "table", "name"]
)
def test_evil_names_in_an_onnx_file(command, photos, tmp_path, damage):
    model = hostile.tiny.tiny_model()
    graph = model.graph
    if damage == "operator":
        graph.node[0].op_type = EVIL
    elif damage == "input":
        graph.input[0].name = EVIL
    elif damage == "output":
        graph.output[0].name = EVIL
    elif damage == "domain":
        graph.node[0].domain = EVIL
    elif damage == "key":
        model.metadata_props.add(key=EVIL, value=EVIL)
    elif damage == "table":
        graph.initializer[0].name = graph.initializer[1].name = EVIL
    else:
        graph.node[0].name = EVIL
        graph.node[0].input[0] = EVIL
        helper.set_model_props(model, {"imagier": hostile.tiny.tiny_card().to_text()})
    file = tmp_path / f"{EVIL}.onnx"
    file.write_bytes(model.SerializeToString())
    command("predict", file, photos, codes={4})


def test_the_doctor_of_an_evil_model(command, tmp_path):
    model = evil_model(tmp_path / f"{EVIL}.imagier", report_json=evil_report())
    command("doctor", model, codes={0})
    command("doctor", model / "model.onnx", codes={0})
    (model / f"{EVIL}added").write_bytes(b"")
    (model / f"{EVIL}folder").mkdir()
    (model / "report.json").unlink()
    command("doctor", model, codes={4})
    command("doctor", f"{EVIL}nothing", codes={4})
    (model / "model.onnx").write_bytes(b"")
    command("doctor", model, codes={4})


def test_what_force_does_not_touch_is_named(command, photos, tmp_path):
    model = evil_model(tmp_path / "m.imagier")
    (model / f"{EVIL}notes").write_bytes(b"precious")
    words = ("train", photos, "--network", "linear", "--epochs", "1", "--out", model)
    command(*words, "--force", codes={2})
    place = model / "checkpoints"
    place.mkdir()
    (model / f"{EVIL}notes").rename(place / f"{EVIL}notes")
    command(*words, "--force", codes={2})


def test_a_model_that_announces_evil_files(command, photos, tmp_path):
    model = evil_model(tmp_path / "m.imagier")
    card = json.loads((model / "model.json").read_text("utf-8"))
    (model / "model.json").write_text(json.dumps(card | {"files": {EVIL: "0" * 64}}), "utf-8")
    command("doctor", model, codes={4})
    command("test", model, photos, codes={0})


def test_evil_names_in_weights(command, photos, tmp_path):
    header = json.dumps({EVIL: {"dtype": EVIL, "shape": [1], "data_offsets": [0, 1]}}).encode()
    model = tmp_path / "m.imagier"
    hostile.tiny.tiny_recognizer().save(model)
    from hashlib import sha256

    for head in (header, json.dumps({"__metadata__": {EVIL: EVIL}}).encode()):
        content = hostile.tiny.safetensors_of(head, b"\0")
        (model / "weights.safetensors").write_bytes(content)
        card = json.loads((model / "model.json").read_text("utf-8"))
        card["sha256"]["weights.safetensors"] = sha256(content).hexdigest()
        (model / "model.json").write_text(json.dumps(card), "utf-8")
        command("predict", model, photos, codes={4}, seen=False)


def test_watching_an_evil_model(command, tmp_path):
    model = evil_model(tmp_path / f"{EVIL}.imagier")
    picture = png(tmp_path / f"{EVIL}.png")
    command("convolve", picture, "--model", model, codes={2, 4})
    command("convolve", picture, "--kernel", "edges", codes={0})
    command("convolve", picture, "--kernel", EVIL, codes={2}, seen=False)


@pytest.mark.parametrize(
    "words",
    [
        ("network", EVIL),
        ("network", f"cnn:{EVIL}"),
        ("network", "linear", "--input", EVIL),
        ("network", f"{EVIL}.onnx"),
        (EVIL,),
        ("derive", EVIL),
        ("derive", f"{EVIL}.csv"),
        ("descend", EVIL, "--start", EVIL),
        ("descend", "x**2", "--start", EVIL),
        ("fit", EVIL),
        ("neuron", "--learn", EVIL),
        ("cluster", EVIL),
        ("pixels", EVIL),
        ("segment", EVIL),
        ("palette", EVIL),
        ("cache", EVIL),
    ],
    ids=lambda words: words[0][:8] if words[0] != EVIL else "unknown",
)
def test_evil_words(command, words):
    command(*words, codes={2, 4, 5}, seen=False)


def test_evil_tables_of_numbers(command, tmp_path):
    table = tmp_path / f"{EVIL}.csv"
    name = EVIL.replace(";", "")  # which would be taken for what parts the columns
    lines = [f'"{name}x","{name}y"', *(f"{n},{n * n % 7}" for n in range(30))]
    table.write_text("\n".join(lines), "utf-8", newline="")
    command("cluster", table, "-k", "2", codes={0})
    command("fit", table, "--x", f'"{name}x"', "--y", f"{name}y", codes={0})
    command("fit", table, "--x", f"{name}x", "--y", f"{name}y", codes={2})
    command("derive", table, codes={0, 2, 4}, seen=False)
    command("neuron", "--learn", table, codes={0, 2, 4}, seen=False)
    table.write_text("\n".join([*lines, f'"{name}",3']), "utf-8", newline="")
    for words in (("cluster", table, "-k", "2"), ("fit", table), ("derive", table)):
        command(*words, codes={2, 4}, seen=False)


def test_evil_pictures(command, tmp_path):
    folder = tmp_path / f"{EVIL}folder"
    for number in range(8):
        png(folder / f"{EVIL}{number}.png", seed=number)
    (folder / f"{EVIL}broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    picture = folder / f"{EVIL}1.png"
    command("cluster", folder, "-k", "2", codes={0, 5}, seen=False)
    command("pixels", picture, codes={0})
    command("segment", picture, codes={0}, seen=False)
    command("palette", picture, "-k", "4", codes={0})
    command("palette", picture, "-k", "4", "--out", f"{EVIL}out.png", "--force", codes={0})


def test_an_evil_environment(command, monkeypatch, tmp_path):
    monkeypatch.setenv("IMAGIER_DATA", f"{tmp_path}/{EVIL}")
    monkeypatch.setenv("XDG_CACHE_HOME", f"{tmp_path}/{EVIL}")
    command("doctor", codes={0, 5})
    command("cache", "show", codes={0, 5})
    command("cache", "clear", codes={0, 5})
    monkeypatch.setenv("IMAGIER_LANG", EVIL)
    command("doctor", codes={0, 5})


def test_a_bug_is_told_without_its_letters(command, monkeypatch, capsys):
    """Not even what nobody foresaw reaches the terminal raw."""
    from imagier.cli import running

    running._tell_bug(RuntimeError(EVIL))
    check(capsys.readouterr().err)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_real_terminal(tmp_path, photos):
    """The same through a terminal of its own, where nothing is taken off."""
    model = evil_model(tmp_path / f"{EVIL}.imagier")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "imagier", "predict", model, photos, "--top", "3"],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"IMAGIER_LANG": "en", "TERM": "dumb"},
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert process.wait(timeout=60) == 0
    text = said.decode().replace("\r\n", "\n")
    assert SHOWN in text
    # rich draws its bar on one line and takes it away again
    for own in ("\x1b[?25l", "\x1b[?25h", "\x1b[1A", "\x1b[2K", "\r"):
        text = text.replace(own, "")
    check(text)


def test_every_error_is_one_of_ours():
    """What is raised by name anywhere goes through the class that words it."""
    assert ImagierError("no_pictures", path=EVIL, seen="", hint="").message.count("\n") == 0
