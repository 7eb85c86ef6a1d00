"""Tar shards and zip archives as inputs, sound and damaged."""

import csv
import gzip
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.errors import PictureError, UsageError
from imagier.labelling.batch.archives import members, read_member
from imagier.labelling.batch.entries import Member, from_line, to_line
from imagier.labelling.batch.shares import Share
from imagier.labelling.batch.tar_headers import TruncatedTarError, tar_files
from imagier.labelling.batch.worklist import PART, Worklist
from tests.labelling.batch.batches import PNGS, write_folder, write_tar, write_zip

NAMES = {"a.png": PNGS[0], "deep/" * 40 + "é.png": PNGS[1], "x" * 120 + ".png": PNGS[2]}
FORMATS = {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}


def rows(out="names.csv"):
    with Path(out).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", FORMATS)
def test_headers_tell_what_pythons_own_reader_tells(tmp_path, form):
    path = tmp_path / "a.tar"
    write_tar(path, NAMES | {"1.cls": b"1"}, format=FORMATS[form])
    with tarfile.open(path) as archive:
        oracle = [(one.name, one.offset_data, one.size) for one in archive]
    assert list(tar_files(path)) == oracle


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=150),
        st.binary(max_size=2000),
        max_size=5,
    ),
    st.sampled_from(sorted(FORMATS)),
)
@settings(max_examples=40, deadline=None)
def test_any_names_and_contents(tmp_path_factory, contents, form):
    path = tmp_path_factory.mktemp("tar") / "a.tar"
    write_tar(path, contents, format=FORMATS[form])
    content = path.read_bytes()
    with tarfile.open(path) as archive:
        oracle = [(one.name, content[one.offset_data :][: one.size]) for one in archive]
    found = [(name, content[start : start + size]) for name, start, size in tar_files(path)]
    assert found == oracle


def test_links_and_devices_are_passed_over(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"{kind!r}.png")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert list(tar_files(path)) == []


def test_a_tar_cut_anywhere_is_truncated_and_never_read_wrongly(tmp_path):
    path = tmp_path / "a.tar"
    write_tar(path, NAMES)
    whole = path.read_bytes()
    sound = list(tar_files(path))
    for end in range(0, sound[-1][1] + sound[-1][2], 257):
        path.write_bytes(whole[:end])
        with pytest.raises(TruncatedTarError):
            assert [one in sound for one in tar_files(path)]


def test_a_header_with_a_flipped_bit_is_no_header(tmp_path):
    path = tmp_path / "a.tar"
    write_tar(path, {"a.png": PNGS[0]})
    content = bytearray(path.read_bytes())
    content[3] ^= 4
    path.write_bytes(content)
    with pytest.raises(TruncatedTarError):
        list(tar_files(path))


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_members_are_read_as_they_were_written(tmp_path, write):
    path = tmp_path / ("a.tar" if write is write_tar else "a.zip")
    write(path, NAMES | {"1.cls": b"1", "1.json": b"{}", "._a.png": b"x"})
    found = list(members(str(path)))
    assert {one.name: read_member(one) for one in found} == NAMES
    assert [from_line(to_line(one)) for one in found] == found


def test_a_zip_member_that_was_changed_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    write_zip(path, NAMES)
    (first, *_) = members(str(path))
    content = bytearray(path.read_bytes())
    content[first.start + 30 + len(first.name) + 20] ^= 1
    path.write_bytes(content)
    with pytest.raises(PictureError) as refused:
        read_member(first)
    assert refused.value.code == "shard_member_damaged"


def test_a_zip_that_would_swell_is_not_unpacked(tmp_path):
    path = tmp_path / "a.zip"
    write_zip(path, {"a.png": PNGS[0], "bomb.png": bytes(8 << 20)})
    codes = [getattr(one, "code", None) for one in members(str(path))]
    assert codes == [None, "shard_member_damaged"]


