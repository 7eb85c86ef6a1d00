"""The answers of the room, made without the command line: the same for a page and a notebook."""

import json
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from imagier.errors import UsageError
from imagier.i18n import use_language
from imagier.neurons import (
    ACTIVATIONS,
    GATES,
    ActivationCurves,
    Neuron,
    NeuronSum,
    SoftmaxShares,
    count_network,
    read_examples,
    run_mlp,
    run_perceptron,
    standardised,
    train_mlp,
)

NEURON = Neuron(weights=(3.2, 5.1), bias=3.0)
ANSWERS = {
    "sum": lambda: NeuronSum(neuron=NEURON, inputs=(1.0, 1.0)),
    "line": lambda: NeuronSum(neuron=NEURON),
    "curves": ActivationCurves,
    "softmax": lambda: SoftmaxShares(inputs=(5.0, 10.0, 15.0, 20.0)),
    "rule": lambda: run_perceptron(read_examples("and"), inputs=(1.0, 1.0)),
    "circles": lambda: run_perceptron(read_examples("xor")),
    "network": lambda: run_mlp(read_examples("xor"), hidden=(2,), inputs=(1.0, 0.0)),
    "count": lambda: count_network("dense:8,8"),
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_lines_json_figures_and_tables(name, language):
    answer = ANSWERS[name]()
    with use_language(language):
        assert all(isinstance(line, str) for line in answer.lines())
        assert list(answer.lines())
        assert all(
            figure.content(".svg").startswith(b"<svg") for figure in answer.figures().values()
        )
    assert json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert all(table.csv() for table in answer.tables().values())
    assert list(answer.notes) == []


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "count"])
def test_all_answers_of_a_neuron_have_the_same_keys(name):
    keys = list(ANSWERS["sum"]().to_json())
    assert list(ANSWERS[name]().to_json()) == keys
    assert (keys[0], keys[-2:]) == ("mode", ["gradient", "plot"])


def test_what_has_no_figure_gives_none():
    assert SoftmaxShares(inputs=(1.0, 2.0)).figures() == {}
    assert NeuronSum(neuron=Neuron(weights=(1.0, 2.0, 3.0), bias=0.0)).figures() == {}
    with pytest.raises(UsageError) as refused:
        ActivationCurves(names=tuple(ACTIVATIONS)).figures()["figure"].content(".gif")
    assert refused.value.code == "nothing_moves"


def test_columns_stand_under_each_other_where_letters_are_wide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("0,0,猫\n2,1,chien\n3,3,chien\n-1,0,猫\n", "utf-8")
    answer = run_perceptron(read_examples("t.csv"))
    with use_language("en"):
        table = [line for line in answer.lines() if "猫" in line or line.lstrip()[:1] == "1"]
        head = next(line for line in answer.lines() if "example" in line and "wanted" in line)
    ends = {cell_len(line) for line in (head, *table)}
    assert len(table) >= 2
    assert len(ends) == 1


def test_the_table_of_a_network_has_its_layers():
    lines = count_network("dense:8,8").tables()["table"].csv().splitlines()
    assert lines[:2] == ["layer,output,weights,biases,multiplications", "dense,8,6272,8,6272"]


# Learning again from other first weights


def test_a_local_minimum_is_left_for_the_next_seed():
    found = train_mlp(GATES["xor"], hidden=(2,), seed=11, steps=300)
    assert found.seed == 14
    assert found.history[-1].right == 4
    assert [moment.number for moment in found.history][:3] == [0, 1, 2]


def test_inputs_are_brought_to_mean_0_and_std_1(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("10,5,a\n20,5,b\n60,5,b\n", "utf-8")
    scaled = standardised(read_examples("t.csv").examples)
    assert scaled.points.mean(axis=0) == pytest.approx(np.zeros(2))
    assert scaled.points.std(axis=0) == pytest.approx(np.array([1, 0]))
    answer = run_mlp(read_examples("t.csv"), hidden=(2,), epochs=10)
    with use_language("en"):
        assert "standard deviation 1" in answer.notes[0]
