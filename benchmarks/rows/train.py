"""The suite `train`: learning at the speed of the hardware, against the tools people use.

Everything was chosen on training and validation pictures; these rows open the test parts.
`minutes` add up to about five hours on two slow cores.
"""

from benchmarks.rows.row import Contender, Row

__all__ = ["TRAIN"]

# The recipe of the rows by epochs: the shortest that reaches its threshold in the mean.
MNIST_EPOCHS, FASHION_EPOCHS = "1", "3"
SEED = ("--seed", "{seed}")
CLOTHING = ("{data}/clothing/train", "--test", "{data}/clothing/validation")
CLOTHING_PARTS = "{data}/clothing"
PHOTO_SIDE = "160"  # of the peers that learn every weight: at 224 they see each photo hardly once
DRAWING_SIDE = "64"


def _to_threshold(
    source: str,
    threshold: str,
    epochs: str,
    *,
    must: str,
    want: str,
    minutes: float,
    peer_minutes: float,
) -> tuple[Row, Row]:
    """Give the ratio of times to the same accuracy, and the accuracy that makes it count."""
    share = f"{100 * float(threshold):.1f} %"
    command = (source, "--network", "cnn", "--epochs", epochs, *SEED)
    keras = ("keras_convnet", source, "--threshold", threshold, "--epochs", "15", *SEED)
    ratio = Row(
        name=f"{source} to {share}: seconds of Keras' example / ours",
        task="train",
        arguments=command,
        seeds=10,
        figure="fit_seconds",
        goal=f">= {must}",
        want=f">= {want}",
        peer=Contender(
            task="peer",
            arguments=keras,
            seeds=3,
            figure="seconds_to_threshold",
            minutes=peer_minutes,
        ),
        compare="ratio",
        least_accuracy=float(threshold),
        minutes=minutes,
    )
    accuracy = Row(
        name=f"{source} to {share}: mean accuracy of these runs",
        task="train",
        arguments=command,
        seeds=10,
        figure="accuracy",
        goal=f">= {threshold}",
        minutes=minutes,
    )
    return ratio, accuracy


def _budget(
    name: str, source: tuple[str, ...], budget: str, *, must: str, want: str, seconds: int
) -> tuple[Row, Row]:
    """Give what a budget buys, and whether the budget was kept within a tenth."""
    command = (*source, "--budget", budget, *SEED)
    accuracy = Row(
        name=f"{name}, {budget}",
        task="train",
        arguments=command,
        seeds=3,
        figure="accuracy",
        goal=f">= {must}",
        want=f">= {want}",
        minutes=seconds / 60,
    )
    watch = Row(
        name=f"{name}, {budget}, by the watch",
        task="train",
        arguments=command,
        seeds=3,
        figure="process_seconds",
        goal=f"<= {round(1.1 * seconds)}",
        over="max",
        minutes=seconds / 60,
    )
    return accuracy, watch


def _equal_time(
    name: str, script: str, source: tuple[str, ...], place: str, budget: int, side: str = ""
) -> Row:
    """Give our accuracy less that of a peer that learns as long as our whole process may take."""
    peer = (script, place, *(("--side", side) if side else ()), "--seconds", str(budget), *SEED)
    word = f"{budget}s" if budget < 600 else f"{budget // 60}m"
    return Row(
        name=f"{name}, points ahead of {PEER_NAMES[script]} in {word}",
        task="train",
        arguments=(*source, "--budget", word, *SEED),
        seeds=3,
        figure="accuracy",
        goal="> 0",
        peer=Contender(
            task="peer", arguments=peer, seeds=1, figure="accuracy", minutes=budget / 60
        ),
        compare="points",
        minutes=budget / 60,
    )


def _shuffled(network: str, goal: str) -> Row:
    """Give what moving the pixels about, the same way in each picture, does to a network."""
    plain = ("mnist", "--network", network, "--epochs", "5")
    return Row(
        name=f"mnist, pixels shuffled: points gained by {network}",
        task="train",
        arguments=(*plain, "--shuffle-pixels", "1", *SEED),
        seeds=3,
        figure="accuracy",
        goal=goal,
        peer=Contender(task="train", arguments=(*plain, *SEED), seeds=3, figure="accuracy"),
        compare="points",
        minutes=1,
    )


PEER_NAMES = {
    "sklearn_mlp": "scikit-learn's MLP",
    "finetune": "a full fine-tune",
    "fastai_learner": "fastai",
}

TRAIN = (
    *_to_threshold(
        "mnist", "0.990", MNIST_EPOCHS, must="20", want="40", minutes=0.5, peer_minutes=8
    ),
    *_to_threshold(
        "fashion-mnist", "0.902", FASHION_EPOCHS, must="10", want="20", minutes=1, peer_minutes=14
    ),
    Row(
        name="cnn on mnist: share of the machine's matrix multiplication",
        task="sgemm_share",
        arguments=("mnist", "cnn"),
        seeds=3,
        figure="share",
        goal="",
        minutes=1,
    ),
    *(
        _equal_time(name, script, (name,), name, 60, side)
        for name in ("mnist", "fashion-mnist")
        for script, side in (
            ("sklearn_mlp", ""),
            ("finetune", DRAWING_SIDE),
            ("fastai_learner", ""),
        )
    ),
    _equal_time("clothing", "sklearn_mlp", CLOTHING, CLOTHING_PARTS, 90, "64"),
    _equal_time("clothing", "finetune", CLOTHING, CLOTHING_PARTS, 300, PHOTO_SIDE),
    _equal_time("clothing", "fastai_learner", CLOTHING, CLOTHING_PARTS, 300, PHOTO_SIDE),
    _shuffled("dense:128", ">= -0.5"),
    _shuffled("cnn", "<= -0.5"),
    Row(
        name="mnist, the deck's dense network with its source's settings",
        task="train",
        arguments=(
            *("mnist", "--network", "dense:8,8:sigmoid", "--optimizer", "sgd"),
            *("--learning-rate", "0.01", "--batch-size", "32", "--epochs", "40", *SEED),
        ),
        seeds=3,
        figure="accuracy",
        goal="",
        minutes=2,
    ),
    *_budget("clothing", CLOTHING, "90s", must="0.86", want="0.89", seconds=90),
    *_budget("mnist", ("mnist",), "10m", must="0.996", want="0.997", seconds=600),
    *_budget(
        "cifar10", ("{data}/cifar10-train.zip",), "10m", must="0.85", want="0.90", seconds=600
    ),
    *_budget("clothing", CLOTHING, "15m", must="0.88", want="0.91", seconds=900),
    *_budget("fashion-mnist", ("fashion-mnist",), "20m", must="0.935", want="0.945", seconds=1200),
    Row(
        name="100,000 photos of 224 pixels: peak anonymous memory, in GB",
        task="memory",
        arguments=("100000", "224", "--budget", "5m", *SEED),
        seeds=1,
        figure="peak_gigabytes",
        goal="<= 2",
        over="max",
        minutes=12,
    ),
    Row(
        name="killed at 200 instants and resumed: runs with other weights",
        task="kill",
        arguments=("200", "digits", "--network", "cnn", "--epochs", "12", *SEED),
        seeds=1,
        figure="different",
        goal="<= 0",
        over="max",
        minutes=20,
    ),
)
