"""Parquet with the pictures in it, as hubs publish data sets: pieces, parts, names of classes."""

import pytest

from imagier.datasets import TableOptions, open_source
from imagier.errors import DataError, ImagierError, PictureError, UsageError
from imagier.i18n import use_language
from tests.datasets import table_zoo as zoo

pa = pytest.importorskip("pyarrow", reason="needs the extra imagier[parquet]")
parquet = pytest.importorskip("pyarrow.parquet")


def refusal(source, **options):
    with pytest.raises(ImagierError) as caught:
        open_source(source, table=TableOptions(**options))
    return caught.value


def write(to, **columns):
    parquet.write_table(pa.table(columns), to)
    return to


def test_a_hubs_folder_is_read_whole_with_its_parts_and_names(tmp_path):
    listing = open_source(zoo.hub(tmp_path))
    assert len(listing) == 14
    assert listing.classes == ("boxer", "pug")
    assert listing.labels[:8] == ("boxer", "pug") * 3 + ("pug", "boxer")
    assert listing.parts == ("train",) * 12 + ("test",) * 2
    assert listing.names[7] == "train-00001-of-00002/1/7.png"
    for index in (0, 13, 7, 6, 12, 3):  # in any order
        assert listing.pictures.read(index) == zoo.picture(index)
        content = listing.pictures.read(index)
        assert listing.pictures.decode(index, content).pixels.shape == (8, 8, 3)


def test_one_piece_brings_the_others_of_its_part(tmp_path):
    path = zoo.hub(tmp_path) / "data" / "train-00001-of-00002.parquet"
    with use_language("en"):
        listing = open_source(path)
        assert "The data set was read from 2 files: train-00000-of-00002" in listing.notes[-1]
    assert len(listing) == 12
    assert set(listing.parts) == {""}
    path.with_name("train-00000-of-00002.parquet").unlink()
    assert refusal(path).code == "shards_missing"
    assert refusal(tmp_path).code == "shards_missing"


@pytest.mark.parametrize("names", ["{}.parquet", "default/{}/0000.parquet", "{}_0.parquet"])
def test_parts_are_told_by_files_or_folders(names, tmp_path):
    for first, part in enumerate(("train", "validation", "test")):
        zoo.shard(tmp_path / names.format(part), [0, 1], first=2 * first)
    listing = open_source(tmp_path)
    assert listing.parts == ("train", "train", "validation", "validation", "test", "test")
    assert [listing.pictures.read(n) for n in range(6)] == [zoo.picture(n) for n in range(6)]


def test_parts_are_told_though_a_checksum_stands_behind(tmp_path):
    pieces = (
        "train-00000-of-00002-3f2a9c51",
        "train-00001-of-00002-00ff12ab",
        "test-0-of-1-abcdef",
    )
    for piece in pieces:
        zoo.shard(tmp_path / f"{piece}.parquet", [0, 1])
    assert open_source(tmp_path).parts == ("train",) * 4 + ("test",) * 2
    (tmp_path / f"{pieces[1]}.parquet").unlink()
    assert refusal(tmp_path).code == "shards_missing"


@pytest.mark.parametrize("kind", ["binary", "large_binary", "binary_view", "dictionary"])
@pytest.mark.parametrize("is_inside", [True, False])
def test_bytes_are_pictures_however_arrow_keeps_them(kind, is_inside, tmp_path):
    pictures = [zoo.picture(0), zoo.picture(1)]
    if kind == "dictionary":
        column = pa.array(pictures).dictionary_encode()
    else:
        column = pa.array(pictures, getattr(pa, kind)())
    if is_inside:
        paths = pa.array(["a/0.png", "a/1.png"], pa.large_string())
        column = pa.StructArray.from_arrays([column, paths], ["bytes", "path"])
    label = pa.array(["cat", "dog"], pa.string_view())
    listing = open_source(write(tmp_path / "a.parquet", image=column, label=label))
    assert listing.classes == ("cat", "dog")
    assert listing.names[1] == ("a/1/1.png" if is_inside else "a/1")
    assert [listing.pictures.read(row) for row in (1, 0)] == [pictures[1], pictures[0]]


