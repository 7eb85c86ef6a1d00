"""`imagier neuron`: one neuron at work, its activation, what it learns, what takes a network."""

import re
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.decimals import AnyDecimal
from imagier.cli.framework import json_option, note, quiet_option, show
from imagier.cli.numbers import NumbersCommand, read_numbers
from imagier.cli.outputs import check_output, write_figure
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.answers import Answer

__all__ = ["neuron"]

ACTIVATIONS = ("heaviside", "sigmoid", "relu", "tanh", "softmax")
PLOTS = (".png", ".svg", ".gif")
DEEPEST, WIDEST = 4, 64


@click.command("neuron", cls=NumbersCommand, help=t("cli.neuron.help"))
@click.argument("weights", metavar=f"[{t('cli.neuron.weights_word')}]", required=False)
@click.option("--bias", metavar="B", help=t("cli.neuron.bias"))
@click.option("--input", "inputs", metavar="U1,U2…", help=t("cli.neuron.input"))
@click.option("--activation", type=click.Choice(ACTIVATIONS), help=t("cli.neuron.activation"))
@click.option("--learn", metavar=t("cli.neuron.learn_word"), help=t("cli.neuron.learn"))
@click.option("--hidden", metavar="N[,N]", help=t("cli.neuron.hidden"))
@click.option("--rate", type=AnyDecimal(), metavar="R", help=t("cli.neuron.rate"))
@click.option("--epochs", type=click.IntRange(1, 100_000), metavar="N", help=t("cli.neuron.epochs"))
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", default=0, help=t("cli.neuron.seed")
)
@click.option("--plot", "plotted", metavar="F.png|F.svg|F.gif", help=t("cli.neuron.plot"))
@click.option("--force", is_flag=True, help=t("cli.neuron.force"))
@json_option
@quiet_option
def neuron(
    weights: str | None,
    plotted: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    _check(weights, plotted, options)
    out = None
    if plotted is not None:
        read = [options["learn"]] if options["learn"] else []
        out = check_output(plotted, kinds=PLOTS, inputs=read, force=force)
    inputs = options["inputs"]
    point = None if inputs is None else read_numbers(inputs, name="--input")
    if weights is not None:
        answer = _sum(weights, point, options, is_plotted=out is not None)
    elif options["learn"] is not None:
        answer = _learn(point, options, quiet=quiet)
    else:
        answer = _activation(options["activation"], point, is_plotted=out is not None)
    if out is not None:
        write_figure(answer, out, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"plot": plotted})


def _check(weights: str | None, plotted: str | None, options: dict[str, Any]) -> None:
    """Refuse words that do not go together."""
    learn = options["learn"]
    if weights and learn:
        raise UsageError("neuron_weights_and_learn")
    for name in ("hidden", "rate", "epochs"):
        if options[name] is not None and not learn:
            raise UsageError("neuron_only_learning", option=f"--{name}")
    if options["bias"] is not None and not weights:
        raise UsageError("neuron_bias_alone")
    if options["activation"] == "softmax" and (weights or learn):
        raise UsageError("neuron_softmax")
    if not (weights or learn or options["activation"] or plotted):
        raise UsageError("neuron_nothing")
    if weights and options["inputs"] is None and plotted is None:
        raise UsageError("neuron_no_input")


def _sum(
    weights: str, point: tuple[float, ...] | None, options: dict[str, Any], *, is_plotted: bool
) -> "Answer":
    from imagier.neurons import Neuron, NeuronSum

    known = read_numbers(weights, name=t("cli.neuron.weights_word"))
    bias = 0.0 if options["bias"] is None else _one_number(options["bias"])
    cell = Neuron(weights=known, bias=bias)
    if point is not None:
        cell.weighted_sum(point)
    if is_plotted and len(known) != 2:
        raise UsageError("neuron_plane", n=len(known))
    return NeuronSum(neuron=cell, inputs=point, activation=options["activation"])


def _activation(name: str | None, point: tuple[float, ...] | None, *, is_plotted: bool) -> "Answer":
    from imagier.neurons import ActivationCurves, SoftmaxShares

    if name == "softmax":
        if point is None:
            raise UsageError("neuron_softmax_input")
        if is_plotted:
            raise UsageError("neuron_softmax_plot")
        return SoftmaxShares(inputs=point)
    asked = {"names": (name,) if name else None, "places": point}
    return ActivationCurves(**_given(asked))


def _learn(point: tuple[float, ...] | None, options: dict[str, Any], *, quiet: bool) -> "Answer":
    from imagier.neurons import read_examples, run_mlp, run_perceptron

    examples = read_examples(options["learn"])
    for text in examples.notes:
        note(text, quiet=quiet)
    asked = {"learning_rate": options["rate"], "epochs": options["epochs"]}
    activation, hidden = options["activation"], options["hidden"]
    if hidden is not None:
        asked |= {"activation": activation, "seed": options["seed"], "hidden": _widths(hidden)}
        return run_mlp(examples, inputs=point, **_given(asked))
    if activation not in (None, "heaviside"):
        raise UsageError("neuron_rule_fires", activation=activation)
    return run_perceptron(examples, inputs=point, **_given(asked))


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _widths(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    is_right = len(words) <= DEEPEST and all(
        re.fullmatch("[0-9]{1,3}", word) and 1 <= int(word) <= WIDEST for word in words
    )
    if not is_right:
        received = printable(text[:40])
        raise UsageError("neuron_hidden", received=received, widest=WIDEST, deepest=DEEPEST)
    return tuple(map(int, words))


def _one_number(text: str) -> float:
    numbers = read_numbers(text.replace(",", ".") if text.count(",") == 1 else text, name="--bias")
    if len(numbers) != 1:
        raise UsageError("numbers", name="--bias", received=text)
    return numbers[0]
