"""Lists of codes: what can follow, compared with a plain search; files as people write them."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.errors import DataError
from imagier.i18n import LANGUAGES, use_language
from imagier.reading import Alphabet, CodeList
from imagier.reading.check_digits import accepts

WORDS = st.text("01aé€𝟘", min_size=1, max_size=9)
DIGITS = Alphabet(characters=tuple("0123456789"))


def texts(codes):
    return [code.decode() for code in codes.sorted_codes]


def refusal(work, *values, **settings):
    with pytest.raises(DataError) as caught:
        work(*values, **settings)
    return caught.value


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=40), st.lists(WORDS, max_size=10))
def test_what_can_follow_is_what_a_plain_search_finds(words, others):
    codes = CodeList.of_codes(words)
    assert texts(codes) == sorted(set(words))
    for word in {*words, *others, "", "0"}:
        state = codes.start
        for length, character in enumerate(word, start=1):
            state = codes.step(state, character)
            following = [one for one in sorted(set(words)) if one.startswith(word[:length])]
            if not following:
                assert state is None
                break
            assert texts(codes)[state.first : state.end] == following
            assert codes.is_final(state) == (word[:length] in words)
        assert accepts(codes, word) == (word in words)


def test_a_million_codes_are_read_in_a_short_time(tmp_path):
    numbers = np.random.default_rng(0).integers(0, 10**8, 10**6)
    path = tmp_path / "codes.txt"
    path.write_text("\n".join(f"{number:08d}" for number in numbers.tolist()))
    began = time.process_time()
    codes = CodeList.of_file(path).over(DIGITS)
    assert time.process_time() - began < 5  # 0.4 s where nothing else runs
    assert len(codes) == len(set(numbers.tolist()))
    assert accepts(codes, f"{numbers[7]:08d}")
    began = time.process_time()
    for number in numbers[:1000].tolist():
        state = codes.start
        for character in f"{number:08d}":
            state = codes.step(state, character)
        assert codes.is_final(state)
    assert time.process_time() - began < 0.5  # 8,000 steps


FILES = {
    "lines.txt": ("75001\n75002\n13001\n", ["13001", "75001", "75002"]),
    "windows.txt": ("75001\r\n75002\r\n\r\n", ["75001", "75002"]),
    "old-mac.txt": ("75001\r75002\r", ["75001", "75002"]),
    "blanks.txt": ("75 001\n 75 002 \n", ["75 001", "75 002"]),
    "commas.txt": ("12,50\n3,00\n", ["12,50", "3,00"]),
    "titled.txt": ("code\n75001\n", ["75001"]),
    "one.csv": ("75001\n75002\n", ["75001", "75002"]),
    "titled.csv": ("Code\n75001\n", ["75001"]),
    "first.csv": ("75001,Paris\n69001,Lyon\n", ["69001", "75001"]),
    "named.csv": ("town;code\nParis;75001\nLyon;69001\n", ["69001", "75001"]),
    "postal.csv": ("ville;Code postal;x\nParis;75001;\nLyon;69001;\n;;\n", ["69001", "75001"]),
    "quoted.csv": ('town,code\n"Paris, Seine",75001\n"Lyon",69001\n', ["69001", "75001"]),
    "announced.csv": ("sep=;\ncode;town\n75001;Paris\n", ["75001"]),
    "tabs.tsv": ("town\tcode\nParis\t75001\n", ["75001"]),
    "spaces.csv": ("AB 12\nCD 34\n", ["AB 12", "CD 34"]),
    "rows.jsonl": ('{"town": "Paris", "code": "75001"}\n{"code": "01000"}\n', ["01000", "75001"]),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_read_as_people_write_them(name, encoding, tmp_path):
    text, expected = FILES[name]
    (tmp_path / name).write_text(text, encoding, newline="")
    assert texts(CodeList.of_file(tmp_path / name)) == expected


def test_parquet_is_read(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="an extra of its own")
    parquet = pytest.importorskip("pyarrow.parquet", reason="an extra of its own")
    table = pyarrow.table({"town": ["Paris", "Bourg"], "code": ["75001", "01000"]})
    parquet.write_table(table, tmp_path / "codes.parquet")
    assert texts(CodeList.of_file(tmp_path / "codes.parquet")) == ["01000", "75001"]


@pytest.mark.parametrize("content", ["", "\n\n", "code\n", "code;town\n;\n"])
@pytest.mark.parametrize("name", ["codes.txt", "codes.csv"])
def test_an_empty_list_is_refused(content, name, tmp_path):
    if ";" in content and name == "codes.txt":
        content = ""
    (tmp_path / name).write_text(content)
    assert refusal(CodeList.of_file, tmp_path / name).code == "codes_empty"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_read_is_refused_with_its_reason(language, tmp_path):
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    (tmp_path / "cut.csv").write_text('code,town\n"75001,Paris\n')
    (tmp_path / "wrong.jsonl").write_text("75001\n")
    with use_language(language):
        for name in ("binary.txt", "cut.csv", "wrong.jsonl", "missing.txt", "."):
            error = refusal(CodeList.of_file, tmp_path / name)
            assert error.code == "codes_unreadable"
            assert error.message.endswith(".")


def test_a_code_of_a_whole_page_is_refused():
    assert refusal(CodeList.of_codes, ["1", "2" * 129]).code == "codes_too_long"
    assert len(CodeList.of_codes(["2" * 128])) == 1


def test_codes_there_twice_and_empty_cells_are_noted(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("code,town\n75001,Paris\n75001,Paris\n,Lyon\n75001,Paris\n")
    with use_language("en"):
        twice, blank = sorted(CodeList.of_file(path).notes, key=lambda note: "row" in note)
    assert "2 codes" in twice
    assert "1 row" in blank


def test_codes_that_the_reader_cannot_read_are_noted_or_refused():
    codes = CodeList.of_codes(["75001", "2A004", "2B033", "é"])
    with use_language("en"):
        known = codes.over(DIGITS)
    assert texts(known) == ["75001"]
    assert "3 codes" in known.notes[-1]
    assert "A" in known.notes[-1]
    assert refusal(CodeList.of_codes(["AB"]).over, DIGITS).code == "codes_characters"
    accents = Alphabet(characters=("é",))
    assert texts(codes.over(accents)) == ["é"]
    assert refusal(CodeList.of_codes(["è", "ã"]).over, accents).code == "codes_characters"
    assert codes.over(Alphabet(characters=tuple("éAB0123457"))) is codes


def test_composed_and_split_accents_are_one(tmp_path):
    path = tmp_path / "codes.txt"
    path.write_text("e\u0301", "utf-8")
    assert texts(CodeList.of_file(path)) == ["é"]
