"""Questions come in an order that saves clicks; each picture is asked until it has a name."""

import numpy as np
import pytest

from imagier.labelling.annotation import (
    Annotations,
    Decision,
    ModelAnswers,
    Session,
    numbered_sheet,
)


def clouds(n=120, classes=3, spread=0.35, seed=0):
    """Draw points of some classes that overlap a little."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, classes, n)
    centres = chance.normal(0, 1, (classes, 24))
    points = centres[truth] + spread * chance.normal(0, 1, (n, 24)) * 3
    return [f"{number}.jpg" for number in range(n)], points, [f"c{one}" for one in truth]


def open_session(paths, points, **settings):
    state = Annotations()
    return Session(paths, points, state=state, record=state.apply, **settings)


def answer(session, truth):
    """Name all as somebody who knows would; give the clicks."""
    clicks = 0
    while (question := session.question()) is not None:
        names = [truth[path] for path in question.paths]
        best = max(sorted(set(names)), key=names.count)
        if names.count(best) * 2 < len(names):
            session.skip(question)
            clicks += 1
            continue
        out = [place for place, name in enumerate(names) if name != best]
        session.name(question, best, out)
        clicks += 1 + len(out)
    return clicks


@pytest.mark.parametrize("seed", range(3))
def test_all_are_named_right_with_fewer_clicks_than_pictures(seed):
    paths, points, names = clouds(seed=seed)
    truth = dict(zip(paths, names, strict=True))
    session = open_session(paths, points, seed=seed)
    clicks = answer(session, truth)
    assert session.state.names == truth
    assert clicks < 0.8 * len(paths)
    assert session.left == []


def test_a_session_goes_on_where_it_ended():
    paths, points, _ = clouds()
    session = open_session(paths, points)
    for _ in range(3):
        session.name(session.question(), "c0", [0])
    again = Session(paths, points, state=session.state, record=session.state.apply)
    assert again.question() == session.question()
    assert [one.paths for one in again.questions()] == [one.paths for one in session.questions()]


def test_each_picture_is_in_one_question():
    paths, points, names = clouds()
    session = open_session(paths, points)
    for _ in range(4):
        asked = [path for question in session.questions() for path in question.paths]
        assert sorted(asked) == sorted(set(paths) - set(session.state.names))
        question = session.question()
        assert len(question.paths) <= 40
        place = paths.index(question.paths[0])
        session.name(question, names[place], [len(question.paths) - 1])


def test_a_name_that_was_refused_is_not_proposed_again():
    paths, points, names = clouds(spread=0.1)
    session = open_session(paths, points)
    odd = session.question().paths[-1]
    truth = dict(zip(paths, names, strict=True))
    while (question := session.question()).kind == "group":
        session.name(
            question,
            truth[question.paths[0]],
            [place for place, path in enumerate(question.paths) if path == odd],
        )
    proposed = {path: q.proposed for q in session.questions() for path in q.paths}
    assert proposed[odd] is not None
    assert proposed[odd] != truth[odd]


def test_undoing_asks_again():
    paths, points, _ = clouds()
    session = open_session(paths, points)
    first = session.question()
    session.name(first, "c0")
    assert session.question().paths != first.paths
    assert session.undo() == Decision(do="name", name="c0", paths=first.paths)
    assert session.question().paths == first.paths
    assert session.undo() is None


def test_what_is_skipped_comes_last():
    paths, points, _ = clouds(n=40)
    session = open_session(paths, points, groups=4)
    first = session.question()
    session.skip(first)
    later = [question.paths for question in session.questions()]
    assert not set(first.paths) & set(later[0])
    assert set(first.paths) <= {path for group in later for path in group}


def test_a_model_proposes_until_the_names_do_better():
    paths, points, names = clouds(spread=0.1)
    shares = np.full((len(paths), 2), 0.1)
    shares[:, 0] = 0.9
    model = ModelAnswers(names=("c0", "other"), probabilities=shares)
    session = open_session(paths, points, model=model)
    assert session.question().proposed == "c0"
    truth = dict(zip(paths, names, strict=True))
    while (question := session.question()).kind == "group":
        session.name(question, truth[question.paths[0]], [len(question.paths) - 1])
    assert {one.proposed for one in session.questions()} <= {"c0", "c1", "c2"}
    assert session.accuracy > 0.9


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_pictures(n):
    paths, points, names = clouds(n=n)
    session = open_session(paths, points)
    answer(session, dict(zip(paths, names, strict=True)))
    assert len(session.state.names) == n


def test_equal_pictures():
    session = open_session(["a", "b", "c", "d"], np.ones((4, 5)), groups=3)
    assert answer(session, dict(zip("abcd", "xyxy", strict=True))) <= 6
    assert session.left == []


def test_a_sheet_shows_what_is_there(tmp_path):
    import io

    from PIL import Image

    Image.new("RGB", (30, 20), "red").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    files = [str(tmp_path / name) for name in ("a.png", "b.png", "gone.png")]
    sheet = np.asarray(Image.open(io.BytesIO(numbered_sheet(files * 3))))
    assert sheet.shape == (2 * 180 + 8, 8 * 160 + 8, 3)
    assert (sheet[84, 84] == (255, 0, 0)).all()
