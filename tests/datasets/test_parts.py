"""Which folders are parts: by their own name, or by what stands beside them."""

import pytest

from imagier.datasets.parts import are_pieces, is_neutral, part_of, parts_of_siblings


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train_images", "test_images"),
        ("train", "test1"),
        ("train2017", "test2017"),
        ("training_set", "test_set"),
        ("seg_train", "seg_test"),
        ("images_train", "images_test"),
        ("imagesTr", "imagesTs"),
        ("trainset", "testset"),
        ("TrainImages", "TestImages"),
        ("Training Data", "Test Data"),
        ("asl_alphabet_train", "asl_alphabet_test"),
        ("1_train", "2_test"),
        ("jeu_d_entraînement", "jeu_de_test"),
        ("base d'apprentissage", "base de test"),
        ("training", "evaluation"),
        ("train", "eval"),
        ("jeu_appr", "jeu_test"),
        ("Entraînement", "Essai"),
        ("entrenamiento", "prueba"),
        ("Trainingsdaten", "Testdaten"),
        ("treino", "teste"),
        ("addestramento", "test"),
    ],
)
def test_names_that_differ_by_the_part_alone_are_parts(train, test):
    assert parts_of_siblings([train, test]) == {train: "train", test: "test"}


@pytest.mark.parametrize(
    "names",
    [
        ["test1", "test2", "test3"],
        ["test_tube", "train_station"],
        ["tester", "strain"],
        ["latest", "contest"],
        ["cat", "dog"],
        ["invalid", "broken"],
        ["prova", "pizza"],
        ["eval", "evil"],
    ],
)
def test_classes_are_no_parts(names):
    assert parts_of_siblings(names) == {}


def test_others_beside_parts_stay_out():
    assert set(parts_of_siblings(["seg_train", "seg_test", "seg_pred"])) == {
        "seg_train",
        "seg_test",
    }


def test_a_plain_name_is_a_part_whatever_stands_beside_it():
    assert parts_of_siblings(["train", "plane"]) == {"train": "train"}


def test_cells_of_tables_are_read_by_their_whole_text():
    assert part_of("test1") == part_of("training_set") == ""


@pytest.mark.parametrize("name", ["images", "JPEGImages", "2019", "2019-07-01", "64x64", "IMG_7"])
def test_words_that_say_nothing_of_the_pictures(name):
    assert is_neutral(name)


@pytest.mark.parametrize("name", ["cat", "garden", "left", "n01"])
def test_words_that_may_be_a_class(name):
    assert not is_neutral(name)


@pytest.mark.parametrize(
    ("names", "pieces"),
    [
        (["HAM_part_1", "HAM_part_2"], True),
        (["images_001", "images_002", "images_010"], True),
        (["batch1", "Batch 2"], True),
        (["fold_1", "fold_2"], True),
        (["images_cat", "images_dog"], False),
        (["crop1", "crop2"], False),
        (["c0", "c1"], False),
        (["0", "1"], False),
        (["part_1", "cat"], False),
        (["part_1"], False),
    ],
)
def test_folders_that_differ_by_a_number_are_pieces_where_a_word_says_so(names, pieces):
    assert are_pieces(names) is pieces
