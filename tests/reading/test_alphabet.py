import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import DataError, ModelError
from imagier.reading import BLANK, Alphabet

LETTERS = st.text(st.characters(categories=["L", "N", "P", "Sc"], exclude_characters=BLANK))


@given(st.lists(LETTERS.filter(bool), min_size=1))
def test_what_is_encoded_is_decoded(texts):
    alphabet = Alphabet.of_texts(texts)
    again = Alphabet.from_classes(alphabet.classes)
    assert again == alphabet
    assert len(alphabet) == len(alphabet.classes) == len(set(alphabet.classes))
    for text in texts:
        numbers = alphabet.encode(text)
        assert numbers.min() >= 1
        assert numbers.max() < len(alphabet)
        assert alphabet.encode(alphabet.decode(numbers)).tolist() == numbers.tolist()


def test_an_accent_is_part_of_its_letter():
    alphabet = Alphabet.of_texts(["e\u0301te\u0301"])
    assert alphabet.characters == ("t", "é")
    assert alphabet.encode("e\u0301té").tolist() == [2, 1, 2]
    assert alphabet.decode([2, 1, 2]) == "été"


def test_no_text_has_no_number():
    alphabet = Alphabet(characters=("1",))
    assert alphabet.encode("").shape == (0,)
    assert alphabet.decode([]) == ""


@pytest.mark.parametrize("text", ["∅", "1\n2", "\u200b", "\x1b[31m"])
def test_what_is_no_visible_character_is_refused(text):
    with pytest.raises(DataError) as caught:
        Alphabet.of_texts(["12", text])
    assert caught.value.code == "character_refused"


@pytest.mark.parametrize("characters", [("1", "1"), ("12",), ("",), ("e\u0301",)])
def test_characters_are_single_and_differ(characters):
    with pytest.raises(DataError) as caught:
        Alphabet(characters=characters)
    assert caught.value.code == "character_refused"


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_texts_without_a_character_are_refused(texts):
    with pytest.raises(DataError) as caught:
        Alphabet.of_texts(texts)
    assert caught.value.code == "characters_none"


def test_unknown_characters_are_named():
    with pytest.raises(DataError) as caught:
        Alphabet.of_texts(["0123456789"]).encode("12,50 €, €")
    assert caught.value.code == "characters_unknown"
    assert caught.value.facts["unknown"] == ",, ␣, €"
    assert caught.value.facts["n"] == 3


@pytest.mark.parametrize(
    "classes", [["cat", "dog"], ["0", "1"], ["∅"], [], ["∅", "cat"], ["0", "∅"], ["∅", "0", "0"]]
)
def test_other_models_are_no_readers(classes):
    with pytest.raises(ModelError) as caught:
        Alphabet.from_classes(classes)
    assert caught.value.code == "not_a_reader"
