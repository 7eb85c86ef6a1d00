"""The report's page as a browser shows it: two widths, light and dark, both languages."""

import shutil

import numpy as np
import pytest

from imagier.i18n import LANGUAGES, use_language
from imagier.testing import report_html

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOUND = next((path for name in BROWSERS if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium on this machine")

LUMINANCE = """
(place) => {
  const linear = (c) => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = document.querySelector(place);
  const ink = light(getComputedStyle(ground).color);
  while (getComputedStyle(ground).backgroundColor.endsWith(" 0)")) ground = ground.parentElement;
  const paper = light(getComputedStyle(ground).backgroundColor);
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}
"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=FOUND, args=options)
        yield browser
        browser.close()


@pytest.fixture
def shown(browser, tmp_path):
    """Open a page and tell what it asked for and complained of."""
    pages = []

    def show(text, *, width=1280, scheme="light"):
        file = tmp_path / "report.html"
        file.write_text(text, "utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        pages.append(page)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: note_request(page, request.url))
        page.goto(file.as_uri())
        return page

    def note_request(page, url):
        if not url.startswith(("data:", "file:")):
            page.complaints.append(url)

    yield show
    for page in pages:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_and_asks_for_nothing(shown, full_report, width, language, scheme):
    with use_language(language):
        page = shown(report_html(full_report), width=width, scheme=scheme)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    for place in ("body", ".lead", ".faint", ".verdict", ".confusion .strong", ".mistakes em"):
        assert page.evaluate(LUMINANCE, place) >= 4.5, place


@pytest.mark.parametrize("width", [390, 1280])
def test_a_hundred_long_and_hostile_names_fit(shown, report_of, width):
    names = tuple(f"<b onclick=alert({row})>{'long' * 9}{row}" for row in range(100))
    labels = np.arange(300) % 100
    report = report_of(labels, (labels + (labels % 7 == 0)) % 100, classes=names)
    page = shown(report_html(report), width=width)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_page_prints_without_its_links(shown, full_report):
    page = shown(report_html(full_report), scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")


def test_a_printed_report_is_short_and_keeps_its_columns(shown, full_report, tmp_path):
    page = shown(report_html(full_report))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 980})  # A4 within its margins
    columns = "(one) => getComputedStyle(one).gridTemplateColumns.split(' ').length"
    assert page.eval_on_selector(".hero", columns) == 2
    assert page.eval_on_selector(".curves", columns) == 2
    sheets = page.pdf(format="A4", print_background=True).count(b"/Type /Page\n")
    assert 2 <= sheets <= 4


def test_a_cell_of_the_matrix_brings_its_pictures_into_view_without_scripts(
    browser, full_report, tmp_path
):
    file = tmp_path / "report.html"
    file.write_text(report_html(full_report), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    cell = page.locator(".confusion td.wrong a").first
    place = cell.get_attribute("href")
    cell.click()
    box = page.locator(place).bounding_box()
    assert 0 <= box["y"] < 720
    assert page.locator(f"{place} img").count() >= 1
    context.close()