def test_shards_are_labelled_in_order_with_one_that_stops(label, here):
    write_tar(here / "d-0.tar", {f"{n:03}.png": PNGS[n % 3] for n in range(300)} | {"0.cls": b"1"})
    write_tar(here / "d-1.tar", {f"{n:03}.png": PNGS[n % 3] for n in range(5)})
    cut = (here / "d-1.tar").read_bytes()[: 4 * 1024 + 540]
    (here / "d-1.tar").write_bytes(cut)
    write_zip(here / "d-2.zip", {f"{n:03}.png": PNGS[n % 3] for n in range(7)})
    result = label("d-{0..1}.tar", "d-2.zip")
    found = rows()
    assert result.errors == {"shard_member_damaged": 1, "shard_truncated": 1}
    expected = [f"d-0.tar/{n:03}.png" for n in range(300)]
    expected += [*(f"d-1.tar/{n:03}.png" for n in range(5)), "d-1.tar"]
    expected += [f"d-2.zip/{n:03}.png" for n in range(7)]
    assert [row["path"] for row in found] == expected
    named = [(row["path"], row["label"]) for row in found if row["status"] == "ok"]
    assert all(label == ("left", "middle", "right")[int(path[-7:-4]) % 3] for path, label in named)
    assert label("d-{0..1}.tar", "d-2.zip").was_finished
    shares = [label("d-*.tar", "d-2.zip", share=Share(number=n, total=3)).n for n in (1, 2, 3)]
    assert shares == [300, 6, 7]


def test_a_folder_of_shards(label, here):
    (here / "shards").mkdir()
    for number in (10, 9):
        write_tar(here / f"shards/{number}.tar", {"a.png": PNGS[0]})
    label("shards")
    assert [row["path"] for row in rows()] == ["shards/9.tar/a.png", "shards/10.tar/a.png"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.tar", b"", "shard_truncated"),
        ("a.tar", b"no archive" * 90, "shard_truncated"),
        ("a.zip", b"no archive" * 90, "shard_damaged"),
        ("a.zip", None, "missing"),
    ],
)
def test_what_is_no_archive_has_one_row_that_says_so(label, here, name, content, code):
    write_tar(here / "good.tar", {"a.png": PNGS[0]})
    if content is not None:
        (here / name).write_bytes(content)
    assert label("good.tar", name).errors == {code: 1}


def test_a_packed_tar_is_refused_by_name(label, here):
    (here / "a.tar.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(UsageError) as refused:
        label("a.tar.gz")
    assert refused.value.code == "shard_compressed"


def test_a_table_of_paths(label, here):
    write_folder(here / "photos", 3)
    (here / "photos/list.csv").write_text("id,File\n1,000/2.png\n2,\n3,000/0.png\n")
    label("photos/list.csv")
    assert [row["label"] for row in rows()] == ["right", "", "left"]
    (here / "other.csv").write_text("id,size\n1,2\n")
    with pytest.raises(UsageError) as refused:
        label("other.csv")
    assert refused.value.code == "table_without_paths"


def test_a_pipe_is_refused(label):
    with pytest.raises(UsageError) as refused:
        label("-")
    assert refused.value.code == "label_pipe"


@given(st.integers(0, 2000), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_shares_in_order_are_the_listing(n, total):
    work = Worklist([], paths=(f"{number}.png" for number in range(n)))
    try:
        found = []
        for number in range(1, total + 1):
            for part in work.parts(Share(number=number, total=total)):
                assert 0 < len(part.entries) <= PART
                assert int(part.name) == len(found)
                assert 0 < part.done <= 1
                found += part.entries
        assert found == [f"{number}.png" for number in range(n)]
    finally:
        work.close()


@given(st.text(st.characters(), max_size=30), st.text(max_size=9))
def test_entries_are_read_as_they_were_written(name, code):
    member = Member(archive=name, name=code, start=1, size=2, packed=3, crc=4, is_deflated=True)
    assert from_line(to_line(member)) == member
    assert from_line(to_line(name)) == name
    error = from_line(to_line(PictureError(code, path=name)))
    assert (error.code, error.facts) == (code, {"path": name})


def test_names_that_are_no_utf8(label, here):
    path = b"\xe9.png".decode("utf-8", "surrogateescape")
    Path(path).write_bytes(PNGS[1])
    label(".", out="names.csv")
    label(".", out="names.jsonl")
    assert [(row["path"], row["label"]) for row in rows()] == [(r"./\xe9.png", "middle")]
