"""What a model reveals of who made it and of their pictures, searched for in every byte.

The attacker of these tests gets the finished folder, looks into every file, unpacks what is packed,
and searches for names in all the ways in which they may be written.
"""

import base64
import csv
import getpass
import html
import importlib.util
import io
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import load, open_source
from imagier.datasets.keyed_hashes import hash_key, keyed_hash
from imagier.errors import UsageError
from imagier.features import as_typed, backbone_name
from imagier.learning import TrainOptions, learn
from imagier.learning.run_store import RunStore
from imagier.recognizer import load as load_recognizer
from imagier.testing import evaluate_model
from imagier.testing.evaluation_log import set_hash

PERSON, PHOTOS = "Marie Dupont", "photos de Marie"
CLASSES = ("chat", "chien")
# what is short stands by chance among so many numbers
OF_THE_MACHINE = {
    one for one in (socket.gethostname(), str(Path.home()), getpass.getuser()) if len(one) > 5
}


# How a name may be written


def forms(text):
    """Give the bytes in which a name may stand in a file, as the beginning of what is packed."""
    texts = {
        text,
        text.lower(),
        text.upper(),
        text.replace(" ", "_"),
        text.replace(" ", "-"),
        text.replace(" ", ""),
        quote(text),
        quote(text, safe=""),
        html.escape(text),
        json.dumps(text)[1:-1],
        "".join(f"\\{letter}" if letter in "_*`" else letter for letter in text),  # Markdown
        text.encode().hex(),
        text.encode().hex().upper(),
        text.encode("utf-16-le").hex(),
    }
    found = {one.encode() for one in texts} | {text.encode("utf-16-le"), text.encode("utf-16-be")}
    for shift in range(3):  # within base64 a name looks otherwise at each third letter
        packed = base64.b64encode(b"\0" * shift + text.encode())
        inner = packed[4 if shift else 0 : len(packed) // 4 * 4 - 4]
        if len(inner) >= 8:
            found.add(inner)
    return {one for one in found if len(one) >= 4}


def unpacked(content, depth=0):
    """Give a content and whatever is packed in it: PNG chunks, zip members, zlib, base64, gzip."""
    yield content
    if depth > 3:
        return
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name), depth + 1)
    for start in re.finditer(rb"\x89PNG\r\n\x1a\n", content):
        yield from png_chunks(content[start.start() :])
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08", content):
        try:
            yield zlib.decompressobj(47).decompress(content[start.start() :], 10**7)
        except zlib.error:
            continue
    for packed in re.finditer(rb"[A-Za-z0-9+/]{24,}={0,2}", content):
        text = packed[0][: len(packed[0]) // 4 * 4]
        yield from unpacked(base64.b64decode(text), depth + 1)


def png_chunks(content):
    place = 8
    while place + 8 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        yield kind + body
        if kind in {b"zTXt", b"iCCP", b"iTXt"}:
            for start in range(len(body)):
                try:
                    yield zlib.decompressobj().decompress(body[start:], 10**6)
                except zlib.error:
                    continue
        if kind == b"IEND":
            return
        place += 12 + length


def hits(folder, names):
    """Search all files of a folder, and their names, for all forms of some names."""
    wanted = {name: forms(name) for name in names}
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        own = path.relative_to(folder).as_posix().encode()
        for content in (own, *unpacked(path.read_bytes())):
            for name, ways in wanted.items():
                found += [(own.decode(), name, way) for way in ways if way in content]
    return found


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: b"xx" + text.encode() + b"yy",
        lambda text: json.dumps({"a": text}).encode(),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(b"a" + text.encode() + b"abc"),
        lambda text: b"junk" + zlib.compress(text.encode()),
        lambda text: base64.b64encode(zlib.compress(text.encode() * 3)),
        lambda text: text.encode("utf-16-le"),
    ],
    ids=range(8),
)
def test_the_search_finds_what_is_hidden(tmp_path, write):
    """A search that finds nothing proves nothing unless it can find."""
    (tmp_path / "file.bin").write_bytes(write("Zoé Dupont"))
    assert hits(tmp_path, ["Zoé Dupont"])


