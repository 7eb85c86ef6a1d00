"""`split.csv`: written, read back, and refused when it is something else."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets.splitting.split_file import read_split_file, split_text
from imagier.errors import UsageError
from imagier.tables import safe_cell

HASH = "0123456789abcdef" * 2
LETTERS = st.sampled_from(list("\\xu09ae5c=-+@',;\"\n\t\x1b\u202e\x85\udc85\ud83d\ude00é"))
NAMES = st.text(
    LETTERS | st.characters(exclude_characters="\0", codec=None), min_size=1, max_size=20
)
ODD = [
    "été/chèque (1).JPG",
    "two\nlines.png",
    "carriage\rreturn.png",
    "crlf\r\n.png",
    'quote".png',
    "comma,semi;.png",
    "=1+1.png",
    "+1.png",
    "-rf.png",
    "@sum.png",
    "'apostrophe.png",
    "''.png",
    "\ttab.png",
    " space .png",
    "😀.png",
    "stray\udce9byte.png",
    "half\ud800letter.png",
    "\x1b[2Jescape.png",
    "\x9bcontrol\x85.png",
    "\u202egnp.exe",
    r"looks\xe9escaped.png",
    r"looks\u202eescaped.png",
    "x;=1+2.png",
    "-3",
    "'-3",
    "3,5",
]


def write(path, text):
    path.write_bytes(text.encode("utf-8"))
    return path


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_found_again(tmp_path, name):
    text = split_text([(name, HASH, name, "test"), ("plain.png", HASH, "", "train")])
    file = read_split_file(write(tmp_path / "split.csv", text))
    assert file.by_row == {(name, HASH): "test", ("plain.png", HASH): "train"}


@given(st.lists(NAMES, unique=True, max_size=6))
def test_any_names_are_found_again(tmp_path, names):
    text = split_text((name, HASH, name, "validation") for name in names)
    file = read_split_file(write(tmp_path / "split.csv", text))
    assert [name for name, _ in file.by_row] == names


@given(NAMES, NAMES)
def test_two_names_are_never_written_alike(one, other):
    assert one == other or safe_cell(one) != safe_cell(other)


@given(NAMES)
def test_no_cell_is_a_formula(name):
    text = split_text([(name, HASH, name, "train")])
    for cell in list(csv.reader(io.StringIO(text, newline="")))[1]:
        is_name = re.fullmatch(r"[-+@=]+|[-+@] ?\w[\w ]*|[^\w\"',;]+", cell)
        assert is_name or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_columns_are_those_promised():
    text = split_text([("a.png", HASH, "g", "train")])
    assert text == f"file,hash,group,part\na.png,{HASH},g,train\n"


def test_a_byte_order_mark_and_crlf_are_read(tmp_path):
    text = "\ufeff" + split_text([("a.png", HASH, "", "test")]).replace("\n", "\r\n")
    assert read_split_file(write(tmp_path / "s.csv", text)).by_hash == {HASH: "test"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("file:hash:group:part\n", 1),
        ("path,label\na.png,cat\n", 1),
        (f"file,hash,group,part\na.png,{HASH},,train\nb.png,{HASH},,tests\n", 3),
        (f"file,hash,group,part\na.png,{HASH},train\n", 2),
        (f"file,hash,group,part\na.png,{HASH},,train,x\n", 2),
        (f"file,hash,group,part\n,{HASH},,train\n", 2),
        ("file,hash,group,part\na.png,not-a-hash,,train\n", 2),
        (f"file,hash,group,part\na.png,{HASH.upper()},,train\n", 2),
        ("file,hash,group,part\n\n,x,,\n", 3),
        (f'file,hash,group,part\n"a.png,{HASH},,train\n', 2),
        (f"file,hash,group,part\na.png,{HASH},,train\na.png,{HASH},,test\n", 3),
        (f"file,hash,group,part\n{'a' * 200_000},{HASH},,train\n", 2),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path, text, line):
    with pytest.raises(UsageError) as caught:
        read_split_file(write(tmp_path / "s.csv", text))
    assert caught.value.code == "split_file_damaged"
    assert caught.value.facts["line"] == line
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("head", ["", "sep=;\n", "\ufeff"])
def test_a_file_that_a_spreadsheet_saved_again_is_read(tmp_path, head):
    text = f"{head}file;hash;group;part;\na.png;{HASH};;train;\n;;;;\n"
    split = read_split_file(write(tmp_path / "s.csv", text.replace("part;", "part")))
    assert dict(split.by_row) == {("a.png", HASH): "train"}


@pytest.mark.parametrize("content", [b"\xff\xfe\0f", b"PK\3\4\x80\x90\xa0"])
def test_a_file_that_is_no_text_is_refused(tmp_path, content):
    (tmp_path / "s.csv").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_split_file(tmp_path / "s.csv")
    assert caught.value.code == "split_file_damaged"


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(UsageError) as caught:
            read_split_file(path)
        assert caught.value.code == "split_file_missing"
