"""Lines as the loop shows them: the same for the same draw, with the loss of their texts."""

import dataclasses

import numpy as np
import pytest
import torch

from imagier.datasets.synthetic import STYLES, Glyphs, uniform_texts
from imagier.images import Prepare
from imagier.reading.alphabet import Alphabet
from imagier.reading.ctc import log_probability
from imagier.reading.line_augmentation import CHANGES, changed_lines
from imagier.reading.line_data import LineComposer, LineSet, PreparedLines
from imagier.reading.line_examples import LineExamples, LineTexts, best_paths
from imagier.training import Plan

SETTINGS = Prepare(height=32, width=96, channels=1, fit="line")
PLAN = Plan(
    network="reader",
    epochs=10,
    epoch_size=12,
    batch_size=4,
    learning_rate=0.01,
    weight_decay=0.0,
    loss="ctc",
    class_weights=(1.0,) * 4,
    patience=None,
    seed=3,
    threads=1,
)


@pytest.fixture(scope="module")
def composer():
    return LineComposer(
        glyphs=Glyphs.of_fonts(["DejaVu Sans"], "017"),
        style=STYLES["print"],
        draw=uniform_texts("017", shortest=1, longest=3),
        settings=SETTINGS,
        seed=5,
    )


@pytest.fixture
def real():
    levels = np.random.default_rng(0).integers(0, 256, (5, 32, 96, 1), dtype=np.uint8)
    names = tuple(f"{n}.png" for n in range(5))
    return LineSet(pixels=levels, texts=("0", "1", "7", "01", "70"), names=names, documents=names)


@pytest.fixture
def lines(composer, real):
    return PreparedLines(
        name="lines",
        alphabet=Alphabet(characters=("0", "1", "7")),
        settings=SETTINGS,
        train=real,
        validation=real,
        test=real,
        composer=composer,
        fingerprint="x",
        tested=np.array(["a"]),
        split_csv="",
    )


def examples_of(lines, **changes):
    some = dataclasses.replace(lines, **changes)
    return LineExamples(some, slots=12, judging=3)


def test_a_slot_shows_the_same_whatever_its_batch(lines):
    examples = examples_of(lines)
    together, texts = examples.shown(np.arange(12), PLAN, 4)
    alone, text = examples.shown(np.array([7]), PLAN, 4)
    torch.testing.assert_close(together[7], alone[0])
    assert texts.lines()[7] == text.lines()[0]
    later, _ = examples.shown(np.array([7]), PLAN, 5)
    assert not torch.equal(alone, later)


def test_real_lines_take_over_from_composed_ones(lines):
    examples = examples_of(lines)
    shares = [examples.real_share(done / 10) for done in range(10)]
    assert 0 < shares[0] < shares[-1] <= 1
    assert examples_of(lines, composer=None).real_share(0.0) == 1
    none = lines.train.take(np.array([], np.int64))
    assert examples_of(lines, train=none).real_share(0.9) == 0


def test_every_real_line_is_shown_in_turn(lines):
    examples = examples_of(lines, composer=None)
    _, texts = examples.shown(np.arange(12), PLAN, 0)
    assert {tuple(one) for one in texts.lines()} == {(1,), (2,), (3,), (1, 2), (3, 1)}


class Spelling(torch.nn.Module):
    """Answers as if it read each line, the first time as the last."""

    def __init__(self, texts, columns):
        super().__init__()
        self.answers = torch.full((len(texts), columns, 4), -20.0)
        self.answers[:, :, 0] = 0.0
        for row, text in enumerate(texts):
            for place, one in enumerate(text):
                self.answers[row, 4 + 8 * place, one] = 20.0

    def forward(self, inputs):
        return self.answers[: len(inputs)]


def test_real_lines_are_joined_anew_once_the_reader_knows_where_characters_stand(lines):
    lines.train.pixels[:, :, 60:] = 255  # there is room for a longer one
    examples = examples_of(lines, composer=None)
    whole = {(1,), (2,), (3,), (1, 2), (3, 1)}
    network = Spelling([[1], [2], [3], [1, 2], [3, 1]], 24)
    examples.look(network, PLAN, 0)
    assert examples.state() == {}
    examples.look(network, PLAN, 2)
    texts = {
        tuple(one)
        for done in range(2, 10)
        for one in examples.shown(np.arange(12), PLAN, done)[1].lines()
    }
    assert texts - whole == {(1, 1), (3, 2)}

    again = examples_of(lines, composer=None)
    again.load_state(examples.state())
    ours, theirs = (some.shown(np.arange(12), PLAN, 9) for some in (examples, again))
    torch.testing.assert_close(ours[0], theirs[0])
    assert ours[1].lines() == theirs[1].lines()


