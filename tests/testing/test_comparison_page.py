"""The page of a comparison: the same figures, the pictures that differ, complete in itself."""

import base64
import dataclasses
import io
import re

import numpy as np
import pytest
from PIL import Image

from imagier.i18n import LANGUAGES, use_language
from imagier.testing import check_replaceable, compare_models, comparison_html


@pytest.fixture
def blind(thirds, tmp_path):
    """Give models that take what is on the left, or in the middle, for something else."""
    from onnx import numpy_helper

    builders = thirds.load_builders()

    def build(name, third):
        bias = np.zeros(3, np.float32)
        bias[third] = -9.5
        parts = builders.graph_parts()
        parts["initializer"][2] = numpy_helper.from_array(bias, "bias")
        folder = tmp_path / name
        onnx = builders.model_of(parts).SerializeToString()
        builders.tiny_recognizer(onnx=onnx).save(folder)
        return folder

    return build


@pytest.fixture
def photos(thirds, tmp_path):
    return thirds.write_pictures(tmp_path / "photos", 40)


def pictures_of(page):
    found = re.findall(r'src="data:image/(?:png|jpeg);base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(one))) for one in found]


def titles(page):
    found = re.findall(r"<h2>(.*?)</h2>", page)
    return [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_terminal_says(model, blind, photos, language):
    with use_language(language):
        found = compare_models([blind("blind.imagier", 0), model], photos)
        page = comparison_html(found)
        said = {found.sentence(found.pairs[0]), found.differing_sentence(), *found.cautions()}
        said |= {cell for row in (*found.model_rows(), *found.pair_rows()) for cell in row}
    text = page.replace("&lt;", "<").replace("&#39;", "'")
    assert [one for one in said if one not in text] == []
    assert f'<html lang="{language}">' in page


def test_the_pictures_stand_under_who_names_them_right(model, blind, photos):
    left, middle = blind("left.imagier", 0), blind("middle.imagier", 1)
    with use_language("en"):
        found = compare_models([left, middle, model], photos)
        page = comparison_html(found)
    by_right = {}
    for one in found.differing:
        by_right.setdefault(one.right, []).append(one)
    assert set(by_right) == {(0, 2), (1, 2)}
    said = [one for one in titles(page) if one.startswith("Named right only by")]
    assert len(said) == 2
    for right, pictures in by_right.items():
        names = ", ".join(found.models[place].name for place in right)
        shown = min(len(pictures), 24)
        assert f"Named right only by {names} {shown} of {len(pictures)}" in said
    shown = pictures_of(page)
    assert len(shown) == sum(min(len(one), 24) for one in by_right.values())
    assert {one.size for one in shown} == {(9, 9)}


def test_each_picture_is_the_one_that_it_is_said_to_be(model, blind, photos):
    found = compare_models([blind("blind.imagier", 0), model], photos)
    assert found.differing
    for one in found.differing[:24]:
        with Image.open(photos / one.name) as file, Image.open(io.BytesIO(one.content)) as shown:
            assert np.array_equal(np.asarray(file), np.asarray(shown))
    assert all(one.content is None for one in found.differing[24:])


def test_nothing_differs_one_picture(model, thirds, tmp_path):
    copy = tmp_path / "copy.imagier"
    thirds.load_builders().tiny_recognizer().save(copy)
    one = thirds.write_pictures(tmp_path / "one", 1, names=("left",))
    with use_language("en"):
        page = comparison_html(compare_models([model, copy], one))
    assert "They give the same answer to every picture." in page
    assert pictures_of(page) == []


def test_strange_names_stay_words_and_nothing_is_fetched(model, blind, photos, tmp_path):
    found = compare_models([blind("blind.imagier", 0), model], photos)
    hostile = "<script>alert(1)</script>"
    changed = dataclasses.replace(
        found,
        source=hostile,
        models=tuple(dataclasses.replace(one, name=hostile) for one in found.models),
        differing=tuple(
            dataclasses.replace(one, name=hostile, label=hostile, answers=(hostile, '" onload="x'))
            for one in found.differing
        ),
    )
    page = comparison_html(changed)
    assert "<script" not in page
    assert '" onload="' not in page
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!data:|#)[^"'\s]""", page) == []
    place = tmp_path / "page.html"
    place.write_text(page, "utf-8")
    check_replaceable(place)  # a page that imagier wrote may be written again
