"""Labels parts on Ray Data: two processes of a laptop, or all machines of a cluster.

The same labeller stands in actors that Ray places; a part is a row that goes to one of them and
comes back with its answers. What is finished is kept by the process that asked, as ever: Ray is
given only parts that are not, and one that loses a machine in the middle has others do its parts.

https://docs.ray.io/en/latest/data/batch_inference.html
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from imagier.errors import ImagierError, MachineError
from imagier.files import printable
from imagier.labelling.batch.entries import to_line
from imagier.labelling.batch.labelled_part import LabelledPart, label_part
from imagier.labelling.batch.labeller import Labeller
from imagier.labelling.batch.worker_process import LabelOptions
from imagier.labelling.batch.worklist import WorkPart
from imagier.machine import available_cores

__all__ = ["label_on_ray"]

_MOST_BLOCKS = 4_000  # of parts: each is given to an actor as a whole
_STORE = 256 * 2**20  # bytes that pass between processes of this machine


class _PartActor:
    """A labeller as Ray wants it: from columns of parts to columns of labelled ones."""

    def __init__(self, onnx: bytes, options: LabelOptions) -> None:
        self._labeller = Labeller(onnx, top=options.top, max_error=options.max_error)
        self._kind = options.kind

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        asked = (json.loads(str(lines)) for lines in batch["lines"])
        found = [label_part(self._labeller, lines, self._kind).to_bytes() for lines in asked]
        kept = {name: batch[name] for name in ("name", "done")}
        return {**kept, "content": np.array(found, dtype=object)}


def label_on_ray(
    parts: Iterable[WorkPart],
    onnx: bytes,
    options: LabelOptions,
    *,
    address: str | None = None,
    workers: int | None = None,
) -> Iterator[tuple[WorkPart, LabelledPart]]:
    """Label parts on Ray, in the order in which they are done.

    Args:
        parts: What is to be labelled.
        onnx: The model's ONNX file.
        options: What is asked for.
        address: Of a Ray cluster; None to start one on this machine.
        workers: How many actors, a core each; None for one on each core there is.

    Raises:
        MachineError: `ray_missing` or `ray_failed`.
    """
    rows = [
        {"name": one.name, "done": one.done, "lines": json.dumps([*map(to_line, one.entries)])}
        for one in parts
    ]
    if not rows:
        return
    with _ray(address, workers) as ray:
        actors = min(len(rows), workers or int(ray.cluster_resources().get("CPU", 1)))
        data = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MOST_BLOCKS))
        labelled = data.map_batches(
            _PartActor,
            fn_constructor_kwargs={"onnx": onnx, "options": options},
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=actors),
            num_cpus=1,
        )
        for row in labelled.iter_rows():
            part = LabelledPart.from_bytes(row["content"])
            assert part is not None  # noqa: S101 - Ray checks what it carries
            yield WorkPart(name=row["name"], entries=(), done=row["done"]), part


@contextmanager
def _ray(address: str | None, workers: int | None) -> Iterator[Any]:
    """Join or start Ray; leave it as it was.

    Raises:
        MachineError: `ray_missing` or `ray_failed`.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # else it tells its makers
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError:
        raise MachineError("ray_missing") from None
    is_ours = not ray.is_initialized()
    here: dict[str, Any] = {}
    if address is None:
        here = {"num_cpus": workers or available_cores(), "object_store_memory": _STORE}
    try:
        if is_ours:
            ray.init(
                address=address,
                log_to_driver=False,
                logging_level=logging.ERROR,
                include_dashboard=False,
                **here,
            )
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield ray
    except ImagierError:
        raise
    except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError) as error:
        raise MachineError("ray_failed", reason=printable(str(error))[-300:]) from error
    finally:
        if is_ours:
            ray.shutdown()
