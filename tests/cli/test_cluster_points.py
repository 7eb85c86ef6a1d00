"""`imagier cluster` on tables of points: what is read, answered, written and refused."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.kmeans import engine, kmeans
from imagier.kmeans.tables import example_table, point_table

COMMAND = "cluster"


@pytest.fixture
def cluster(command, monkeypatch):
    monkeypatch.setattr(engine, "is_compiled", lambda: True)
    return command


def table(text, name="points.csv"):
    Path(name).write_text(text, "utf-8")
    return name


SQUARE = "x,y\n0,0\n0,1\n10,0\n10,1\n"


# What is read


def test_a_table(facts):
    answer = facts(table(SQUARE), "-k", "2")
    assert (answer["k"], answer["asked"], answer["inertia"], answer["points"]) == (2, 2, 1.0, 4)
    assert sorted(answer["centres"]) == [[0.0, 0.5], [10.0, 0.5]]
    assert (answer["sizes"], answer["columns"]) == ([2, 2], ["x", "y"])


@pytest.mark.parametrize(
    "text",
    [
        "x;y\n0;0\n0;1\n10,0;0\n10,0;1\n",
        "x\ty\n0\t0\n0\t1\n10\t0\n10\t1\n",
        '"x","y"\n"0","0"\n"0","1"\n"10,0","0"\n"10","1"\n',
        "0,0\n0,1\n10,0\n10,1\n",
        "x,y\n\n0,0\n0,1\n\n1e1,0\n+10.0,1\n\n",
        "\ufeffx;y\r\n0;0\r\n0;1\r\n10;0\r\n10;1\r\n",
    ],
    ids=["semicolons", "tabs", "quotes", "no titles", "empty rows", "windows"],
)
def test_tables_as_people_write_them(facts, text):
    answer = facts(table(text), "-k", "2", "--quiet")
    assert sorted(answer["centres"]) == [[0.0, 0.5], [10.0, 0.5]]


def test_what_was_understood_is_said(cluster):
    _, _, err = cluster(table("x;y\n0,5;0\n1,5;1\n"), "-k", "1")
    assert "separated by semicolons" in err
    assert "decimal commas are read, 0,5 is 0.5" in err
    _, _, err = cluster(table("1,2\n3,4\n"), "-k", "1")
    assert "the first row holds numbers, so the columns are called c1, c2." in err
    assert cluster(table("1,2\n3,4\n"), "-k", "1", "--quiet")[2] == ""


def test_only_some_columns(facts):
    name = table("name,x,y\na,0,7\nb,1,7\nc,9,7\n")
    answer = facts(name, "--columns", "x", "-k", "2")
    assert sorted(answer["centres"]) == [[0.5], [9.0]]


def test_weights(facts):
    answer = facts(table("x,n\n0,3\n4,1\n100,2\n"), "--weights", "n", "-k", "2")
    assert sorted(answer["centres"]) == [[1.0], [100.0]]
    assert sorted(answer["sizes"]) == [2, 4]


def test_json_lines(facts):
    name = table('{"x": 0, "y": 0.5}\n{"x": 8, "y": 0.5}\n', "p.jsonl")
    assert sorted(facts(name, "-k", "2")["centres"]) == [[0.0, 0.5], [8.0, 0.5]]


def test_a_column_that_decides_alone_is_named_and_scaled(cluster, facts):
    rows = "".join(f"{n % 2 * 9},{n // 2 * 1000}\n" for n in range(20))
    _, _, err = cluster(table("rooms,price\n" + rows), "-k", "2")
    assert "price is spread" in err
    assert "--scale" in err
    answer = facts("points.csv", "-k", "2", "--scale", "--quiet")
    assert sorted(centre[0] for centre in answer["centres"]) != [4.5, 4.5]
    points = np.loadtxt("points.csv", delimiter=",", skiprows=1)
    plain = kmeans(points / points.std(axis=0), 2, restarts=10)
    assert answer["inertia"] == pytest.approx(plain.inertia)
    assert np.array(answer["centres"]) == pytest.approx(plain.centres * points.std(axis=0))


# Where it begins, and how many


def test_the_example_of_three_groups(cluster):
    code, out, err = cluster("groups")
    assert code == 0
    assert err == "groups: made-up points, the same each time.\n"
    lines = out.splitlines()
    assert lines[0] == "groups: 150 points, columns x, y"
    assert lines[1] == "k = 3: 3 of 3 scores recommend it."
    assert lines[4].split() == ["cluster", "points", "share", "x", "y"]
    assert lines[-1].startswith("At rest after")
    assert lines[-1].endswith("best of 10 starts")


def test_the_example_in_french(cluster):
    _, out, err = cluster("groups", language="fr")
    assert "k = 3\u00a0: 3 scores sur 3 le recommandent." in out
    assert "33,3\u202f%" in out
    assert "Coût (inertie)\u00a0: 197,4, la somme des carrés des distances aux centroïdes" in out
    assert err == "groups\u00a0: des points inventés, toujours les mêmes.\n"


def test_a_recommended_k_says_why(facts):
    choice = facts("groups")["choice"]
    assert choice["k"] == 3
    assert choice["votes"] == {"silhouette": 3, "calinski_harabasz": 3, "gap": 3}
    assert [score["k"] for score in choice["scores"]] == list(range(1, 11))
    assert choice["scores"][0]["silhouette"] is None
    assert facts("groups", "-k", "4")["choice"] is None


def test_points_without_groups(cluster):
    rows = "".join(f"{a},{b}\n" for a, b in np.random.default_rng(1).normal(size=(300, 2)))
    _, out, _ = cluster(table("x,y\n" + rows))
    assert "k = 1: the points are no more grouped than points drawn evenly." in out


@pytest.mark.parametrize("start", ["random", "points", "kmeans++"])
def test_ways_to_begin(facts, start):
    answer = facts("groups", "-k", "3", "--start", start)
    best = kmeans(point_table(example_table("groups")).points, 3, start=start, restarts=10)
    assert answer["inertia"] == pytest.approx(best.inertia)
    assert answer["start"] == start


def test_first_centres_from_a_file(facts, refusal):
    table("x,y\n0,0\n0,1\n", "first.csv")
    answer = facts(table(SQUARE), "--start", "first.csv")
    assert (answer["k"], answer["inertia"], answer["steps"]) == (2, 100.0, 1)
    assert answer["centres"] == [[5.0, 0.0], [5.0, 1.0]]
    assert facts("points.csv", "--start", "first.csv", "-k", "2")["k"] == 2
    code, error = refusal("points.csv", "--start", "first.csv", "-k", "3")
    assert (code, error["code"]) == (2, "cluster_start_rows")


def test_more_clusters_than_places(cluster):
    code, out, err = cluster(table(SQUARE), "-k", "9", "--json")
    assert code == 0
    assert (json.loads(out)["k"], json.loads(out)["inertia"]) == (4, 0)
    assert "There are only 4 distinct points: k = 4 instead of 9, and the error is 0." in err


def test_one_point(facts):
    answer = facts(table("x,y\n3,4\n"))
    assert (answer["k"], answer["centres"], answer["choice"]["scores"]) == (1, [[3.0, 4.0]], [])


def test_a_long_answer_is_cut(cluster):
    rows = "".join(",".join(str(n * column) for column in range(1, 12)) + "\n" for n in range(60))
    titles = ",".join(f"c{n}" for n in range(11))
    _, out, _ = cluster(table(f"{titles}\n{rows}"), "-k", "50", "--restarts", "1")
    assert "… and 10 more clusters" in out
    assert max(map(len, out.splitlines()[1:])) < 140


# What is written


def test_the_table_keeps_every_cell(cluster):
    name = table("id;x;cluster\n001;0,50;9\n=A1;1;9\n-3;90;9\n")
    code, _, err = cluster(name, "--columns", "x", "-k", "2", "--out", "t.csv")
    assert code == 0
    assert "Written: t.csv" in err
    rows = list(csv.reader(io.StringIO(Path("t.csv").read_text("utf-8")), delimiter=";"))
    assert rows[0] == ["id", "x", "cluster", "cluster_", "distance"]
    assert [row[:3] for row in rows[1:]] == [["001", "0,50", "9"], ["'=A1", "1", "9"],
                                             ["-3", "90", "9"]]  # fmt: skip
    assert rows[1][3] == rows[2][3] != rows[3][3]
    assert [row[4] for row in rows[1:]] == ["0,25", "0,25", "0"]


def test_a_table_with_tabs(cluster):
    cluster(table(SQUARE), "-k", "2", "--out", "t.tsv")
    assert Path("t.tsv").read_text("utf-8").startswith("x\ty\tcluster\tdistance\n0\t0\t")


def test_pictures_and_a_film(facts):
    answer = facts("groups", "--plot", "a.png", "--scores", "s.svg", "--out", "t.csv")
    assert (answer["plot"], answer["scores"], answer["out"]) == ("a.png", "s.svg", "t.csv")
    assert Path("s.svg").read_text("utf-8").startswith("<svg")
    with Image.open("a.png") as picture:
        assert picture.format == "PNG"
    answer = facts("groups", "-k", "3", "--start", "points", "--restarts", "1", "--plot", "a.gif")
    with Image.open("a.gif") as film:
        assert film.n_frames == 2 * answer["steps"] + 1


def test_there_may_be_nothing_to_score(cluster):
    code, _, err = cluster("groups", "-k", "3", "--scores", "s.png")
    assert code == 0
    assert "No scores to draw" in err
    assert (
        json.loads(cluster("groups", "-k", "3", "--scores", "s.png", "--json")[1])["scores"] is None
    )
    assert not Path("s.png").exists()


def test_the_same_command_gives_the_same_answer(cluster):
    assert cluster("groups", "--json")[1] == cluster("groups", "--json")[1]


# Refusals


@pytest.mark.parametrize(
    ("text", "words", "exit_code", "code", "named"),
    [
        ("x,y\n1,2\n3,nan\n", (), 4, "table_cell_empty", ("row 3", "column “y”", "nan")),
        ("x,y\n1,2\n\n3,\n", (), 4, "table_cell_empty", ("row 4", "column “y”", "–")),
        ("x,y\n1,2\n3,north\n", (), 4, "table_cell_text", ("row 3", "column “y”", "north")),
        ("x,y\n1,2\n3,inf\n", (), 4, "table_cell_empty", ("row 3", "inf")),
        ("x,y\n1,2\n3,1e200\n", (), 4, "table_cell_text", ("row 3", "1e200")),
        ("x,y\n1,2\n3\n", (), 4, "table_ragged", ("row 3",)),
        ("x,y\n", (), 4, "table_no_rows", ()),
        ("", (), 4, "table_no_rows", ()),
        ("x,x\n1,2\n", (), 4, "table_column_twice", ("x",)),
        (SQUARE, ("--columns", "x,z"), 2, "table_unknown_column", ("z", "x, y")),
        (SQUARE, ("--weights", "z"), 2, "table_unknown_column", ("z",)),
        ("x,w\n1,-1\n2,1\n", ("--weights", "w"), 4, "kmeans_weight", ("-1",)),
        ("x,w\n1,0\n2,0\n", ("--weights", "w"), 4, "kmeans_weights_zero", ()),
        (SQUARE, ("-k", "0"), 2, "cluster_k", ("0",)),
        (SQUARE, ("-k", "-3"), 2, "cluster_k", ("-3",)),
        (SQUARE, ("-k", "2.5"), 2, "cluster_k", ("2.5",)),
        (SQUARE, ("-k", "many"), 2, "cluster_k", ("many",)),
        (SQUARE, ("--start", "kmean++"), 2, "cluster_start", ("Did you mean “kmeans++”?",)),
        (SQUARE, ("--start", "points.csv", "-k", "2"), 2, "cluster_start_rows", ("4", "2")),
        (SQUARE, ("--out", "t.xlsx"), 2, "output_kind", (".csv",)),
        (SQUARE, ("--plot", "t.bmp"), 2, "output_kind", (".gif",)),
        (SQUARE, ("--out", "points.csv"), 2, "output_is_input", ()),
        (SQUARE, ("--out", "points.csv", "--force"), 2, "output_is_input", ()),
        (SQUARE, ("--most", "1"), 2, "usage", ()),
        (SQUARE, ("--restarts", "0"), 2, "usage", ()),
        (SQUARE, ("another",), 2, "extra_words", ()),
    ],
)
def test_what_is_refused(refusal, text, words, exit_code, code, named):
    given, error = refusal(table(text), *words)
    assert (given, error["code"]) == (exit_code, code), error
    assert [word for word in named if word not in error["message"]] == []
    assert Path("points.csv").read_text("utf-8") == text


def test_a_source_that_is_not_there(refusal):
    code, error = refusal("group")
    assert (code, error["code"]) == (4, "cluster_missing")
    assert "Did you mean “groups”?" in error["message"]
    Path("p.png").write_bytes(b"x")
    assert refusal("p.png")[1]["code"] == "cluster_kind"


def test_a_file_that_is_there_is_not_replaced_unasked(refusal, facts):
    Path("t.csv").write_text("mine", "ascii")
    code, error = refusal(table(SQUARE), "-k", "2", "--out", "t.csv")
    assert (code, error["code"]) == (2, "output_exists")
    assert Path("t.csv").read_text("ascii") == "mine"
    facts("points.csv", "-k", "2", "--out", "t.csv", "--force")
    assert Path("t.csv").read_text("ascii").startswith("x,y,cluster")


def test_the_first_use_is_announced(cluster, monkeypatch):
    monkeypatch.setattr(engine, "is_compiled", lambda: False)
    assert "First use on this machine" in cluster("groups", "-k", "1")[2]


def test_without_numba_the_line_to_type(tmp_path):
    hide = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numba":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
from importlib import metadata
version = metadata.version
def without(name):
    if name == "numba":
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = without
requires = metadata.requires
metadata.requires = lambda name: [*(requires(name) or []), "numba>=0.61; extra == 'studies'"]
from imagier.cli import main
main()
"""
    command = [sys.executable, "-c", hide, "cluster", "groups", "-k", "3"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr
    assert "numba" in done.stderr
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr
