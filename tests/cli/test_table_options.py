"""`--path-column`, `--label-column`, `--images` and `--ending`, for whatever takes a source."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from imagier.cli import main
from imagier.i18n import use_language

OPTIONS = ("--path-column", "where", "--label-column", "what", "--ending", "png")


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Call a command in a folder that holds a table and, elsewhere, its pictures."""
    rng = np.random.default_rng(0)
    for name, places in (("photos", range(40)), ("more photos", range(40, 60))):
        (tmp_path / name).mkdir()
        (tmp_path / "tables").mkdir(exist_ok=True)
        lines = ["who,where,what,mood"]
        for number in places:
            kind = number % 2
            levels = rng.integers(0, 40, (12, 12, 3)) + np.array([200 * kind, 0, 200 * (1 - kind)])
            Image.fromarray(levels.astype(np.uint8)).save(tmp_path / name / f"{number}.png")
            lines.append(f"w{number % 5},{number},{('blue', 'red')[kind]},{number % 3}")
        path = tmp_path / "tables" / f"{name.split()[0]}.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["imagier", *words, "--json", "--quiet"])
        with use_language("en"), pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), json.loads(capsys.readouterr().out)

    return call


def test_train_test_and_check_take_a_table_and_the_folder_of_its_pictures(command, tmp_path):
    train = ("train", "tables/photos.csv", "--images", "photos", *OPTIONS)
    more = ("--network", "linear", "--epochs", "2", "--out", "m")
    code, answer = command(*train, *more)
    assert code == 0
    assert answer["classes"] == ["blue", "red"]
    assert sum(answer["split"].values()) == 40
    code, answer = command("test", "m", "tables/more.csv", "--images", "more photos", *OPTIONS)
    assert code == 0
    assert answer["n"] == 20
    code, _ = command(*train, "--network", "linear", "--epochs", "1", "--seed", "1", "--out", "n")
    assert code == 0
    compare = ("compare", "m", "n", "tables/more.csv", "--images", "more photos", *OPTIONS)
    code, answer = command(*compare)
    assert (code, answer["n"]) == (0, 20)
    check = ("check", "tables/photos.csv", "--images", "photos", *OPTIONS)
    code, answer = command(*check, "--write-clean", "clean.csv")
    assert code == 0
    assert answer["n"] == 40
    assert "photos/0.png,blue" in (tmp_path / "clean.csv").read_text("utf-8")
    code, answer = command("train", "clean.csv", "--network", "linear", "--epochs", "1")
    assert code == 0
    assert answer["classes"] == ["blue", "red"]


def test_a_wrong_option_is_told_by_its_name(command):
    train = ("train", "tables/photos.csv", "--images", "photos", *OPTIONS)
    code, answer = command(*train[:-6], "--path-column", "wher", "--label-column", "what")
    assert code == 2
    assert answer["error"]["code"] == "unknown_column"
    assert "Did you mean “where”?" in answer["error"]["message"]
    assert "--path-column" in answer["error"]["next"]
    code, answer = command("test", "m", "photos", "--label-column", "what")
    assert code in {2, 4}
    code, answer = command("check", "photos", "--label-column", "what")
    assert (code, answer["error"]["code"]) == (2, "option_needs_table")


def test_the_options_are_part_of_what_a_run_is_resumed_by(command):
    from imagier.learning import TrainOptions

    plain = TrainOptions()
    assert "images" not in plain.decisive()
    given = TrainOptions(images="photos", path_column="where")
    assert given.decisive()["images"] == "photos"
    hidden = given.decisive(key="0123456789abcdef0123456789abcdef")
    assert hidden["images"] not in ("photos", None)
    assert TrainOptions(images="tables").decisive() != given.decisive()


def test_python_takes_the_same_options(command):
    import inspect

    import imagier
    from imagier.learning import TrainOptions

    names = {word.removeprefix("--").replace("-", "_") for word in OPTIONS if word[:2] == "--"}
    for function in (imagier.learn, TrainOptions):
        assert {*names, "images"} <= set(inspect.signature(function).parameters)
    report = imagier.learn(
        "tables/photos.csv",
        images="photos",
        ending=".png",
        path_column="where",
        label_column="what",
        network="linear",
        epochs=1,
    )[1]
    assert report.classes == ("blue", "red")


def test_a_hubs_parquet_is_learnt_from(command, tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs the extra imagier[parquet]")
    from pyarrow import parquet

    cells = [
        {"bytes": (tmp_path / "photos" / f"{n}.png").read_bytes(), "path": None} for n in range(40)
    ]
    info = {"info": {"features": {"label": {"names": ["blue", "red"], "_type": "ClassLabel"}}}}
    table = pa.table({"image": cells, "label": [n % 2 for n in range(40)]})
    table = table.replace_schema_metadata({"huggingface": json.dumps(info)})
    (tmp_path / "hub" / "data").mkdir(parents=True)
    for part, rows in (("train", slice(0, 30)), ("test", slice(30, 40))):
        path = tmp_path / "hub" / "data" / f"{part}-00000-of-00001.parquet"
        parquet.write_table(table.slice(rows.start, rows.stop - rows.start), path)
    code, answer = command("train", "hub", "--network", "linear", "--epochs", "2")
    assert code == 0
    assert answer["classes"] == ["blue", "red"]
    assert answer["split"]["test"] == 10
    code, answer = command("check", "hub", "--write-clean", "clean.csv")
    assert (code, answer["error"]["code"]) == (2, "clean_needs_files")
