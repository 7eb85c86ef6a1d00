"""What the server answers is what the command and Python answer, to 1e-5."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import imagier
from tests.recognizer.tiny_models import bar_page
from tests.server.conftest import png

SAME = 1e-5


def odd_pictures(folder, count):
    """Write pictures of all sizes and several formats."""
    folder.mkdir()
    paths = []
    for number in range(count):
        generator = np.random.default_rng(number)
        height, width = generator.integers(1, 40, 2)
        colours = generator.integers(0, 256, (height, width, 3), np.uint8)
        image = Image.fromarray(colours)
        ending = ("png", "jpg", "bmp", "webp", "gif")[number % 5]
        path = folder / f"{number:03}.{ending}"
        (image.convert("L") if number % 2 else image).save(path)
        paths.append(path)
    return paths


def test_command_python_and_http_say_the_same(server, tmp_path):
    paths = odd_pictures(tmp_path / "odd", 200)
    model = server.folder / "thirds.imagier"
    command = [sys.executable, "-m", "imagier", "predict", str(model), "--json", "--quiet"]
    done = subprocess.run(
        [*command, *map(str, paths)], capture_output=True, text=True, check=True, timeout=120
    )
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    called = [one.to_json() for one in imagier.load(model).predict_many(paths)]
    asked = []
    for start in range(0, 200, 10):
        files = [("picture", path.name, path.read_bytes()) for path in paths[start : start + 10]]
        asked += server.form("/batch?model=thirds", *files).lines
    single = [server.predict(path.read_bytes()).json for path in paths[:40]]
    assert len(printed) == len(asked) == len(called) == 200
    for one, other, third in zip(printed, called, asked, strict=True):
        assert list(one) == list(other) == list(third)
        assert one["label"] == other["label"] == third["label"]
        shares = [dict(each["top"]) for each in (one, other, third)]
        for label, share in shares[0].items():
            assert abs(shares[1][label] - share) <= SAME
            assert abs(shares[2][label] - share) <= SAME
    for one, other in zip(single, called, strict=False):
        assert {**one, "path": ""} == {**other, "path": ""}
    assert [one["path"] for one in asked] == [path.name for path in paths]


def test_all_orientations_give_one_answer(server):
    from io import BytesIO

    generator = np.random.default_rng(0)
    upright = Image.fromarray(generator.integers(0, 256, (9, 9), np.uint8))
    turns = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    answers = set()
    for orientation, turn in turns.items():
        image = upright if turn is None else upright.transpose(Image.Transpose(turn))
        exif, file = Image.Exif(), BytesIO()
        exif[0x0112] = orientation
        image.save(file, "PNG", exif=exif)
        answers.add(json.dumps(server.predict(file.getvalue()).json))
    assert len(answers) == 1


def test_a_form_gives_the_picture_its_name(server, picture):
    reply = server.form("/predict?model=thirds", ("picture", r"C:\photos\middle.png", picture))
    assert reply.json["path"] == "middle.png"
    assert reply.json["label"] == "middle"


def test_top_is_kept(server, picture):
    assert len(server.predict(picture, "/predict?model=thirds&top=2").json["top"]) == 2


def test_a_batch_goes_on_after_a_bad_picture(server, picture):
    files = [("a", "good.png", picture), ("b", "bad.png", b"no picture"), ("c", "c.png", picture)]
    good, bad, last = server.form("/batch?model=thirds", *files).lines
    assert (good["status"], bad["status"], last["status"]) == ("ok", "error", "ok")
    assert bad["error"]["code"] == "not_an_image"
    assert "bad.png" in bad["error"]["message"]


def test_a_line_is_read_as_the_command_reads_it(server, line, tmp_path):
    file = tmp_path / "line.png"
    file.write_bytes(line)
    read = imagier.load_reader(server.folder / "bars.imagier").read(file).to_json()
    asked = server.form("/read?model=lines", ("picture", "line.png", line)).json
    assert asked == {**read, "path": "line.png"}
    assert asked["text"] == "1234"


def test_the_lines_of_a_page_are_read(server):
    page = png(bar_page("1234", "4321"))
    answers = server.predict(page, "/read?model=lines&lines=true").lines
    assert [(one["line"], one["text"]) for one in answers] == [(1, "1234"), (2, "4321")]


def test_what_is_known_of_lines_is_used(server, line):
    reply = server.predict(line, "/read?model=lines&check=luhn&top=3")
    assert reply.json["reason"] == "check"
    refused = server.predict(line, "/read?model=lines&check=none-such")
    assert (refused.status, refused.code) == (422, "check_unknown")
    refused = server.predict(line, "/read?model=lines&format=(a%2B)%2B")
    assert (refused.status, refused.code) == (422, "format_unknown_name")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/read?model=thirds", 422, "not_a_reader"),
        ("/predict?model=lines", 422, "model_reads_lines"),
        ("/predict?model=third", 404, "model_unknown"),
        ("/predict", 422, "model_unnamed"),
        ("/predict?model=thirds&max_error=0.01", 422, "max_error_unknown"),
        ("/predict?model=thirds&coverage=0.9", 422, "coverage_unknown"),
        ("/predict?model=thirds&top=0", 422, "parameter_refused"),
        ("/predict?model=thirds&top=x", 422, "parameter_refused"),
        ("/predict?model=thirds&max_error=nan", 422, "parameter_refused"),
    ],
)
def test_a_model_of_the_wrong_kind_and_wrong_parameters(server, picture, path, status, code):
    reply = server.predict(picture, path)
    assert (reply.status, reply.code) == (status, code)
    assert str(server.folder) not in reply.body.decode()


def test_what_is_served_is_told_without_a_path(server):
    told = server.ask("GET", "/models")
    assert [model["name"] for model in told.json["models"]] == ["thirds", "lines"]
    assert [model["reads"] for model in told.json["models"]] == [False, True]
    assert str(server.folder) not in told.body.decode()
    assert server.said["models"] == told.json["models"]


def test_the_json_of_the_start_is_that_of_the_page(server):
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
    section = page.split("## `imagier serve`", 1)[1]
    shown = json.loads(re.search(r"```json\n(.*?)```", section, re.DOTALL)[1])
    assert list(shown) == list(server.said)
    assert list(shown["models"][0]) == list(server.said["models"][0])


def test_errors_speak_the_language_asked_for(server):
    english = server.predict(b"x", accept_language="en").json["error"]["message"]
    french = server.predict(b"x", accept_language="fr-CH, en;q=0.5").json["error"]["message"]
    assert "is not a picture" in english
    assert "n’est pas une image" in french


def test_requests_are_counted(server, picture):
    before = server.metric('imagier_requests_total{route="/predict",status="200"}')
    server.predict(picture)
    after = server.metric('imagier_requests_total{route="/predict",status="200"}')
    assert after == before + 1
    assert server.metric("imagier_places_taken") == 0
    assert server.metric("imagier_body_bytes") == 0


def test_the_number_of_a_request_is_kept_and_logged(server):
    reply = server.predict(b"x", x_request_id="mine-1")
    assert reply.headers["x-request-id"] == "mine-1"
    assert "id=mine-1 code=not_an_image" in server.log()
    odd = server.predict(b"x", x_request_id="two words")
    assert odd.headers["x-request-id"] != "two words"


def test_answers_are_the_same_in_all_batch_sizes(server):
    """Pictures of one batch, of sixteen and alone: labels equal, probabilities to 1e-5."""
    generator = np.random.default_rng(1)
    pictures = [png(generator.integers(0, 256, (9, 9), np.uint8)) for _ in range(16)]
    files = [("picture", f"{place}.png", content) for place, content in enumerate(pictures)]
    together = server.form("/batch?model=thirds", *files).lines
    for content, other in zip(pictures, together, strict=True):
        alone = server.predict(content).json
        assert alone["label"] == other["label"]
        assert abs(alone["probability"] - other["probability"]) <= SAME
