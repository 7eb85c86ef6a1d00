"""The model folder: written whole, opened safely, refused with a sentence when it is not right."""

import hashlib
import json
import os
import pickle
import shutil
import sys
import zipfile

import numpy as np
import pytest

from imagier.errors import MachineError, ModelError, UsageError
from imagier.i18n import use_language
from imagier.onnx_io import graph
from imagier.recognizer import FORMAT, load

SHADOW = {"report.json": b"{}", "golden/0000.png": b"x", "MODEL_CARD.md": b"# thirds"}


def refusal(path, code):
    with use_language("en"), pytest.raises(ModelError) as refused:
        load(path)
    assert refused.value.code == code, refused.value.message
    assert refused.value.next_step
    return refused.value.message


def change_card(folder, **changes):
    """Change model.json only."""
    file = folder / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def replace_part(folder, name, content):
    """Replace a file and its hash, as one who builds a hostile model would."""
    (folder / name).write_bytes(content)
    hashes = json.loads((folder / "model.json").read_text("utf-8"))["sha256"]
    change_card(folder, sha256=hashes | {name: hashlib.sha256(content).hexdigest()})


# What is written


def test_the_folder_holds_what_the_design_says(recognizer, tmp_path):
    recognizer.with_artifacts(SHADOW).save(tmp_path / "m.imagier")
    files = {
        file.relative_to(tmp_path / "m.imagier").as_posix()
        for file in (tmp_path / "m.imagier").rglob("*")
        if file.is_file()
    }
    assert files == {"model.json", "model.onnx", "weights.safetensors", *SHADOW}
    stored = json.loads((tmp_path / "m.imagier" / "model.json").read_text("utf-8"))
    for name in ("model.onnx", "weights.safetensors"):
        content = (tmp_path / "m.imagier" / name).read_bytes()
        assert stored["sha256"][name] == hashlib.sha256(content).hexdigest()


def test_what_is_saved_returns(recognizer, tmp_path):
    recognizer.with_artifacts(SHADOW).save(tmp_path / "m.imagier")
    again = load(tmp_path / "m.imagier")
    assert again.card == recognizer.card
    assert again.onnx == recognizer.onnx
    assert again.weights == recognizer.weights
    assert dict(again.artifacts) == SHADOW
    with pytest.raises(KeyError):
        again.artifacts["model.json"]


def test_saving_twice_gives_the_same_bytes(recognizer, tmp_path):
    recognizer.with_artifacts(SHADOW).save(tmp_path / "a.imagier")
    load(tmp_path / "a.imagier").save(tmp_path / "b.imagier")
    for file in (tmp_path / "a.imagier").rglob("*"):
        if file.is_file():
            twin = tmp_path / "b.imagier" / file.relative_to(tmp_path / "a.imagier")
            assert twin.read_bytes() == file.read_bytes()


def test_no_path_and_no_time_enter_the_parts(recognizer, tmp_path):
    folder = tmp_path / "planted-token.imagier"
    recognizer.save(folder)
    for file in folder.iterdir():
        assert b"planted-token" not in file.read_bytes()


def test_the_single_file_predicts_alone(model_folder, tiny, tmp_path):
    shutil.copy(model_folder / "model.onnx", tmp_path / "alone.onnx")
    alone = load(tmp_path / "alone.onnx")
    assert alone.card == load(model_folder).card
    assert alone.weights == b""
    assert alone.predict(tiny.bright(2)).label == "right"


def test_a_model_of_a_single_file_can_be_saved(model_folder, tiny, tmp_path):
    load(model_folder / "model.onnx").save(tmp_path / "again.imagier")
    assert not (tmp_path / "again.imagier" / "weights.safetensors").exists()
    assert load(tmp_path / "again.imagier").predict(tiny.bright(0)).label == "left"


def test_an_existing_model_is_kept_unless_forced(recognizer, model_folder):
    before = (model_folder / "model.json").read_bytes()
    with pytest.raises(UsageError) as refused:
        recognizer.save(model_folder)
    assert refused.value.code == "output_exists"
    assert (model_folder / "model.json").read_bytes() == before
    recognizer.with_artifacts(SHADOW).save(model_folder, force=True)
    assert (model_folder / "report.json").exists()


def test_a_model_can_be_saved_over_itself(model_folder, recognizer):
    recognizer.with_artifacts(SHADOW).save(model_folder, force=True)
    load(model_folder).save(model_folder, force=True)
    assert dict(load(model_folder).artifacts) == SHADOW


def test_force_never_removes_something_else_than_a_model(recognizer, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "only.jpg").write_bytes(b"precious")
    file = tmp_path / "file"
    file.write_bytes(b"precious")
    for place in (photos, file):
        with pytest.raises(UsageError) as refused:
            recognizer.save(place, force=True)
        assert refused.value.code == "not_a_model_folder"
    assert (photos / "only.jpg").read_bytes() == b"precious" == file.read_bytes()