def test_of_two_columns_of_files_that_of_pictures_is_taken(tmp_path):
    both = [
        pa.array([{"bytes": zoo.picture(n), "path": ""} for n in some]) for some in ((8, 9), (0, 1))
    ]
    path = write(tmp_path / "a.parquet", mask=both[0], image=both[1], label=pa.array(["a", "b"]))
    assert open_source(path).pictures.read(1) == zoo.picture(1)


def test_numbers_of_classes_may_be_fractions_where_some_are_missing(tmp_path):
    path = zoo.shard(tmp_path / "a.parquet", [0, 1])
    table = parquet.read_table(path)
    place = table.column_names.index("label")
    parquet.write_table(table.set_column(place, "label", pa.array([1.0, 0.0])), path)
    assert open_source(path).labels == ("pug", "boxer")


def test_several_data_sets_in_one_folder_are_not_mixed(tmp_path):
    for name in ("plain", "augmented"):
        zoo.shard(tmp_path / name / "train-00000-of-00001.parquet", [0, 1])
    assert refusal(tmp_path).code == "shards_of_several"
    assert len(open_source(tmp_path / "plain")) == 2


def test_without_names_the_numbers_are_the_classes(tmp_path):
    assert open_source(zoo.shard(tmp_path / "a.parquet", [0, 1, 10], names=())).classes == (
        "0",
        "1",
        "10",
    )


def test_kept_back_labels_are_left_out_and_numbers_beyond_the_names_refused(tmp_path):
    listing = open_source(zoo.shard(tmp_path / "a.parquet", [0, -1, 1]))
    assert listing.labels == ("boxer", "pug")
    assert listing.pictures.read(1) == zoo.picture(2)
    assert [each.code for each in listing.skipped] == ["row_without_label"]
    assert refusal(zoo.shard(tmp_path / "b.parquet", [0, 2])).code == "label_outside"
    assert refusal(zoo.shard(tmp_path / "c.parquet", [-1, -1])).code == "table_rows"


def test_a_column_of_plain_bytes_is_one_of_pictures_and_never_shown(tmp_path):
    cells = [zoo.picture(0), zoo.picture(1) * 400, None]
    path = write(tmp_path / "a.parquet", image=cells, label=["cat", "dog", "emu"])
    listing = open_source(path)
    assert listing.labels == ("cat", "dog", "emu")
    assert listing.pictures.read(1) == cells[1]
    with pytest.raises(PictureError) as caught:
        listing.pictures.read(2)
    assert caught.value.code == "row_without_picture"
    masks = write(tmp_path / "b.parquet", photo=cells, label=["a", "b", "c"])
    error = refusal(masks)
    assert error.code == "table_columns"
    assert len(error.message) < 400
    assert open_source(masks, table=TableOptions(path_column="photo")).labels == ("a", "b", "c")


def test_texts_written_as_bytes_are_texts(tmp_path):
    zoo.pictures(tmp_path, ["1.png", "2.png"])
    path = write(tmp_path / "a.parquet", path=[b"1.png", b"2.png"], label=[b"cat", b"\xff\xfe"])
    listing = open_source(path)
    assert listing.labels == ("cat",)
    assert [each.code for each in listing.skipped] == ["row_without_label"]


def test_options_about_files_are_refused(tmp_path):
    path = zoo.shard(tmp_path / "a.parquet", [0, 1])
    assert isinstance(refusal(path, ending=".png"), UsageError)
    assert refusal(path, images=tmp_path).code == "pictures_in_table"