def test_the_search_looks_into_pictures_and_archives(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Author", "Marie Dupont", zip=True)
    picture = io.BytesIO()
    Image.new("L", (8, 8)).save(picture, "PNG", pnginfo=note)
    (tmp_path / "page.html").write_bytes(
        b'<img src="data:image/png;base64,' + base64.b64encode(picture.getvalue()) + b'">'
    )
    assert hits(tmp_path, ["Marie Dupont"])
    (tmp_path / "page.html").unlink()
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt", "Marie Dupont" * 10)
    assert hits(tmp_path, ["Marie Dupont"])


# The pictures of a person


def draw(number, label, size=32):
    generator = np.random.default_rng(number)
    wave = 100 * np.sin(np.arange(size) * (0.6 + 0.3 * generator.random()))
    field = np.broadcast_to(wave[:, None] if label else wave[None, :], (size, size))
    noisy = 128 + field + generator.normal(0, 15, (size, size))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@pytest.fixture
def home(tmp_path):
    """Give a place whose folders and files bear a person's name."""
    root = tmp_path / PERSON / PHOTOS
    for number in range(48):
        place = root / CLASSES[number % 2] / f"vacances de {PERSON}"
        place.mkdir(parents=True, exist_ok=True)
        draw(number, number % 2).save(place / f"Marie_Dupont_{number:03d}.png")
    (root / "chat" / "Marie Dupont floue.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (root / "dossier vide de Marie").mkdir()
    twin = root / "chien" / "jumeau de Marie.png"  # the same picture under two names
    shutil.copy(root / "chat" / f"vacances de {PERSON}" / "Marie_Dupont_000.png", twin)
    for name in ("chat", "chien"):  # enough of them that two are few
        for number in range(100, 180):
            draw(number, name == "chien").save(root / name / f"Marie_{number}.png")
    return root


def as_folder(home):
    return home


def as_table(home):
    table = home.parent / "table de Marie Dupont.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "person"])
        for number, path in enumerate(sorted(home.rglob("*.*g"))):
            name = path.relative_to(home.parent).as_posix()
            label = path.relative_to(home).parts[0]
            rows.writerow([name, label, f"Marie Dupont {number // 3}"])
        rows.writerow(["absente de Marie.png", "chat", "Marie Dupont"])
    return table


def as_archive(home):
    archive = home.parent / "archive de Marie Dupont.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(home.rglob("*.*g")):
            file.write(path, path.relative_to(home).as_posix())
    return archive


SOURCES = {"folder": as_folder, "table": as_table, "archive": as_archive}
NETWORKS = {
    "linear": ("--network", "linear", "--epochs", "2"),
    "cnn": ("--network", "cnn:4", "--epochs", "1"),
    "features": ("--network", "features:32", "--epochs", "1"),
}


def train(home, source, *words, out="modele.imagier", cwd=None):
    """Learn in a process of its own, whose home is the person's."""
    place = home.parent
    done = subprocess.run(
        [sys.executable, "-m", "imagier", "train", str(source), "--out", str(out), *words],
        cwd=cwd or place,
        env=os.environ | {"HOME": str(place), "USER": "mdupont", "LOGNAME": "mdupont"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def secrets_of(home):
    """List what must not stand in the model: names of person, folders, files, machine."""
    parts = [part for part in home.parts if len(part) > 3]
    return {
        *OF_THE_MACHINE,
        PERSON,
        PHOTOS,
        "Dupont",
        "Marie",
        "mdupont",
        "vacances",
        "floue",
        "absente",
        "jumeau",
        "dossier vide",
        "table de",
        "archive de",
        *parts,
    }


def plain_hashes(home):
    settings = load_recognizer(home.parent / "modele.imagier").prepare
    dataset = load(open_source(home), settings)
    return dataset, [*dataset.hashes.tolist(), dataset.fingerprint(), set_hash(dataset.hashes)]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("network", NETWORKS)
def test_without_pictures_nothing_is_named(home, kind, network):
    source = SOURCES[kind](home)
    words = [*NETWORKS[network], "--no-pictures"]
    if kind == "table":
        words += ["--group", "person"]
    said = train(home, source, *words)
    assert "floue" in said, "the user is told which file was left out"
    model = home.parent / "modele.imagier"
    assert hits(model, secrets_of(home)) == []
    assert all(name in (model / "model.json").read_text("utf-8") for name in CLASSES)
    _, hashes = plain_hashes(home)
    everything = b"".join(path.read_bytes() for path in model.rglob("*") if path.is_file())
    assert not [one for one in hashes if one.encode() in everything]
    assert not [one for one in hashes if bytes.fromhex(one) in everything]
    assert not list(model.rglob("*.png"))
    assert b"data:image/png" not in everything


def test_the_report_calls_pictures_by_number(home):
    train(home, home, *NETWORKS["linear"], "--no-pictures")
    model = home.parent / "modele.imagier"
    report = json.loads((model / "report.json").read_text("utf-8"))
    assert report["train"]["model"] == "model.imagier"
    codes = sorted(one["code"] for one in report["train"]["skipped"])
    assert codes == ["picture_conflict", "picture_conflict", "truncated"]
    assert [one["path"] for one in report["train"]["skipped"]] == [
        "left out 1", "left out 2", "left out 3"
    ]  # fmt: skip
    assert any("not kept" in note for note in report["train"]["notes"])
    rows = list(csv.DictReader(io.StringIO((model / "split.csv").read_text("utf-8"))))
    assert [row["number"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    numbers = re.findall(r"picture (\d+)", (model / "report.html").read_text("utf-8"))
    tested = {row["number"] for row in rows if row["part"] == "test"}
    assert set(numbers) <= tested
    card = json.loads((model / "model.json").read_text("utf-8"))
    assert set(card["data"]) == {"n", "key", "fingerprint"}


# What must go on working


def test_a_later_test_still_leaves_out_what_was_learnt(home):
    (home / "chien" / "jumeau de Marie.png").unlink()  # else the later test would be on it too
    train(home, home, *NETWORKS["linear"], "--no-pictures")
    model = home.parent / "modele.imagier"
    report = evaluate_model(model, home)
    rows = list(csv.DictReader(io.StringIO((model / "split.csv").read_text("utf-8"))))
    learnt = sum(row["part"] in {"train", "validation"} for row in rows)
    assert report.leaked == learnt
    assert report.evaluation_count == 2, "the test at the end of the learning was the first"
    assert evaluate_model(model, home).evaluation_count == 3
    lines = [json.loads(line) for line in (model / "evaluations.jsonl").read_text().splitlines()]
    assert [line["source"] for line in lines] == [None, None]
    assert hits(model, secrets_of(home)) == []
    _, hashes = plain_hashes(home)
    assert not [one for one in hashes if one in (model / "evaluations.jsonl").read_text()]


def test_the_parts_can_be_taken_again(home, tmp_path):
    train(home, home, *NETWORKS["linear"], "--no-pictures")
    split = home.parent / "modele.imagier" / "split.csv"
    words = (*NETWORKS["linear"], "--seed", "5", "--split", str(split))
    train(home, home, *words, "--no-pictures", out="again.imagier")
    train(home, home, *words, out="open.imagier")

    def parts(name):
        text = (home.parent / name / "split.csv").read_text("utf-8")
        return [row["part"] for row in csv.DictReader(io.StringIO(text))]

    assert parts("modele.imagier") == parts("again.imagier") == parts("open.imagier")
    assert hits(home.parent / "again.imagier", secrets_of(home)) == []


@pytest.mark.parametrize(
    "header",
    [
        "number,hmac-sha256:,group,part",
        "number,hmac-sha256:xyz,group,part",
        f"number,sha256:{'0' * 32},group,part",
        f"file,hmac-sha256:{'0' * 32},group,part",
        f"number,hmac-sha256:{'0' * 32},part",
        "number,hash,group,part",
    ],
)
def test_a_split_file_of_another_kind_is_refused(home, tmp_path, header):
    file = tmp_path / "split.csv"
    file.write_text(f"{header}\n1,{'0' * 32},1,train\n", "utf-8")
    with pytest.raises(UsageError) as refused:
        learn(home, network="linear", epochs=1, split=file)
    assert refused.value.code == "split_file_damaged"


def test_the_same_learning_gives_the_same_bits(home):
    """The key follows from the learning: a second run draws no other."""
    models = [learn(home, network="linear", epochs=1, pictures=False)[0] for _ in range(2)]
    assert models[0].onnx == models[1].onnx
    assert models[0].artifacts["split.csv"] == models[1].artifacts["split.csv"]
    other, _ = learn(home, network="linear", epochs=1, pictures=False, seed=1)
    assert other.card.key != models[0].card.key


def test_another_model_of_the_same_pictures_has_other_hashes(home):
    """No table serves two models: the same picture is another name in each."""
    rows = []
    for epochs in (1, 2):
        recognizer, _ = learn(home, network="linear", epochs=epochs, pictures=False)
        text = recognizer.artifacts["split.csv"].decode()
        rows.append({line.split(",")[1] for line in text.splitlines()[1:]})
    assert not rows[0] & rows[1]


def test_who_has_a_picture_can_still_confirm_it(home):
    """Said in the documentation: the key stands in the model, so `imagier test` works with it."""
    recognizer, _ = learn(home, network="linear", epochs=1, pictures=False)
    dataset = load(open_source(home), recognizer.prepare)
    first = keyed_hash(str(dataset.hashes[0]), recognizer.card.key)
    assert first in recognizer.artifacts["split.csv"].decode()


def test_a_key_is_of_the_pictures_and_of_the_learning():
    one = hash_key("0123", {"seed": 0})
    assert one == hash_key("0123", {"seed": 0})
    assert len({one, hash_key("0124", {"seed": 0}), hash_key("0123", {"seed": 1})}) == 3
    assert re.fullmatch(r"[0-9a-f]{32}", one)
    assert keyed_hash("ab", one) != keyed_hash("ab", "other") != "ab" == keyed_hash("ab", "")


# A model with pictures


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("network", NETWORKS)
def test_with_pictures_no_folder_outside_is_named(home, tmp_path, kind, network):
    """Files below the source are named; where source and model stand is nobody's business."""
    source = SOURCES[kind](home)
    out = tmp_path / "Documents secrets" / "modele.imagier"
    out.parent.mkdir()
    words = [*NETWORKS[network]]
    if kind == "table":
        words += ["--group", "person"]
    train(home, source, *words, out=out)
    places = [part for part in home.parent.parts[1:-1] if len(part) > 3]
    names = {
        *places,
        str(home.parent),
        str(home.parent.parent),
        "Documents secrets",
        "mdupont",
        *OF_THE_MACHINE,
    }
    assert hits(out, names) == []
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["train"]["model"] == "modele.imagier"
    assert "modele.imagier" in (out / "MODEL_CARD.md").read_text("utf-8")
    evaluated = subprocess.run(
        [sys.executable, "-m", "imagier", "test", str(out), str(home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert evaluated.returncode == 0, evaluated.stderr
    assert hits(out, names) == []


def test_a_cache_that_cannot_be_written_is_told_without_its_place(home, tmp_path):
    """What goes wrong on the way is a remark of the report, and names folders of the user's."""
    cache = tmp_path / "cachette de Marie"
    cache.write_bytes(b"no folder")
    done = subprocess.run(
        [sys.executable, "-m", "imagier", "train", str(home), "--out", "m.imagier",
         "--network", "linear", "--epochs", "1"],
        cwd=tmp_path,
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert hits(tmp_path / "m.imagier", [str(tmp_path), tmp_path.name]) == []


# Networks and other files that the user names by path


def test_a_network_from_a_file_is_remembered_by_its_own_name():
    assert backbone_name("/home/marie/nets/res net.onnx") == "res net.onnx"
    assert backbone_name("C:\\Users\\marie\\net.onnx:160") == "net.onnx:160"
    assert backbone_name("hf:owner/name") == "hf:owner/name"
    assert backbone_name("cnn:16,32") == "cnn:16,32"
    assert as_typed("net.onnx", ["/a/net.onnx", "/b/net.onnx"]) == "/a/net.onnx"
    assert as_typed("net.onnx", ["linear"]) == "net.onnx"


def test_what_a_run_keeps_on_the_way_names_no_folder(tmp_path):
    split, test = tmp_path / "Marie Dupont" / "split.csv", tmp_path / "Marie Dupont" / "essais"
    test.mkdir(parents=True)
    split.write_text("x", "utf-8")
    for pictures in (True, False):
        options = TrainOptions(
            network=f"{tmp_path}/Marie Dupont/net.onnx;linear",
            test=test,
            split=split,
            pictures=pictures,
        )
        folder = tmp_path / f"m{pictures}"
        store = RunStore(folder, options, resume=False)
        store.record("", "0" * 32).begin({"network": "linear"})
        assert hits(folder, ["Marie Dupont", tmp_path.name, str(tmp_path)]) == []
        text = (folder / "checkpoints" / "plan.json").read_text("utf-8")
        assert ("essais" in text) == pictures
        assert ("0" * 32 in text) == pictures
        again = RunStore(folder, options, resume=True)
        assert again.record("", "0" * 32).recall() == {"network": "linear"}
        split.write_text(f"other {pictures}", "utf-8")
        with pytest.raises(UsageError) as refused:
            RunStore(folder, options, resume=True)
        assert refused.value.code == "resume_conflict"


def test_killed_at_the_very_end_nothing_is_named_either(home):
    """The checkpoints that stand beside a finished model then are those of such a run."""
    model = home.parent / "modele.imagier"
    train(home, home, *NETWORKS["cnn"], "--no-pictures")
    options = TrainOptions(network="cnn:4", epochs=1, test=home, pictures=False)
    RunStore(model, options, resume=False).record("", "0" * 32).begin({"network": "cnn:4"})
    assert (model / "checkpoints" / "plan.json").exists()
    assert hits(model, secrets_of(home)) == []


@pytest.fixture
def net(tmp_path):
    """Give a backbone of the user's, in a folder that bears a name."""
    spec = importlib.util.spec_from_file_location(
        "tiny_backbones", Path(__file__).parents[1] / "features" / "tiny_backbones.py"
    )
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    file = tmp_path / "réseaux de Marie" / "mynet.onnx"
    file.parent.mkdir()
    model = tiny.model_of(tiny.parts())
    model.doc_string = model.graph.doc_string = "/home/marie/réseaux de Marie"
    for node in model.graph.node:  # as exporters write it
        node.doc_string = f"{file.parent}/export.py(12): forward"
        node.metadata_props.add(key="stack_trace", value=f"{file.parent}/export.py, line 12")
        for attribute in node.attribute:
            attribute.doc_string = str(file)
    for tensor in model.graph.initializer:
        tensor.doc_string = str(file)
    file.write_bytes(model.SerializeToString())
    return file


@pytest.mark.parametrize("pictures", [True, False])
def test_a_model_on_a_network_from_a_file(home, tmp_path, net, pictures):
    recognizer, report = learn(home, network=str(net), epochs=1, pictures=pictures)
    model = tmp_path / "m.imagier"
    recognizer.save(model)
    assert recognizer.card.network == recognizer.card.plan["network"] == "mynet.onnx"
    assert hits(model, ["réseaux de Marie", tmp_path.name, str(tmp_path)]) == []
    assert report.test.n


def test_its_plan_is_carried_out_again_where_the_file_is_named(home, tmp_path, net):
    recognizer, _ = learn(home, network=str(net), epochs=1)
    recognizer.save(tmp_path / "m.imagier")
    again, _ = learn(home, plan=tmp_path / "m.imagier", network=str(net))
    assert again.onnx == recognizer.onnx
    with pytest.raises(UsageError) as refused:
        learn(home, plan=tmp_path / "m.imagier")
    assert refused.value.code == "backbone_missing"


def test_a_run_on_a_network_from_a_file_is_gone_on_with(home, tmp_path, net):
    words = ("--network", str(net), "--epochs", "1", "--no-pictures")
    train(home, home, *words, out=tmp_path / "whole.imagier")
    folder = tmp_path / "m.imagier"
    options = TrainOptions(network=str(net), epochs=1, pictures=False)
    store = RunStore(folder, options, resume=False)
    plan = load_recognizer(tmp_path / "whole.imagier").card.plan
    fingerprint = load(open_source(home), load_recognizer(tmp_path / "whole.imagier").prepare)
    store.record("", fingerprint.fingerprint()).begin(plan)
    assert hits(folder, ["réseaux de Marie", "Marie"]) == []
    train(home, home, *words, "--resume", out=folder)
    assert (folder / "weights.safetensors").read_bytes() == (
        tmp_path / "whole.imagier" / "weights.safetensors"
    ).read_bytes()
