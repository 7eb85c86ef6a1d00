"""Started as a process of its own: how much of the machine's matrix multiplication learning uses.

The same learning is carried out twice: once with torch's counter of floating-point operations,
once on the clock. Operations by seconds of `fit`, against the pace of a large matrix product right
before and after. Prints one JSON object.
"""

import json
import sys
import time

__all__ = ["main"]

SIDE = 2048
SECONDS = 1.0


def main(source: str, network: str, seed: str) -> None:
    """Print the share for one epoch of a network."""
    from torch.utils.flop_counter import FlopCounterMode

    from imagier.machine import available_cores

    threads = available_cores()
    counter = FlopCounterMode(display=False)
    with counter:
        _fit(source, network, int(seed))
    flops = counter.get_total_flops()
    before = _gflops(threads)
    seconds = _fit(source, network, int(seed))
    after = _gflops(threads)
    gflops = flops / seconds / 1e9
    figures = {
        "share": round(gflops / ((before + after) / 2), 4),
        "gflops": round(gflops, 2),
        "sgemm_gflops": [round(before, 1), round(after, 1)],
        "flops": flops,
        "fit_seconds": seconds,
        "threads": threads,
    }
    print(json.dumps(figures))


def _fit(source: str, network: str, seed: int) -> float:
    """Learn for one epoch; the seconds of `fit`: steps and validation, nothing else."""
    from imagier.learning import TrainOptions, train_recognizer

    options = TrainOptions(network=network, epochs=1, seed=seed)
    result = train_recognizer(source, options)
    return float(result.report.train_json()["seconds"]["fit"])


def _gflops(threads: int) -> float:
    """Multiply large matrices for a second."""
    import torch

    torch.set_num_threads(threads)
    matrix = torch.rand(SIDE, SIDE)
    matrix @ matrix
    number, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        matrix @ matrix
        number += 1
    return float(2 * SIDE**3 * number / (time.perf_counter() - started) / 1e9)


if __name__ == "__main__":
    main(*sys.argv[1:])
