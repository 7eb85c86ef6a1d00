"""The files of `imagier convolve`: the result, the strip of its stages, the kernel on its way."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.cli.framework import note
from imagier.cli.outputs import write_output
from imagier.errors import UsageError
from imagier.i18n import decimal, integer, t

if TYPE_CHECKING:
    from imagier.cli.convolving import Work
    from imagier.convolution import Stage
    from imagier.convolution.drawing import Panel

__all__ = ["PLOTS", "WRITTEN", "plot", "stage_title", "write"]

WRITTEN = (".png", ".csv")
PLOTS = (".png", ".svg", ".gif")
MOST_FRAMES = 120


def write(out: Path, work: "Work", *, quiet: bool) -> None:
    """Write the last stage: its numbers (.csv), or a picture of them (.png)."""
    maps = work.stages[-1].maps
    if out.suffix.lower() == ".csv":
        write_output(out, _as_csv(maps), quiet=quiet)
        return
    from imagier.convolution.drawing import montage, tinted
    from imagier.images import to_png

    sheet = montage(maps)
    if work.stages[-1].is_signed:
        note(t("cli.convolve.signed_colours"), quiet=quiet)
        write_output(out, to_png(tinted(sheet)), quiet=quiet)
        return
    white = _white(work, maps)
    if white != 255:
        note(t("cli.convolve.white", white=_short(white)), quiet=quiet)
    shades = tinted(sheet, white=white)
    write_output(out, to_png(shades[:, :, :1] if maps.shape[2] == 1 else shades), quiet=quiet)


def plot(path: Path, work: "Work", *, quiet: bool) -> None:
    """Draw all stages side by side, or (.gif) the kernel on its way over the picture.

    Raises:
        UsageError: `convolve_gif`, when there is no kernel or too many places for a film.
    """
    from imagier.figures import png, svg

    if path.suffix.lower() == ".gif":
        write_output(path, _film(work), quiet=quiet)
        return
    from imagier.convolution.drawing import strip

    figure = strip(_panels(work))
    is_svg = path.suffix.lower() == ".svg"
    label = t("cli.convolve.alt", name=work.picture.name)
    content = svg(figure, label=label).encode() if is_svg else png(figure)
    write_output(path, content, quiet=quiet)


def stage_title(stage: "Stage", work: "Work") -> str:
    """Name a stage in a few words: the picture, the kernel, ReLU..."""
    from imagier.convolution import Layer, Pool, Relu, Slide

    match stage.step:
        case None:
            return work.picture.name
        case Slide(kernel=kernel):
            return t("cli.convolve.stage.kernel", kernel=kernel.name)
        case Layer(kernels=kernels):
            n = len(kernels)
            return t("cli.convolve.stage.layer", n=n, number=integer(n))
        case Relu():
            return t("cli.convolve.stage.relu")
        case Pool(size=size):
            return t("cli.convolve.stage.pool", size=size)
        case _:
            return t("cli.convolve.stage.batch_norm")


def _panels(work: "Work") -> "list[Panel]":
    from imagier.convolution import Layer
    from imagier.convolution.drawing import Panel

    panels: list[Panel] = []
    for stage in work.stages:
        is_first = stage.step is None
        maps, white = stage.maps, work.picture.scale if is_first else None
        if is_first and work.model:
            maps = work.picture.levels.astype(np.float64).mean(axis=2, keepdims=True)
        if isinstance(stage.step, Layer) and stage.step.kernels.shape[1] == 1:
            kernels = stage.step.kernels[:, 0].transpose(1, 2, 0)
            panels.append(Panel(title=t("cli.convolve.stage.kernels"), maps=kernels))
        panels.append(Panel(title=stage_title(stage, work), maps=maps, white=white))
    return panels


def _film(work: "Work") -> bytes:
    from imagier.convolution import Slide
    from imagier.convolution.drawing import sliding_frames
    from imagier.figures import gif

    step = next((stage.step for stage in work.stages if isinstance(stage.step, Slide)), None)
    if step is None:
        raise UsageError("convolve_gif", limit=MOST_FRAMES)
    result = next(stage.maps for stage in work.stages if stage.step is step)
    if result[..., 0].size > MOST_FRAMES:
        raise UsageError("convolve_gif", limit=MOST_FRAMES)
    titles = (work.picture.name, t("cli.convolve.stage.kernel", kernel=step.kernel.name))
    frames = sliding_frames(
        work.stages[0].maps[:, :, 0],
        step.kernel.numbers,
        titles,
        stride=step.stride,
        padding=step.padding,
    )
    return gif(frames, seconds=0.6)


def _white(work: "Work", maps: NDArray[np.float64]) -> float:
    """Keep the picture's own white, unless a number is greater."""
    greatest = float(maps.max())
    return max(float(work.picture.scale or 0), greatest) or 1.0


def _short(number: float) -> str:
    return integer(int(number)) if number == int(number) else decimal(number, 2)


def _as_csv(maps: NDArray[np.float64]) -> bytes:
    """Write every digit; several maps as several tables with an empty line between."""
    tables = [_table(maps[:, :, place]) for place in range(maps.shape[2])]
    return "\n".join(tables).encode("ascii")


def _table(numbers: NDArray[Any]) -> str:
    return "".join(",".join(_exact(number) for number in row) + "\n" for row in numbers.tolist())


def _exact(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)
