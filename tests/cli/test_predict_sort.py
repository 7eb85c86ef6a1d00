"""`imagier predict --sort`: a folder of pictures copied into folders of their names."""

import shutil

import pytest

COMMAND = "predict"


@pytest.fixture
def predict(command, thirds):
    return command


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


def test_a_folder_sorted_by_name(predict, thirds):
    code, out, err = predict("thirds.imagier", "photos", "--sort", "sorted")
    assert (code, out) == (0, "")
    assert err == "3 pictures were copied to sorted: left × 1, middle × 1, right × 1.\n"
    assert files(thirds / "sorted") == ["left/left.png", "middle/middle.png", "right/right.png"]
    assert files(thirds / "photos") == ["left.png", "middle.png", "right.png"]


def test_sorting_below_the_folder_itself_copies_no_copy(predict, thirds):
    for _ in range(2):
        assert predict("thirds.imagier", "photos", "--sort", "photos/sorted")[0] == 0
        assert files(thirds / "photos" / "sorted") == [
            "left/left.png", "middle/middle.png", "right/right.png",
        ]  # fmt: skip


def test_with_a_table_and_in_french(predict, thirds):
    shutil.copy(thirds / "photos" / "left.png", thirds / "photos" / "other.png")
    (thirds / "photos" / "bad.png").write_bytes(b"text")
    words = ("thirds.imagier", "photos", "--sort", "tri", "--csv", "t.csv")
    code, out, err = predict(*words, language="fr")
    assert (code, out) == (0, "")
    assert "4 images ont été copiées dans tri\u00a0: left × 2" in err
    assert (thirds / "t.csv").read_text("utf-8").count("\n") == 6
    assert len(files(thirds / "tri")) == 4


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (["photos"], "photos"),
        (["photos/left.png"], "photos"),
        (["-"], "new"),
        (["photos"], "photos/left.png"),
        (["photos"], "thirds.imagier"),
        (["photos"], "thirds.imagier/new/one"),
    ],
)
def test_what_cannot_be_sorted(predict, thirds, words, folder):
    before = files(thirds)
    assert predict("thirds.imagier", *words, "--sort", folder)[0] == 2
    assert files(thirds) == before


def test_a_model_of_a_stranger_names_no_folder_elsewhere(predict, tiny, thirds):
    card = tiny.tiny_card(classes=("../../evil", "/tmp/evil", "C:evil"))
    tiny.tiny_recognizer(card=card).save("evil.imagier")
    assert predict("evil.imagier", "photos", "--sort", "a/b")[0] == 0
    assert files(thirds / "a" / "b") == [
        "C_evil/right.png", "_._.._evil/left.png", "_tmp_evil/middle.png",
    ]  # fmt: skip
    assert len(files(thirds)) == 6
