"""The page in Chromium: the answers of `predict` to 1e-4, and not one request.

It is opened as a file and from a server, asked about some 150 pictures of many kinds, and drawn on.
"""

import base64
import io
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from imagier.export import export_page
from imagier.images.ink import Ink
from imagier.recognizer.inputs import read_picture

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOUND = next((path for name in BROWSERS if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium on this machine")

ASK = """
async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  try {
    const answer = await imagier.predict(new Blob([bytes]));
    const { label, probabilities, strangeness } = answer;
    return { label, probabilities, strangeness, levels: Array.from(answer.prepared.data) };
  } catch (error) {
    return { error: error.message };
  }
}
"""
TOLERANCE = 1e-4
BROWSERS_LACK = (".ppm", ".pgm", ".pbm", ".tif")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=FOUND, args=options)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, runtime_package, tmp_path):
    """Export a model as a page and open it: as a file, or at the address that is given."""
    contexts = []

    def opened(recognizer, *, address=None, locale="en-US", width=1280):
        recognizer.save(tmp_path / "m.imagier", force=True)
        found = export_page(
            str(tmp_path / "m.imagier"), "page", title="Mine", runtime=str(runtime_package)
        )
        (tmp_path / "page").mkdir(exist_ok=True)
        for name, content in found.files.items():
            (tmp_path / "page" / name).write_bytes(content)
        index = tmp_path / "page" / "index.html"
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.requests = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(address or index.as_uri())
        page.wait_for_selector("body.ready")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def served(tmp_path):
    """Serve the folder that the page is written into, as `python -m http.server` does."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = partial(Silent, directory=tmp_path / "page")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def ask(page, content):
    return page.evaluate(ASK, base64.b64encode(content).decode())


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def compare(page, recognizer, pictures):
    """Tell the largest difference of a probability, and of how many pictures a level differs."""
    largest, moved = 0.0, []
    for name, content in pictures:
        said = ask(page, content)
        assert "error" not in said, (name, said)
        pixels = read_picture(content, recognizer.prepare)[1]
        expected = recognizer.answers(pixels[np.newaxis])
        levels = np.array(said["levels"]).reshape(pixels.shape)
        if (levels != pixels).any():
            moved.append((name, int(np.abs(levels - pixels).max())))
        difference = np.abs(np.array(said["probabilities"]) - expected.probabilities.ravel()).max()
        assert difference <= TOLERANCE, (name, difference)
        largest = max(largest, float(difference))
    assert page.complaints == []
    assert len(page.requests) == 1  # the page itself
    return largest, moved


@pytest.mark.parametrize("fit", ["crop-pad", "crop", "pad", "stretch"])
def test_odd_pictures_are_answered_as_predict_does(opened, photos, picture_zoo, tmp_path, fit):
    recognizer = photos(fit=fit)
    folder = tmp_path / "zoo"
    kept = [
        (one.name, (folder / one.name).read_bytes())
        for one in picture_zoo(folder)
        if one.usable and not one.name.endswith(BROWSERS_LACK)
    ]
    assert len(kept) > 50
    _, moved = compare(opened(recognizer), recognizer, kept if fit == "crop-pad" else kept[::4])
    assert moved == []


def test_photos_of_all_shapes_are_answered_as_predict_does(opened, photos):
    rng = np.random.default_rng(0)
    pictures = []
    for number in range(40):
        height, width = (int(side) for side in rng.integers(1, 400, 2))
        coarse = rng.integers(0, 256, (height // 9 + 1, width // 9 + 1, 3)).astype(np.uint8)
        image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        kind = ("PNG", "JPEG", "WEBP", "BMP")[number % 4]
        options = {"JPEG": {"quality": 80 + number % 20}, "WEBP": {"lossless": True}}
        if number % 8 == 0:
            image.putalpha(Image.fromarray(rng.integers(0, 256, (height, width)).astype(np.uint8)))
        pictures.append((f"{kind} {width} x {height}", saved(image, kind, **options.get(kind, {}))))
    recognizer = photos(fit="crop-pad")
    _, moved = compare(opened(recognizer), recognizer, pictures)
    assert moved == []


def test_what_predict_refuses_is_refused(opened, photos, picture_zoo, tmp_path):
    page = opened(photos())
    bad = [one for one in picture_zoo(tmp_path / "zoo") if not one.usable]
    assert len(bad) > 30
    said = {one.name: ask(page, (tmp_path / "zoo" / one.name).read_bytes()) for one in bad}
    assert {one["error"] for one in said.values()} == {"format", "damaged", "pixels"}
    assert page.complaints == []


def test_large_photos_are_decoded_smaller_as_predict_does(opened, photos):
    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    turned = Image.Exif()
    turned[0x0112] = 6
    kinds = [
        ((1100, 1030), {"subsampling": 0}),
        ((1101, 1031), {"subsampling": 1, "progressive": True}),
        ((1107, 1025), {"subsampling": 2, "quality": 30}),
        ((2051, 2049), {"subsampling": 0, "progressive": True, "exif": turned.tobytes()}),
        ((2177, 2063), {"subsampling": 1, "restart_marker_blocks": 9}),
        ((2090, 2060), {"subsampling": 2, "optimize": True}),
        ((4100, 4099), {"subsampling": 2}),
        ((4099, 4111), {"subsampling": 1}),
        ((1090, 1090), {"keep_rgb": True}),
    ]
    image = Image.fromarray(coarse)
    pictures = [
        (str((size, options)), saved(image.resize(size, 2), "JPEG", **options))
        for size, options in kinds
    ]
    pictures.append(("grey", saved(image.convert("L").resize((1500, 1300), 2), "JPEG")))
    recognizer = photos(fit="crop-pad")
    _, moved = compare(opened(recognizer), recognizer, pictures)
    assert moved == []


@pytest.fixture(scope="module")
def sign_pictures():
    """Draw signs as people show them: ready ones, scans, sheets, photos of a sheet on a table."""
    from imagier.datasets import load, open_source
    from imagier.images import Prepare

    rng = np.random.default_rng(1)
    prepare = Prepare(height=8, width=8, channels=1)
    digits = np.asarray(load(open_source("digits"), prepare).pixels[::37, :, :, 0])
    pictures = [(f"ready {n}", saved(Image.fromarray(one))) for n, one in enumerate(digits[:6])]
    pictures += [(f"ink {n}", saved(Image.fromarray(255 - one))) for n, one in enumerate(digits)]
    for number, one in enumerate(digits[:30]):
        side = int(rng.integers(90, 260))
        sign = Image.fromarray(255 - one).resize((side, side), Image.Resampling.BICUBIC)
        width, height = (int(side * rng.uniform(1.1, 3)) for _ in range(2))
        sheet = Image.new("L", (width, height), 255)
        sheet.paste(sign, (int(rng.integers(width - side)), int(rng.integers(height - side))))
        levels = np.asarray(sheet).astype(float)
        if number % 3:
            slope = rng.uniform(-0.3, 0.3, 2)
            light = (
                0.7
                + slope[0] * np.linspace(0, 1, width)
                + slope[1] * np.linspace(0, 1, height)[:, None]
            )
            levels = levels * light + rng.normal(0, 3, levels.shape)
        if number % 3 == 2:
            edge = max(3, min(width, height) // 12)
            levels = np.pad(levels, edge, constant_values=45)
        image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
        pictures.append((f"sheet {number}", saved(image.convert("RGB") if number % 2 else image)))
    return pictures


@pytest.mark.parametrize("centre", ["mass", "box"])
def test_signs_on_paper_are_found_as_predict_finds_them(opened, tiny, sign_pictures, centre):
    from imagier.images import Prepare

    ink = Ink(box=0.8, centre=centre)
    prepare = Prepare(height=9, width=9, channels=1, full_scale=16, ink=ink)
    card = tiny.tiny_card(prepare=prepare, data={"name": "signs", "n": 30, "blank": True})
    recognizer = tiny.tiny_recognizer(card=card)
    some = sign_pictures if centre == "mass" else sign_pictures[::4]
    largest, moved = compare(opened(recognizer), recognizer, some)
    assert largest <= TOLERANCE
    assert len(moved) <= 2  # sums of floats in another order may round a level otherwise
    assert all(level == 1 for _, level in moved)


def test_lines_are_read_column_by_column(opened, tiny):
    recognizer = tiny.tiny_reader()
    page = opened(recognizer)
    pictures = [
        (text, saved(Image.fromarray(picture if place % 2 else 255 - picture)))
        for place, text in enumerate(("1", "42", "1241", "444"))
        for picture in [tiny.bars(text, height=64)]
    ]
    _, moved = compare(page, recognizer, pictures)
    assert moved == []
    assert [ask(page, content)["label"] for _, content in pictures] == ["1", "42", "1241", "444"]


def test_it_is_served_by_any_static_server_and_asks_for_nothing_more(opened, tiny, served):
    page = opened(tiny.tiny_recognizer(), address=served)
    said = ask(page, saved(Image.fromarray(tiny.bright(1)[:, :, 0])))
    assert said["label"] == "middle"
    assert page.requests == [served]
    tried = page.evaluate("fetch('model.onnx').then(() => 'sent', () => 'refused')")
    assert tried == "refused"  # by its own policy


@pytest.mark.parametrize(("locale", "words"), [("fr-FR", "Vos images"), ("de-DE", "Your pictures")])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_speaks_the_browsers_language_and_fits(opened, tiny, tmp_path, locale, words, width):
    page = opened(tiny.tiny_recognizer(), locale=locale, width=width)
    assert page.locator("h2").first.inner_text() == words
    assert page.title() == "Mine"
    names = ("left.png", "noise.png", f"{'long' * 30}.png")
    for third, name in enumerate(names):
        (tmp_path / name).write_bytes(saved(Image.fromarray(tiny.bright(third)[:, :, 0])))
    (tmp_path / names[1]).write_bytes(b"no picture")
    page.set_input_files("#chosen", [tmp_path / name for name in names])
    page.locator(".card .file").nth(2).wait_for()
    page.locator(".card .bars").nth(1).wait_for()
    assert page.locator(".card .label").all_inner_texts() == ["right", "left"]
    assert "noise.png" in page.locator(".card .error").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.click("[data-speak=fr]")
    assert page.locator("html").get_attribute("lang") == "fr"
    assert "PNG" in page.locator(".card .error").inner_text()
    page.click("#clear")
    assert page.locator(".card").count() == 0


def test_what_is_drawn_is_named(opened, tiny):
    page = opened(tiny.tiny_recognizer())
    box = page.locator("#pad").bounding_box()
    across, down = box["width"], box["height"]
    for column in (0.4, 0.5, 0.6):  # black in the middle, so that the sides are bright
        page.mouse.move(box["x"] + column * across, box["y"] + 0.02 * down)
        page.mouse.down()
        page.mouse.move(box["x"] + column * across, box["y"] + 0.98 * down, steps=9)
        page.mouse.up()
    page.click("#name")
    page.locator(".card .bars").wait_for()
    names = page.locator(".card .bars .name").all_inner_texts()
    assert names[-1] == "middle"


def test_below_the_threshold_it_does_not_know(opened, tiny):
    from imagier.recognizer.abstention import ThresholdRow

    row = ThresholdRow(threshold=0.99999, n=400, wrong=0, answered=0.5)
    card = tiny.tiny_card(thresholds={"held_out": [row.to_json()]})
    page = opened(tiny.tiny_recognizer(card=card))
    page.set_input_files(
        "#chosen",
        {
            "name": "grey.png",
            "mimeType": "image/png",
            "buffer": saved(Image.new("L", (9, 9), 90)),
        },
    )
    page.locator(".card .bars").wait_for()
    assert page.locator(".card .label").inner_text() == "left"
    page.select_option("#promise", index=1)
    assert page.locator(".card .label").inner_text() == "?"
    assert "left" in page.locator(".card .why").inner_text()
