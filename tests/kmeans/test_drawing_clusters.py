"""Pictures of clusters: every centre is numbered, the film shows the steps, French has commas."""

import io

import numpy as np
import pytest
from PIL import Image

from imagier.figures import gif, png, svg
from imagier.i18n import use_language
from imagier.kmeans import (
    choose_k,
    draw_choice,
    draw_clusters,
    draw_steps,
    kmeans,
    projection_of,
    steps,
)


def cloud(columns, n=300):
    chance = np.random.default_rng(0)
    return chance.normal(size=(n, columns)) + 7 * chance.integers(0, 3, n)[:, None]


def names(columns):
    return [f"column{number}" for number in range(columns)]


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_every_centre_is_drawn_with_its_number(columns):
    points = cloud(columns)
    clusters = kmeans(points, 3)
    plane = projection_of(points, names(columns))
    figure = draw_clusters(points, clusters.assign(points), clusters.centres, plane=plane)
    (axes,) = figure.axes
    assert sorted(text.get_text() for text in axes.texts) == ["1", "2", "3"]
    seen = np.array([text.get_position() for text in axes.texts])
    assert seen == pytest.approx(plane.see(clusters.centres))
    assert axes.get_xlabel() == ("column0" if columns <= 2 else "principal axis 1")
    assert png(figure)[:4] == b"\x89PNG"


def test_the_ground_is_tinted_in_two_columns_only():
    for columns, tinted in ((2, 1), (3, 0)):
        points = cloud(columns)
        clusters = kmeans(points, 3)
        plane = projection_of(points, names(columns))
        figure = draw_clusters(points, clusters.assign(points), clusters.centres, plane=plane)
        assert len(figure.axes[0].images) == tinted


def test_the_principal_plane_is_the_widest():
    points = cloud(4) * [1, 9, 1, 5]
    plane = projection_of(points, names(4))
    spread = np.sort(np.linalg.eigvalsh(np.cov(points.T)))[::-1]
    assert plane.see(points).var(axis=0, ddof=1) == pytest.approx(spread[:2])


def test_the_film_has_a_picture_for_each_step():
    points = cloud(2)
    taken = list(steps(points, 3, start="points", seed=5))
    film = gif(draw_steps(points, taken, plane=projection_of(points, names(2))), seconds=0.5)
    with Image.open(io.BytesIO(film)) as picture:
        assert picture.n_frames == len(taken)


def test_a_long_film_is_cut_and_keeps_its_end():
    points = np.random.default_rng(0).random((3000, 2))
    taken = list(steps(points, 12, start="random", seed=1))
    assert len(taken) > 60
    drawn = list(draw_steps(points, taken, plane=projection_of(points, names(2))))
    assert len(drawn) == 40
    assert drawn[-1].axes[0].get_title(loc="left").startswith(f"Step {taken[-1].number},")


def test_the_scores_are_drawn_with_their_votes():
    choice = choose_k(cloud(2))
    figure = draw_choice(choice)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Silhouette (simplified)",
        "Calinski–Harabasz",
        "Gap, with its error",
    ]
    for axes, vote in zip(figure.axes, choice.votes.values(), strict=True):
        rings = [line for line in axes.lines if line.get_markersize() == 10]
        assert [line.get_xdata()[0] for line in rings] == [vote]


def test_french_figures_have_decimal_commas():
    points = cloud(2) / 10
    clusters = kmeans(points, 2)
    plane = projection_of(points, names(2))
    with use_language("fr"):
        figure = draw_clusters(points, clusters.assign(points), clusters.centres, plane=plane)
        assert ">0,5<" in svg(figure, label="x")
    with use_language("en"):
        figure = draw_clusters(points, clusters.assign(points), clusters.centres, plane=plane)
        assert ">0.5<" in svg(figure, label="x")
