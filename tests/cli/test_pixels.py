import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = "pixels"


@pytest.fixture
def pixels(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    return command


def picture(name, shape=(6, 5, 3), seed=0, low=0, high=256):
    levels = np.random.default_rng(seed).integers(low, high, shape).astype(np.uint8)
    Image.fromarray(levels).save(name)
    return levels


def read(name):
    with Image.open(name) as image:
        return np.asarray(image)


# One picture


def test_the_deck_zero(pixels):
    code, out, err = pixels("digits:0")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == ("digits:0: 8 rows × 8 columns = 64 pixels, in grey, levels from 0 to 16")
    assert lines[1] == "Label: “0” ↔ (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)"
    assert lines[3] == " 0  0  5 13  9  1  0  0"
    assert "Vector: x = (0, 0, 5, 13, …, 10, 0, 0, 0)" in lines
    assert "Dimension: 64, a point of ℝ⁶⁴" in lines
    assert "Norm: ‖x‖ = 55.41, ‖x‖² = 3,070" in lines
    assert lines[-1].startswith("Memory: 64 bytes in grey, 192 in colour, 32 in 16 colours")


def test_the_deck_zero_in_french(pixels):
    _, out, _ = pixels("digits:0", language="fr")
    assert "Étiquette\u00a0: «\u00a00\u00a0» ↔ (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)" in out
    assert "Norme\u00a0: ‖x‖ = 55,41, ‖x‖² = 3\u202f070" in out
    assert "Mémoire\u00a0: 64 octets en gris" in out


def test_the_deck_zero_for_programs(facts):
    answer = facts("digits:0")
    zero = answer["pictures"][0]
    assert (zero["picture"], zero["label"], zero["squared_norm"]) == ("digits:0", "0", 3070)
    assert (zero["first"], zero["last"]) == ([0, 0, 5, 13], [10, 0, 0, 0])
    assert zero["table"][0] == [0, 0, 5, 13, 9, 1, 0, 0]
    assert (answer["scale"], answer["dimension"]) == (16, 64)
    assert (answer["distance"], answer["sum"], answer["mean"], answer["out"]) == (None,) * 4


def test_the_deck_photo(pixels, facts):
    Image.new("RGB", (469, 387), (255, 0, 0)).save("photo.png")
    answer = facts("photo.png", "--quiet")
    assert (answer["height"], answer["width"], answer["channels"]) == (387, 469, 3)
    assert answer["dimension"] == 544_509
    assert answer["memory"] == {
        "grey": 181_503,
        "colour": 544_509,
        "indexed": 90_752,
        "palette": 48,
        "indexed_rows": 90_945,
    }
    assert answer["pictures"][0]["squared_norm"] == 181_503 * 255**2
    assert answer["pictures"][0]["table"] is None
    _, out, err = pixels("photo.png")
    assert "these are the corners" in out
    assert [word for word in ("Red", "Green", "Blue") if f"\n{word}\n" not in out] == []
    assert len(out.splitlines()) < 45
    assert max(map(len, out.splitlines())) <= 120
    assert err == "photo.png is of one single colour.\n"


@pytest.mark.parametrize(("name", "place"), [("r", 0), ("g", 1), ("b", 2)])
def test_one_channel(facts, name, place):
    levels = picture("c.png")
    answer = facts("c.png", "--channel", name)
    assert answer["channels"] == 1
    assert answer["pictures"][0]["table"] == levels[:, :, place].tolist()


def test_the_deck_eight_has_18_by_18_pixels(facts):
    picture("eight.png", (28, 28))
    answer = facts("eight.png", "--resize", "18x18")
    assert (answer["height"], answer["width"], answer["dimension"]) == (18, 18, 324)
    assert facts("eight.png", "--resize", "20×10")["height"] == 20


# Tables and pictures, there and back


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3)], ids=["grey", "colour"])
@pytest.mark.parametrize("table", ["table.csv", "table.tsv"])
def test_a_table_gives_the_identical_picture_back(pixels, shape, table):
    levels = picture("a.png", shape)
    assert pixels("a.png", "--out", table)[0] == 0
    code, _, err = pixels(table, "--out", "b.png")
    assert (code, err) == (0, "Written: b.png\n")
    again = read("b.png")
    assert again.shape == levels.shape
    assert (again == levels).all()


def test_a_photo_comes_back_turned_upright(pixels):
    levels = picture("p.png", (40, 30, 3))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(levels).save("p.jpg", exif=exif, quality=95)
    assert pixels("p.jpg", "--out", "t.csv")[0] == pixels("t.csv", "--out", "q.png")[0] == 0
    turned = np.rot90(read("p.jpg"), -1)
    assert (read("q.png") == turned).all()


def test_a_digit_keeps_its_numbers_in_a_table_and_is_seen_in_a_png(pixels):
    pixels("digits:0", "--out", "zero.csv")
    assert Path("zero.csv").read_text("ascii").startswith("0,0,5,13,9,1,0,0\n")
    _, _, err = pixels("digits:0", "--out", "zero.png")
    assert "white is 255, here it is 16" in err
    assert read("zero.png").max() == 239  # its brightest level is 15 of 16


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("1,2\n3,300\n", "number_table_cell", ("line 2", "column 2", "300")),
        ("1,2\n3\n", "number_table_ragged", ("line 2",)),
        ("path,label\n", "number_table_cell", ("line 1", "column 1", "path")),
    ],
)
def test_a_bad_table_is_named_with_line_and_column(refusal, text, code, words):
    Path("bad.csv").write_text(text, "ascii")
    exit_code, error = refusal("bad.csv", "--out", "f.png")
    assert (exit_code, error["code"]) == (4, code)
    assert [word for word in words if word not in error["message"]] == []
    assert not Path("f.png").exists()