def test_force_replaces_what_an_interrupted_run_left(recognizer, tmp_path):
    place = tmp_path / "m.imagier"
    (place / "checkpoints").mkdir(parents=True)
    recognizer.save(place, force=True)
    assert load(place).card == recognizer.card


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/x", "model.json", "a/../../b", ""])
def test_artifacts_stay_inside(recognizer, tmp_path, name):
    with pytest.raises(ValueError, match="artifact"):
        recognizer.with_artifacts({name: b"x"}).save(tmp_path / "m.imagier")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(recognizer, tmp_path, monkeypatch):
    from imagier.recognizer import model_folder

    def fail(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model_folder, "write_file", fail)
    with pytest.raises(MachineError) as refused:
        recognizer.save(tmp_path / "m.imagier")
    assert refused.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


# What is refused


def test_a_model_that_is_not_there(model_folder):
    message = refusal(model_folder.with_name("thirdz.imagier"), "model_missing")
    assert "Did you mean “thirds.imagier”?" in message
    message = refusal(model_folder.with_name("thirds"), "model_missing")
    assert "Did you mean “thirds.imagier”?" in message
    message = refusal(model_folder.with_name("zzz"), "model_missing")
    assert "Models found there: thirds.imagier" in message
    refusal(model_folder / "deep" / "er", "model_missing")
    refusal("nul\0.onnx", "model_missing")


def test_what_is_no_model(tmp_path, model_folder):
    refusal(tmp_path / "thirds.imagier" / "..", "model_not_one")
    message = refusal(model_folder.parent, "model_not_one")
    assert "thirds.imagier" in message
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    refusal(file, "model_not_one")
    refusal(model_folder / "model.json", "model_not_one")


def test_a_model_that_is_not_finished(tmp_path):
    (tmp_path / "m.imagier" / "checkpoints").mkdir(parents=True)
    refusal(tmp_path / "m.imagier", "model_unfinished")


@pytest.mark.parametrize("name", ["model.onnx", "weights.safetensors"])
def test_a_missing_part(model_folder, name):
    (model_folder / name).unlink()
    assert name in refusal(model_folder, "model_damaged")


