"""Pictures without their notes: no byte of a note is left, no pixel is another."""

import json
import sys
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from imagier.cli import main
from imagier.errors import PictureError
from imagier.i18n import use_language
from imagier.images import decode
from imagier.privacy import strip

TOKEN = b"T0KEN"


def noise(size, seed=0):
    levels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0]), np.uint8)
    return Image.fromarray(levels).resize(size)


def notes(turn=1):
    exif = Image.Exif()
    exif[0x0112] = turn
    exif[0x010F] = "T0KEN camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0)})
    return exif


def saved(kind, mode="RGB", **options):
    file = BytesIO()
    noise((40, 30)).convert(mode).save(file, kind, **options)
    return file.getvalue()


def texts():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "T0KEN")
    info.add_text("Packed", "T0KEN" * 9, zip=True)
    info.add_itxt("XML:com.adobe.xmp", "T0KEN")
    return info


def animated(kind):
    file = BytesIO()
    frames = [noise((20, 20), seed).convert("P") for seed in range(4)]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], loop=0, comment=b"T0KEN")
    return file.getvalue()


FILES = {
    "a.jpg": lambda: saved("JPEG", exif=notes(), comment=TOKEN, xmp=TOKEN),
    "turned.jpg": lambda: saved("JPEG", exif=notes(6)),
    "progressive.jpg": lambda: saved("JPEG", progressive=True, exif=notes()),
    "cmyk.jpg": lambda: saved("JPEG", "CMYK", exif=notes()),
    "grey.jpg": lambda: saved("JPEG", "L", comment=TOKEN),
    "restarts.jpg": lambda: saved("JPEG", restart_marker_rows=1, exif=notes()),
    "a.png": lambda: saved("PNG", exif=notes(), pnginfo=texts()),
    "turned.png": lambda: saved("PNG", exif=notes(8)),
    "palette.png": lambda: saved("PNG", "P", pnginfo=texts(), transparency=3),
    "a.webp": lambda: saved("WEBP", exif=notes(), xmp=TOKEN, lossless=True),
    "turned.webp": lambda: saved("WEBP", exif=notes(3)),
    "plain.webp": lambda: saved("WEBP"),
    "alpha.webp": lambda: saved("WEBP", "RGBA", exif=notes()),
    "a.gif": lambda: saved("GIF", "P", comment=TOKEN),
    "film.gif": lambda: animated("GIF"),
    "film.webp": lambda: animated("WEBP"),
    "a.bmp": lambda: saved("BMP"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("behind", [b"", TOKEN * 3])
def test_no_note_is_left_and_no_pixel_changes(name, behind):
    content = FILES[name]() + behind
    made = strip(content, name=name)
    assert TOKEN not in made.content
    assert b"Packed" not in made.content
    np.testing.assert_array_equal(
        decode(made.content, name=name).pixels, decode(content, name=name).pixels
    )
    assert ("trailing" in made.removed) == bool(behind)
    assert not Image.open(BytesIO(made.content)).getexif().get_ifd(0x8825)
    again = strip(made.content, name=name)
    assert (again.content, again.removed) == (made.content, ())


@pytest.mark.parametrize("name", ["turned.jpg", "turned.png", "turned.webp"])
def test_a_picture_stays_upright_for_every_program(name):
    content = FILES[name]()
    made = strip(content, name=name).content
    before, after = (ImageOps.exif_transpose(Image.open(BytesIO(one))) for one in (content, made))
    assert before.size == after.size == ((40, 30) if "webp" in name else (30, 40))
    assert dict(Image.open(BytesIO(made)).getexif()) == {
        0x0112: 3 if "webp" in name else 6 + 2 * ("png" in name)
    }


def test_what_was_taken_out_is_named():
    assert set(strip(FILES["a.jpg"](), name="a.jpg").removed) == {"EXIF", "GPS", "XMP", "comment"}
    assert set(strip(FILES["a.png"](), name="a.png").removed) == {"EXIF", "GPS", "text"}
    assert strip(FILES["plain.webp"](), name="a.webp").removed == ()


def test_frames_and_their_loop_stay():
    for kind in ("gif", "webp"):
        made = Image.open(BytesIO(strip(animated(kind.upper()), name=f"a.{kind}").content))
        assert made.n_frames == 4
        assert made.info["loop"] == 0


def test_the_colour_profile_stays():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        made = strip(saved(kind, icc_profile=profile, exif=notes()), name=f"a.{kind.lower()}")
        assert Image.open(BytesIO(made.content)).info["icc_profile"] == profile


def test_a_tiff_is_refused_by_name():
    with pytest.raises(PictureError) as caught:
        strip(saved("TIFF"), name="a.tif")
    assert caught.value.code == "strip_format"


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_spoilt_file_is_refused_or_whole(data):
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = bytearray(FILES[name]())
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        made = strip(content, name=name)
    except PictureError:
        return
    np.testing.assert_array_equal(
        decode(made.content, name=name).pixels, decode(content, name=name).pixels
    )


@pytest.fixture
def imagier(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "a.png", "plain.webp"):
        path = tmp_path / "photos" / "2024" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name]())

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["imagier", "strip", *words])
        with use_language("en"), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


def test_the_command_copies_a_folder_and_changes_nothing(imagier, tmp_path):
    before = {path: path.read_bytes() for path in (tmp_path / "photos").rglob("*.*")}
    code, out, err = imagier("photos", "--out", "clean")
    assert code == 0
    assert "GPS (place)" in out
    assert "2 pictures of 3 told more" in err
    assert {path: path.read_bytes() for path in (tmp_path / "photos").rglob("*.*")} == before
    copies = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "clean").rglob("*.*"))
    assert copies == ["clean/2024/a.jpg", "clean/2024/a.png", "clean/2024/plain.webp"]
    assert all(TOKEN not in (tmp_path / copy).read_bytes() for copy in copies)


def test_nothing_is_replaced_and_nothing_written_among_the_pictures(imagier, tmp_path):
    assert imagier("photos", "--out", "photos/clean")[0] == 2
    assert imagier("photos", "--out", "clean")[0] == 0
    code, _, err = imagier("photos", "--out", "clean")
    assert code == 2
    assert "already there" in err
    assert imagier("photos/2024/a.jpg", "photos/2024/a.jpg", "--out", "two")[0] == 2


def test_a_bad_picture_is_named_and_the_others_go_on(imagier, tmp_path):
    (tmp_path / "photos" / "2024" / "b.jpg").write_bytes(b"no picture")
    code, out, _ = imagier("photos", "--out", "clean", "--json", "--strict")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 3
    assert [row["status"] for row in rows] == ["ok", "ok", "error", "ok"]
    assert set(rows[0]) == {"path", "status", "out", "removed", "error"}


def test_where_no_picture_can_be_read_no_copies_are_promised(imagier, tmp_path):
    (tmp_path / "photos" / "2024" / "b.jpg").write_bytes(b"no picture")
    code, out, err = imagier("photos/2024/b.jpg", "--out", "clean")
    assert (code, err) == (3, "")
    assert "b.jpg" in out
    assert not (tmp_path / "clean").exists()


@pytest.mark.parametrize("name", ["clean.jpg", "clean.PNG", "photos/2024/a.jpg"])
def test_the_name_of_a_picture_is_no_folder(imagier, tmp_path, name):
    code, _, err = imagier("photos/2024/a.jpg", "--out", name)
    assert code == 2
    assert "is the name of a picture" in err
    assert not (tmp_path / name).is_dir()