# Two pictures


def test_distance_sum_and_mean(facts):
    x, y = (picture(f"{n}.png", (4, 4), seed=n, low=100) for n in (1, 2))
    answer = facts("1.png", "2.png", "--out", "m.png")
    wide = x.astype(int), y.astype(int)
    assert answer["squared_distance"] == int(((wide[0] - wide[1]) ** 2).sum())
    assert answer["distance"] == pytest.approx(answer["squared_distance"] ** 0.5)
    assert answer["sum"]["table"] == (wide[0] + wide[1]).tolist()
    assert max(map(max, answer["sum"]["table"])) > 255
    assert answer["mean"]["table"] == ((wide[0] + wide[1]) / 2).tolist()
    assert [shown["table"] for shown in answer["pictures"]] == [x.tolist(), y.tolist()]
    assert (read("m.png") == (wide[0] + wide[1] + 1) // 2).all()
    assert answer["out"] == "m.png"


def test_two_digits_of_the_deck(pixels):
    _, out, _ = pixels("digits:0", "digits:1")
    assert "x + y = (0, 0, 5, 25, …, 26, 10, 0, 0)" in out
    assert "(x + y) / 2 = (0.0, 0.0, 2.5, 12.5, …, 13.0, 5.0, 0.0, 0.0)" in out
    assert "Distance: ‖x − y‖ = 59.56, ‖x − y‖² = 3,547" in out
    _, out, _ = pixels("digits:0", "digits:1", language="fr")
    assert "(0,0; 0,0; 2,5; 12,5; …; 13,0; 5,0; 0,0; 0,0)" in out


def test_two_sizes_are_refused_with_the_way_out(refusal, facts):
    picture("a.png", (6, 5))
    picture("b.png", (4, 8))
    code, error = refusal("a.png", "b.png")
    assert (code, error["code"]) == (2, "sizes_differ")
    assert "6 × 5" in error["message"]
    assert "4 × 8" in error["message"]
    assert "--resize 4x5" in error["next"]
    assert facts("a.png", "b.png", "--resize", "4x5")["distance"] > 0


def test_grey_and_colour_are_refused_until_both_are_grey(refusal, facts):
    picture("a.png", (6, 5))
    picture("b.png", (6, 5, 3))
    code, error = refusal("a.png", "b.png")
    assert (code, error["code"]) == (2, "sizes_differ")
    assert facts("a.png", "b.png", "--channel", "grey")["dimension"] == 30


def test_two_whites_are_brought_to_one(pixels):
    Image.fromarray(np.full((8, 8), 255, np.uint8)).save("w.png")
    code, out, err = pixels("digits:0", "w.png", "--json")
    assert code == 0
    assert "different whites" in err
    assert json.loads(out)["scale"] == 255
    assert json.loads(out)["pictures"][0]["first"] == [0, 0, 80, 207]


# Refusals


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("missing.png",), 4, "missing"),
        (("digits:1797",), 2, "pixels_number"),
        (("digits:-1",), 2, "pixels_number"),
        (("digits:first",), 2, "pixels_number"),
        (("digit:0",), 2, "pixels_unknown_set"),
        (("digits:0", "--resize", "18"), 2, "pixels_size"),
        (("digits:0", "--resize", "0x5"), 2, "pixels_size"),
        (("digits:0", "--resize", "9999x9999"), 2, "pixels_size"),
        (("digits:0", "--channel", "alpha"), 2, "usage"),
        (("digits:0", "--out", "f.jpg"), 2, "pixels_out"),
        (("digits:0", "digits:1", "digits:2"), 2, "extra_words"),
        ((), 2, "usage"),
    ],
)
def test_what_is_refused(refusal, words, exit_code, code):
    given, error = refusal(*words)
    assert (given, error["code"]) == (exit_code, code)


def test_a_set_that_is_nearly_right_is_suggested(pixels):
    _, _, err = pixels("digit:0")
    assert "Did you mean “digits”?" in err


def test_a_file_that_is_there_is_not_replaced_unasked(refusal, facts):
    Path("f.png").write_text("mine", "ascii")
    code, error = refusal("digits:0", "--out", "f.png")
    assert (code, error["code"]) == (2, "output_exists")
    assert Path("f.png").read_text("ascii") == "mine"
    facts("digits:0", "--out", "f.png", "--force")
    assert read("f.png").shape == (8, 8)


def test_the_picture_that_is_read_is_never_replaced(refusal):
    levels = picture("a.png", (6, 5))
    Path("link.png").symlink_to("a.png")
    for out in ("a.png", "link.png"):
        code, error = refusal("a.png", "--resize", "2x2", "--out", out, "--force")
        assert (code, error["code"]) == (2, "pixels_out_is_input")
    assert (read("a.png") == levels).all()


def test_a_file_named_like_a_picture_of_a_set_is_read(facts):
    levels = picture("digits.png", (6, 5))
    Path("digits.png").rename("digits:0")
    assert facts("digits:0", "--quiet")["pictures"][0]["table"] == levels.tolist()


def test_the_help_names_both_pictures(pixels):
    code, out, _ = pixels("--help")
    assert code == 0
    assert "PICTURE [OTHER]" in out
