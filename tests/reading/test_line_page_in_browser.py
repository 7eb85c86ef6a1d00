"""The page of a reader as a browser shows it: two widths, light and dark, both languages."""

import shutil

import pytest

from imagier.i18n import LANGUAGES, use_language
from imagier.reading.line_page import line_report_html

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOUND = next((path for name in BROWSERS if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium on this machine")


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
    """Open a page in a browser that runs no script of it, and note what it asks for."""
    pages = []

    def show(text, *, width, scheme="light"):
        file = tmp_path / "report.html"
        file.write_text(text, "utf-8")
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme)
        pages.append(page)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("request", lambda request: page.complaints.append(request.url))
        page.goto(file.as_uri())
        page.complaints = [one for one in page.complaints if not one.startswith(("data:", "file:"))]
        return page

    yield show
    for page in pages:
        page.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (1280, "dark")])
def test_the_page_fits_and_asks_for_nothing(shown, full_line_report, width, scheme, language):
    with use_language(language):
        page = shown(line_report_html(full_line_report()), width=width, scheme=scheme)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")


@pytest.mark.parametrize("width", [390, 1280])
def test_long_lines_of_strange_letters_fit(shown, line_report_of, drawn_lines, width):
    true = ["<b>W" * 30] * 40
    read = ["<i>W" * 32] * 40
    paths = ["folder/" * 20 + f"{row}.png" for row in range(40)]
    report = line_report_of(
        true, read, characters="<bi>W", paths=paths, pictures=drawn_lines(true), model="m" * 90
    )
    page = shown(line_report_html(report), width=width)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_true_and_read_characters_stand_one_above_the_other(shown, full_line_report):
    page = shown(line_report_html(full_line_report()), width=390)
    centres = """
    (step) => [...step.children].map((one) => {
      const box = one.getBoundingClientRect();
      return [box.x + box.width / 2, box.y];
    })
    """
    for step in page.locator(".worst .step").all()[:20]:
        (above, high), (below, low), _ = step.evaluate(centres)
        assert abs(above - below) < 1
        assert high < low


def test_the_page_prints_on_few_sheets(shown, full_line_report):
    page = shown(line_report_html(full_line_report()), width=1280, scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    sheets = page.pdf(format="A4", print_background=True).count(b"/Type /Page\n")
    assert 2 <= sheets <= 6