def test_of_two_columns_of_classes_one_is_named(tmp_path):
    path = zoo.shard(tmp_path / "a.parquet", [0, 1])
    table = parquet.read_table(path)
    coarse = table.rename_columns(["image", "fine"]).append_column("coarse", pa.array([1, 1]))
    parquet.write_table(coarse.replace_schema_metadata(None), path)
    assert refusal(path).code == "table_several_labels"
    assert open_source(path, table=TableOptions(label_column="fine")).labels == ("0", "1")


def test_a_table_of_paths_in_parquet_is_still_one(tmp_path):
    zoo.pictures(tmp_path, ["1.png", "2.png"])
    path = write(tmp_path / "a.parquet", path=["1.png", "2.png"], label=["a", "b"])
    assert open_source(path).names == ("1.png", "2.png")


# What a stranger's file may cost


def test_one_picture_repeated_ten_thousand_times_is_held_once(tmp_path):
    import resource

    large = pa.array([bytes(20 << 20)], pa.binary())
    cells = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), large)
    path = tmp_path / "a.parquet"
    image = pa.StructArray.from_arrays([cells], ["bytes"])
    labels = [str(n % 2) for n in range(10_000)]
    table = pa.table({"image": image, "label": labels})
    parquet.write_table(table, path, compression="zstd")
    assert path.stat().st_size < 2**20
    listing = open_source(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert [len(listing.pictures.read(n)) for n in (0, 9_999)] == [20 << 20] * 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kilobytes


def test_what_unpacks_beyond_measure_is_refused_by_the_metadata(tmp_path):
    cells = pa.array([bytes(1 << 20)] * 100, pa.binary())
    image = pa.StructArray.from_arrays([cells], ["bytes"])
    table = pa.table({"image": image, "label": ["a", "b"] * 50})
    path = tmp_path / "a.parquet"
    parquet.write_table(table, path, compression="zstd", use_dictionary=False)
    assert refusal(path).code == "table_too_large"


def test_pictures_may_weigh_more_than_a_table(tmp_path, monkeypatch):
    path = zoo.shard(tmp_path / "a.parquet", [0, 1] * 20)
    paths = write(tmp_path / "b.parquet", path=["x" * 3000], label=["a"])
    monkeypatch.setattr("imagier.tables.content.MAX_BYTES", 1000)
    assert len(open_source(path)) == 40
    assert refusal(paths).code == "table_too_large"


def test_groups_larger_than_memory_is_for_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("imagier.tables.bytes_column.MAX_GROUP", 1000)
    error = refusal(zoo.shard(tmp_path / "a.parquet", [0, 1] * 20))
    assert error.code == "parquet_groups"
    assert "row_group_size" in error.next_step
    assert len(open_source(zoo.shard(tmp_path / "a.parquet", [0, 1] * 20, groups=2))) == 40


def test_a_cut_or_changed_file_is_named(tmp_path):
    path = zoo.shard(tmp_path / "a.parquet", [0, 1] * 10)
    listing = open_source(path)
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    with pytest.raises(PictureError) as caught:
        listing.pictures.read(0)
    assert caught.value.code == "table_damaged"
    path.write_bytes(content[:-20])
    assert refusal(path).code == "table_damaged"


@pytest.mark.parametrize(
    "metadata",
    ["{", "[]", '{"info": 1}', '{"info": {"features": {"label": {"names": [1, null]}}}}'],
)
def test_odd_metadata_names_no_classes(metadata, tmp_path):
    path = zoo.shard(tmp_path / "a.parquet", [0, 1], names=())
    table = parquet.read_table(path).replace_schema_metadata({"huggingface": metadata})
    parquet.write_table(table, path)
    assert open_source(path).classes == ("0", "1")


def test_a_folder_with_another_file_among_its_pieces_is_refused(tmp_path):
    zoo.hub(tmp_path)
    write(tmp_path / "data" / "z-notes.parquet", a=[1, 2])
    with pytest.raises(DataError) as caught:
        open_source(tmp_path)
    assert caught.value.code == "parquet_without_pictures"
