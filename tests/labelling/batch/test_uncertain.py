"""The pictures most worth naming: least sure, of different kinds, ready to be named."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.datasets.sources.table import open_table
from imagier.errors import UsageError
from imagier.labelling.batch.answer_rows import answer_rows
from imagier.labelling.batch.uncertain import choose_uncertain
from tests.labelling.batch.batches import PNGS, write_folder, write_tar
from tests.recognizer import tiny_models as tiny


def unsure(number, *, light=0):
    """A picture whose thirds are nearly alike; each number gives another one."""
    generator = np.random.default_rng(number)
    grey = np.full((9, 9), 120 + light, np.uint8)
    grey[generator.integers(0, 9, 6), generator.integers(0, 9, 6)] += np.uint8(40)
    return grey


def write(path, grey):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey).save(path)


@pytest.fixture
def scenes(here):
    """Sixty sure pictures, ten copies of one unsure scene, and five other unsure ones."""
    write_folder(here / "photos/sure", 60)
    for copy in range(10):
        write(here / f"photos/copies/{copy}.png", unsure(0, light=copy % 2))
    for scene in range(1, 6):
        write(here / f"photos/scenes/{scene}.png", unsure(scene))
    return here


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_any_file_of_answers_tells_the_same(label, scenes, kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    label("photos", out="names.csv")
    label("photos", out=f"other.{kind}")
    assert list(answer_rows(Path(f"other.{kind}"))) == list(answer_rows(Path("names.csv")))
    assert len(list(answer_rows(Path("names.csv")))) == 75


def test_copies_of_one_scene_cost_few_names(label, scenes):
    result = label("photos", uncertain=6)
    paths = [row.path for row in result.uncertain.rows]
    assert sum(path.startswith("photos/copies") for path in paths) <= 2
    assert sum(path.startswith("photos/scenes") for path in paths) >= 3
    margins = [row.margin for row in result.uncertain.rows]
    assert margins == sorted(margins)


def test_the_table_is_learnt_from_once_names_are_written(label, scenes):
    write_tar(scenes / "more.tar", {"a/é.png": PNGS[0], "b.png": PNGS[1]})
    result = label("photos", "more.tar", uncertain=80)
    table = scenes / "names-uncertain/labels.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(result.uncertain.rows) == 77
    assert all((table.parent / row["path"]).is_file() for row in rows)
    assert {"more.tar/a/é.png", "more.tar/b.png"} <= {row["source"] for row in rows}
    for row in rows:
        row["label"] = row["guess"]
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    listing = open_table(table)
    assert len(listing) == 77
    assert set(listing.labels) <= set(tiny.THIRDS)


def test_names_that_were_written_are_not_replaced(label, scenes):
    label("photos", uncertain=3)
    with pytest.raises(UsageError) as refused:
        label("photos", uncertain=3)
    assert refused.value.code == "label_uncertain_exists"
    with pytest.raises(UsageError) as refused:
        choose_uncertain(Path("names.csv"), 3)
    assert refused.value.code == "label_uncertain_exists"


def test_one_choice_is_too_few(label, scenes):
    with pytest.raises(UsageError) as refused:
        label("photos", uncertain=3, top=1)
    assert refused.value.code == "label_uncertain_top"
    assert not Path("names.csv").exists()


def test_pictures_that_are_gone_are_passed_over(label, scenes):
    label("photos")
    for path in Path("photos/scenes").iterdir():
        path.unlink()
    rows = choose_uncertain(Path("names.csv"), 75).rows
    assert len(rows) == 70
