"""`imagier neuron`: one neuron at work, its bends, what it can learn, and what takes a network."""

from typing import Any

import click

from imagier.cli.framework import json_option, note, print_json, quiet_option
from imagier.cli.neuron_examples import read_examples
from imagier.cli.neuron_study import Study, to_json
from imagier.cli.numbers import NumbersCommand, read_numbers
from imagier.cli.outputs import check_output, write_output
from imagier.errors import UsageError
from imagier.i18n import t

__all__ = ["neuron"]

BENDS = ("heaviside", "sigmoid", "relu", "tanh", "softmax")
PLOTS = (".png", ".svg", ".gif")


@click.command("neuron", cls=NumbersCommand, help=t("cli.neuron.help"))
@click.argument("weights", metavar=f"[{t('cli.neuron.weights_word')}]", required=False)
@click.option("--bias", metavar="B", help=t("cli.neuron.bias"))
@click.option("--input", "inputs", metavar="U1,U2…", help=t("cli.neuron.input"))
@click.option("--activation", type=click.Choice(BENDS), help=t("cli.neuron.activation"))
@click.option("--learn", metavar=t("cli.neuron.learn_word"), help=t("cli.neuron.learn"))
@click.option("--hidden", metavar="N[,N]", help=t("cli.neuron.hidden"))
@click.option("--rate", type=float, metavar="R", help=t("cli.neuron.rate"))
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
    study = _study(weights, options, quiet=quiet)
    if out is not None:
        write_output(out, study.draw(out.suffix.lower()), quiet=quiet)
    if as_json:
        print_json(to_json(study, plot=plotted))
        return
    for line in study.lines():
        click.echo(line)


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


def _study(weights: str | None, options: dict[str, Any], *, quiet: bool) -> Study:
    """Do the one thing that is asked: compute, learn, or show a bend."""
    from imagier.cli import neuron_bends, neuron_learning, neuron_network, neuron_sum

    inputs = options.pop("inputs")
    numbers = None if inputs is None else read_numbers(inputs, name="--input")
    learn, hidden, bias = (options.pop(name) for name in ("learn", "hidden", "bias"))
    if weights is not None:
        known = read_numbers(weights, name=t("cli.neuron.weights_word"))
        number = 0.0 if bias is None else _one_number(bias)
        return neuron_sum.compute(known, number, inputs=numbers, bend=options["activation"])
    if learn is None:
        return neuron_bends.show(options["activation"], numbers)
    examples = read_examples(learn)
    for text in examples.notes:
        note(text, quiet=quiet)
    if hidden is not None:
        return neuron_network.learn(examples, hidden, inputs=numbers, quiet=quiet, **options)
    if options["activation"] not in (None, "heaviside"):
        raise UsageError("neuron_rule_fires", activation=options["activation"])
    settings = {"rate": options["rate"], "epochs": options["epochs"]}
    return neuron_learning.learn(examples, inputs=numbers, **settings)


def _one_number(text: str) -> float:
    numbers = read_numbers(text.replace(",", ".") if text.count(",") == 1 else text, name="--bias")
    if len(numbers) != 1:
        raise UsageError("numbers", name="--bias", received=text)
    return numbers[0]