@pytest.mark.parametrize("name", ["model.onnx", "weights.safetensors"])
def test_one_changed_bit_in_any_place(model_folder, name):
    content = (model_folder / name).read_bytes()
    for place in range(0, len(content), len(content) // 23):
        changed = bytearray(content)
        changed[place] ^= 1
        (model_folder / name).write_bytes(changed)
        assert "not what model.json announces" in refusal(model_folder, "model_damaged")


@pytest.mark.parametrize("name", ["model.onnx", "weights.safetensors", "model.json"])
def test_truncated_parts(model_folder, name):
    content = (model_folder / name).read_bytes()
    for length in (0, 1, len(content) // 2, len(content) - 2):
        (model_folder / name).write_bytes(content[:length])
        refusal(model_folder, "model_damaged")


def test_classes_renamed_by_hand(model_folder):
    change_card(model_folder, classes=["right", "middle", "left"])
    assert "do not say the same" in refusal(model_folder, "model_damaged")


@pytest.mark.parametrize(
    "hashes", [None, [], {}, {"model.onnx": 1}, {"../x": "", "model.onnx": ""}], ids=str
)
def test_wrong_hashes(model_folder, hashes):
    change_card(model_folder, sha256=hashes)
    refusal(model_folder, "model_damaged")


def test_a_newer_model(model_folder):
    change_card(model_folder, format=FORMAT + 1, versions={"imagier": "9.0"}, more=[1])
    assert "made by imagier 9.0" in refusal(model_folder, "model_newer")


def test_an_older_model_is_refused_by_name(model_folder, tiny, tmp_path):
    change_card(model_folder, format=1)
    said = refusal(model_folder, "model_older")
    assert f"{model_folder}/model.json was written by imagier 0.1.0 in format 1" in said
    old = json.dumps(tiny.tiny_card().to_json() | {"format": 1})
    file = tmp_path / "old.onnx"
    file.write_bytes(graph.embed_card(tiny.tiny_model().SerializeToString(), old, path="old"))
    assert "in format 1" in refusal(file, "model_older")


@pytest.mark.parametrize("name", ["", "model.onnx"])
def test_a_model_is_read_through_once_when_it_is_opened(model_folder, name, monkeypatch):
    read, true_graph_of = [], graph._RecognizerChecks.graph_of

    def graph_of(checks, content):
        read.append(len(content))
        return true_graph_of(checks, content)

    monkeypatch.setattr(graph._RecognizerChecks, "graph_of", graph_of)
    load(model_folder / name)
    assert len(read) == 1


def test_a_hostile_network_with_a_right_hash(model_folder, tiny):
    parts = tiny.graph_parts()
    parts["nodes"][0].domain = "com.microsoft"
    replace_part(model_folder, "model.onnx", tiny.model_of(parts).SerializeToString())
    refusal(model_folder, "model_unsafe")


def test_as_many_classes_as_probabilities(tiny):
    with use_language("en"), pytest.raises(ModelError) as refused:
        tiny.tiny_recognizer(card=tiny.tiny_card(classes=("a", "b")))
    assert "gives 3 probabilities, and 2 classes" in refused.value.message


def test_the_size_that_the_card_says(tiny):
    with use_language("en"), pytest.raises(ModelError) as refused:
        tiny.tiny_recognizer(card=tiny.tiny_card(side=10))
    assert "(9, 9, 1)" in refused.value.message


def test_weights_with_a_right_hash_and_wrong_numbers(model_folder, tiny):
    from safetensors.numpy import save

    bad = save({"w": np.array([np.nan], np.float32)})
    replace_part(model_folder, "weights.safetensors", bad)
    refusal(model_folder, "weights_damaged")


def test_a_file_without_a_card(tiny, tmp_path):
    (tmp_path / "bare.onnx").write_bytes(tiny.tiny_model().SerializeToString())
    assert "no description by imagier" in refusal(tmp_path / "bare.onnx", "model_damaged")


@pytest.mark.parametrize("name", ["model.onnx", "weights.safetensors", "model.json"])
def test_files_beyond_all_measure_are_not_even_read(model_folder, name):
    os.truncate(model_folder / name, 600 * 2**20)
    assert "larger than" in refusal(model_folder, "model_damaged")


# Pickles, whatever they call themselves


class Canary:
    """Opened as a pickle, it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture(params=range(6))
def poison(request, tmp_path):
    return pickle.dumps(Canary(tmp_path / "canary"), protocol=request.param)


@pytest.mark.parametrize("name", ["m.pt", "m.pth", "m.pkl", "m.joblib", "m.keras", "m.h5", "m.PT"])
def test_pickles_by_name(tmp_path, name, poison):
    (tmp_path / name).write_bytes(poison)
    refusal(tmp_path / name, "model_pickle")
    (tmp_path / name).write_bytes(b"harmless")
    refusal(tmp_path / name, "model_pickle")
    assert not (tmp_path / "canary").exists()


def test_pickles_under_other_names(tmp_path, poison, model_folder):
    (tmp_path / "m.onnx").write_bytes(poison)
    refusal(tmp_path / "m.onnx", "model_pickle")
    for name in ("model.onnx", "weights.safetensors"):
        spoilt = tmp_path / f"{name}.imagier"
        shutil.copytree(model_folder, spoilt)
        replace_part(spoilt, name, poison)
        refusal(spoilt, "model_pickle")
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("name", ["m.onnx", "m.imagier", "m.bin"])
def test_zips_and_hdf5(tmp_path, name, poison):
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("archive/data.pkl", poison)
    refusal(tmp_path / name, "model_pickle")
    (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n")
    refusal(tmp_path / name, "model_pickle")
    assert not (tmp_path / "canary").exists()


def test_a_weights_header_of_a_length_like_a_pickles_start_is_read(tiny, tmp_path):
    from safetensors.numpy import save

    for length in range(1, 60):
        weights = save({"w" * length + str(n): np.zeros(1, np.float32) for n in range(9)})
        if weights[0] == 0x80 and weights[1] in range(2, 6):
            break
    assert weights[0] == 0x80
    tiny.tiny_recognizer(weights=weights).save(tmp_path / "m.imagier")
    assert load(tmp_path / "m.imagier").weights == weights


# Odd things in place of files


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
@pytest.mark.parametrize("name", ["model.json", "model.onnx", "weights.safetensors"])
def test_a_pipe_never_blocks(model_folder, name):
    (model_folder / name).unlink()
    os.mkfifo(model_folder / name)
    with pytest.raises(ModelError):
        load(model_folder)


def test_links_do_not_bring_foreign_files_along(model_folder, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"secret")
    (model_folder / "report.html").symlink_to(secret)
    (model_folder / ".hidden").write_bytes(b"x")
    assert dict(load(model_folder).artifacts) == {}


def test_a_link_to_a_model_is_followed(model_folder, tmp_path, tiny):
    (tmp_path / "latest").symlink_to(model_folder)
    assert load(tmp_path / "latest").predict(tiny.bright(1)).label == "middle"


def test_loading_runs_nothing(model_folder, tiny):
    """Watch the interpreter itself: no code, process, network or unpickling while a model opens."""
    load(model_folder).predict(tiny.bright(1))  # imports are done now
    seen = []
    watched = ("pickle.", "exec", "compile", "subprocess.", "socket.", "os.system", "import")

    def watch(event, arguments):
        if watching and event.startswith(watched):
            seen.append((event, arguments))

    watching = True
    sys.addaudithook(watch)
    load(model_folder)
    watching = False
    assert seen == []
