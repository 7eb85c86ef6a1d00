"""The page as text: what its policy allows, what strangers' names become, what gives way to it."""

import base64
import hashlib
import json
import re

import pytest

from imagier.errors import UsageError
from imagier.export.browser_runtime import BrowserRuntime
from imagier.export.page_file import check_page_folder, page_html
from imagier.i18n import catalogue
from imagier.recognizer.abstention import ThresholdRow

PROGRAM = b"var a=1,b=2,c=3;export{a as InferenceSession,b as Tensor,c as env};\n//# map"
RUNTIME = BrowserRuntime(program=PROGRAM, engine=b"\0asm")


def policy_of(page):
    text = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    return dict(part.strip().split(" ", 1) for part in text.split(";"))


def inline(page, start, end):
    return re.findall(re.escape(start) + r"(.*?)" + re.escape(end), page, re.DOTALL)


def test_the_policy_allows_its_own_programs_and_nothing_else(photos):
    page = page_html(photos(), RUNTIME, title="T", name="n")
    policy = policy_of(page)
    programs = inline(page, '<script type="module">', "</script>")
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in programs
    ]
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].split() == [*digests, "'wasm-unsafe-eval'"]
    assert len(programs) == 2
    assert "connect-src" not in policy  # so that of default-src holds: no request at all
    assert "http:" not in programs[1]
    assert "https:" not in programs[1]


def test_names_of_strangers_stay_text(tiny):
    evil = "</script><script>alert(1)</script>"
    card = tiny.tiny_card(classes=(evil, "<b>", "c"))
    recognizer = tiny.tiny_recognizer(card=card)
    page = page_html(recognizer, RUNTIME, title=evil, name=evil)
    assert "alert(1)</script>" not in page.replace("&lt;", "<").split('id="facts"')[1]
    assert "<script>alert" not in page
    facts = json.loads(inline(page, 'id="facts">', "</script>")[0])
    assert facts["classes"][0] == evil


def test_the_page_speaks_both_languages_whole(tiny):
    rows = [ThresholdRow(threshold=0.9, n=400, wrong=0, answered=0.8)]
    card = tiny.tiny_card(thresholds={"held_out": [row.to_json() for row in rows]})
    page = page_html(tiny.tiny_recognizer(card=card), RUNTIME, title="T", name="n")
    facts = json.loads(inline(page, 'id="facts">', "</script>")[0])
    program = inline(page, '<script type="module">', "</script>")[1]
    used = set(re.findall(r'said\("([\w.]+)"', program)) | set(
        re.findall(r'data-say="(\w+)"', page)
    )
    used |= {f"error.{code}" for code in re.findall(r'check\([^;]*, "(\w+)"\)', program)}
    assert set(facts["words"]["en"]) == set(facts["words"]["fr"])
    assert used <= set(facts["words"]["en"])
    assert set(facts["words"]["en"]) <= used | {"error.damaged"}
    assert facts["words"]["fr"]["choose"] == catalogue("fr")["export.page.choose"]


def test_the_promises_offered_are_proven_ones(tiny):
    rows = [
        ThresholdRow(threshold=0.9, n=400, wrong=0, answered=0.8),
        ThresholdRow(threshold=0.2, n=500, wrong=60, answered=1.0),
    ]
    card = tiny.tiny_card(thresholds={"held_out": [row.to_json() for row in rows]})
    page = page_html(tiny.tiny_recognizer(card=card), RUNTIME, title="T", name="n")
    offered = re.findall(r'<option value="([\d.]+)" data-share="([\d.]+)"', page)
    assert offered == [("0.9", "0.1"), ("0.9", "0.05"), ("0.9", "0.02"), ("0.9", "0.01")]


@pytest.mark.parametrize(("settings", "draws"), [({"fit": "pad"}, False)])
def test_only_signs_and_small_grey_pictures_are_drawn(tiny, photos, settings, draws):
    assert ('id="pad"' in page_html(photos(**settings), RUNTIME, title="T", name="n")) is draws
    assert 'id="pad"' in page_html(tiny.tiny_recognizer(), RUNTIME, title="T", name="n")
    assert 'id="pad"' not in page_html(tiny.tiny_reader(), RUNTIME, title="T", name="n")


def test_only_an_older_page_gives_way(photos, tmp_path):
    check_page_folder(tmp_path / "new", force=False)
    mine = tmp_path / "mine"
    mine.mkdir()
    check_page_folder(mine, force=False)
    (mine / "index.html").write_text(page_html(photos(), RUNTIME, title="T", name="n"), "utf-8")
    with pytest.raises(UsageError) as refusal:
        check_page_folder(mine, force=False)
    assert refusal.value.code == "output_exists"
    check_page_folder(mine, force=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("<h1>mine</h1>")
    with pytest.raises(UsageError) as refusal:
        check_page_folder(other, force=True)
    assert refusal.value.code == "page_exists"
