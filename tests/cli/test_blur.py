"""`imagier blur` beside a detector that is told where to look."""

import json

import numpy as np
import pytest
from PIL import Image

from imagier.faces import Face

COMMAND = "blur"

BOX = Face(left=10, top=10, right=40, bottom=40, score=0.91)


class Told:
    def find(self, pixels):
        return (BOX,) if pixels.mean() < 200 else ()


@pytest.fixture
def photos(command, tmp_path, monkeypatch):  # the command stands in that folder
    monkeypatch.setattr("imagier.faces.FaceDetector", Told)
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    (tmp_path / "photos").mkdir()
    Image.fromarray(noise).save(tmp_path / "photos" / "a.png")
    Image.fromarray(noise // 8 + 220).save(tmp_path / "photos" / "b.png")
    (tmp_path / "photos" / "c.png").write_bytes(b"no picture")
    return tmp_path / "photos"


def test_copies_are_written_and_counted(photos, command):
    before = (photos / "a.png").read_bytes()
    code, out, err = command("photos", "--out", "copies")
    assert code == 0
    assert "photos/a.png: 1 face hidden" in out
    assert "photos/b.png: 0 faces hidden" in out
    assert "Faces can be missed" in err
    assert (photos / "a.png").read_bytes() == before
    copy = np.asarray(Image.open("copies/a.png"))
    assert copy[15:35, 15:35].std() < 0.35 * np.asarray(Image.open(photos / "a.png")).std()
    assert not (photos.parent / "copies" / "c.png").exists()


def test_as_json_one_object_a_picture(photos, command):
    code, out, _err = command("photos", "--out", "copies", "--json", "--strict")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 3
    assert [row["status"] for row in rows] == ["ok", "ok", "error"]
    assert rows[0]["faces"] == [[10, 10, 40, 40, 0.91]]
    assert {*rows[0]} == {*rows[2]} == {"path", "status", "out", "faces", "removed", "error"}


def test_nothing_is_replaced(photos, command):
    assert command("photos/a.png")[0] == 0
    code, _out, err = command("photos/a.png")
    assert code == 2
    assert "blurred/a.png" in err


@pytest.mark.parametrize("language", ["en", "fr"])
def test_where_no_picture_can_be_read_nothing_is_promised(photos, command, language):
    code, out, err = command("photos/c.png", "--out", "copies", language=language)
    assert (code, err) == (3, "")
    assert "photos/c.png" in out
    assert not (photos.parent / "copies").exists()


@pytest.mark.parametrize(("language", "said"), [("en", "copies in one: 1."), ("fr", "one\xa0: 1.")])
def test_one_picture_is_counted(photos, command, language, said):
    assert said in command("photos/a.png", "--out", "one", language=language)[2]