def test_the_mix_of_an_epoch_does_not_hang_on_a_later_cut(lines):
    examples = examples_of(lines)
    _, planned = examples.shown(np.arange(12), PLAN, 3)
    _, cut = examples.shown(np.arange(12), PLAN.cut(5, 6), 3)
    assert planned.lines() == cut.lines()


def test_the_loss_is_minus_the_logarithm_of_the_text(lines):
    examples = examples_of(lines)
    outputs = torch.randn(2, 8, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    truth = LineTexts(characters=torch.tensor([1, 2, 3]), lengths=torch.tensor([2, 1]))
    score = examples.score(outputs, truth, PLAN)
    columns = outputs.detach().softmax(dim=2).numpy()
    expected = -sum(
        log_probability(one, text) for one, text in zip(columns, [[1, 2], [3]], strict=True)
    )
    assert score.loss == pytest.approx(expected, rel=1e-4)
    assert float(score.error.detach()) == pytest.approx(expected / 3, rel=1e-4)
    score.error.backward()
    assert torch.isfinite(outputs.grad).all()


def test_lines_that_are_spelt_right_are_counted(lines):
    outputs = torch.full((2, 4, 4), -9.0)
    for line, path in enumerate([[1, 1, 0, 2], [3, 0, 0, 3]]):
        for column, one in enumerate(path):
            outputs[line, column, one] = 9.0
    truth = LineTexts(characters=torch.tensor([1, 2, 3]), lengths=torch.tensor([2, 1]))
    assert examples_of(lines).score(outputs, truth, PLAN).right == 1


def test_a_text_with_no_room_for_it_costs_nothing_endless(lines):
    outputs = torch.zeros(1, 2, 4, requires_grad=True)
    truth = LineTexts(characters=torch.tensor([1, 1, 1]), lengths=torch.tensor([3]))
    score = examples_of(lines).score(outputs, truth, PLAN)
    assert np.isfinite(score.loss)


def test_equal_neighbours_are_one_character():
    assert best_paths(np.array([[1, 1, 0, 1, 2], [0, 0, 0, 0, 0]])) == [[1, 1, 2], []]


def test_changes_are_small_and_stay_on_the_paper():
    line = np.full((1, 32, 96, 1), 220, np.uint8)
    line[0, 8:24, 10:14] = 20
    middle = np.full((1, CHANGES), 0.5)
    middle[:, -2:] = 0  # no noise, no bends
    moved = np.roll(line, 2, axis=2)  # as far as a line moves to the right on average
    np.testing.assert_allclose(changed_lines(line, middle).numpy(), moved, atol=0.1)
    drawn = np.random.default_rng(0).random((40, CHANGES))
    changed = changed_lines(np.repeat(line, 40, axis=0), drawn).numpy()
    assert changed.min() >= 0
    assert changed.max() <= 255
    dark = changed.min(axis=(1, 3))  # of each column
    places = dark.argmin(axis=1)
    assert 4 <= places.min() < places.max() <= 28


def test_a_line_that_fills_the_input_keeps_its_end():
    line = np.full((1, 32, 96, 1), 220, np.uint8)
    line[0, 4:28, 88:92] = 20
    drawn = np.random.default_rng(1).random((40, CHANGES))
    drawn[:, [2, 4, 5]] = 0.5  # neither moved nor slanted
    drawn[:, 8:11] = 0.5
    changed = changed_lines(np.repeat(line, 40, axis=0), drawn).numpy()
    ends = changed[:, 16, :, 0]  # nothing else is on the line
    assert (ends.min(axis=1) < np.median(changed[:, 16, :, 0], axis=1) - 40).all()


def test_a_line_that_fills_its_height_is_hardly_cut():
    line = np.full((1, 32, 96, 1), 220, np.uint8)
    line[0, 0:3, 10:60] = line[0, 29:32, 10:60] = 20  # strokes along both ends
    drawn = np.random.default_rng(2).random((60, CHANGES))
    drawn[:, [6, 7, 11, 12]] = 0.5, 0.5, 0.5, 0.0  # as dark as it is
    changed = changed_lines(np.repeat(line, 60, axis=0), drawn).numpy()[..., 0]
    middle = changed[:, :, 30:40].min(axis=2)  # of each row
    for half in (middle[:, :16], middle[:, 16:]):
        assert (half.min(axis=1) < 110).mean() > 0.9


def test_bends_move_places_by_a_pixel_or_two_and_each_line_by_its_own():
    line = np.full((1, 32, 96, 1), 220, np.uint8)
    line[0, 15:17] = 20
    drawn = np.full((2, CHANGES), 0.5)
    drawn[:, 12], drawn[:, 13] = 0.0, (0.5, 0.6)
    changed = changed_lines(np.repeat(line, 2, axis=0), drawn).numpy()[..., 0]
    rows = (changed < 120).argmax(axis=1)  # of the stroke in each column
    assert 1 <= np.ptp(rows[0]) <= 8
    assert not np.array_equal(*rows)
