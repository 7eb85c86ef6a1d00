"""The clusters of a table as an answer: what a page or a notebook shows without the command."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len

from imagier.i18n import use_language
from imagier.kmeans import kmeans
from imagier.kmeans.results import ClusterOptions, cluster_points
from imagier.kmeans.tables import cluster_table, example_table, point_table
from imagier.tables import parse_table

SQUARE = "x,y\n0,0\n0,1\n10,0\n10,1\n"


def table(text=SQUARE, **columns):
    return point_table(parse_table(text.encode(), name="t.csv"), **columns)


def test_an_answer_holds_what_k_means_finds():
    points = table()
    answer = cluster_points(points, ClusterOptions(k=2))
    alone = kmeans(points.points, 2, restarts=10)
    facts = json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert (facts["inertia"], facts["centres"]) == (alone.inertia, alone.centres.tolist())
    assert facts["labels"] == (alone.assign(points.points) + 1).tolist()
    assert list(answer.figures()) == ["figure"]
    assert answer.distances.tolist() == [0.5] * 4


def test_scaled_columns_have_centres_in_the_units_of_the_table():
    points = table("x,y\n0,0\n0,1000\n9,0\n9,1000\n")
    first = np.array([[1.0, 500.0], [8.0, 500.0]])
    options = ClusterOptions(start="first.csv", first_centres=first, is_scaled=True)
    answer = cluster_points(points, options)
    assert answer.centres.tolist() == [[0.0, 500.0], [9.0, 500.0]]
    assert answer.clusters.inertia == pytest.approx(4)
    assert answer.to_json()["start"] == "first.csv"
    assert not any("spread" in note for note in answer.notes)


def test_weights_are_no_coordinates_unless_they_are_named():
    text = "x,w\n0,1\n4,3\n"
    assert table(text, weights="w").columns == ("x",)
    both = table(text, columns="x, w", weights="w")
    assert (both.columns, both.sample_weight.tolist()) == (("x", "w"), [1.0, 3.0])


def test_figures_are_drawn_when_their_content_is_asked_for():
    answer = cluster_points(point_table(example_table("groups")), ClusterOptions())
    assert list(answer.figures()) == ["figure", "scores"]
    assert answer.figures()["scores"].content(".svg").startswith(b"<svg")
    film = answer.figures()["figure"].content(".gif")
    with Image.open(io.BytesIO(film)) as picture:
        assert picture.n_frames == 2 * answer.clusters.steps + 1


def test_columns_of_wide_letters_stand_under_each_other():
    answer = cluster_points(table(SQUARE.replace("x,y", "猫の長さ,y")), ClusterOptions(k=2))
    rows = [line for line in answer.lines() if line.endswith(("  y", "0.5000"))]
    assert len(rows) == 3
    assert len({cell_len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("language", "numbers"), [("en", ["1.000", "2.500"]), ("fr", ["1,000", "2,500"])]
)
def test_centres_have_four_significant_digits(language, numbers):
    with use_language(language):
        answer = cluster_points(table("x,y\n1,2.5\n"), ClusterOptions(k=1))
        row = next(line for line in answer.lines() if "100" in line)
    assert row.split()[-2:] == numbers


def test_no_spreadsheet_runs_a_cell_of_the_table():
    points = table("name;x;cluster\n=A1;0,5;9\n-3;1,5;9\n", columns="x")
    written = cluster_table(points, np.array([0, 1]), np.array([0.25, 2.0])).csv()
    assert written.splitlines() == [
        "name;x;cluster;cluster_;distance",
        "'=A1;0,5;9;1;0,25",
        "-3;1,5;9;2;2",
    ]
