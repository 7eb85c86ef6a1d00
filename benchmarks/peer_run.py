"""The measurement of a peer: its script in its own environment, read line by line."""

import json
import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.environments import PEERS, python_of, versions_of
from benchmarks.processes import FailedError, Figures, fill, thread_settings
from imagier.datasets.sources.named import NAMED_SETS, find_named
from imagier.machine import available_cores

__all__ = ["figures_of", "lines_in_time", "run_peer"]

SCRIPTS = Path(__file__).with_name("peers")
TOLERANCE = 1.1  # of the allowed time, as imagier's own budget has
PATIENCE = 7200.0  # seconds without a limit of its own
SLACK = 600.0  # seconds beyond its limit for answering the test pictures


def run_peer(arguments: Sequence[str], seed: int, _: Path) -> Figures:
    """Run a peer's script: its name, where its pictures are, its options.

    Raises:
        FailedError: Its environment cannot be made, it failed, or it did not finish one epoch.
    """
    script, source, *options = fill(arguments, seed)
    python = python_of(PEERS[script])
    threads = ("--threads", str(available_cores()))
    command = (str(python), str(SCRIPTS / f"{script}.py"), _place(source), *options, *threads)
    limit = _option(options, "--seconds")
    patience = PATIENCE if limit is None else 2 * limit + SLACK
    lines = _listen(command, patience)
    figures = figures_of(lines, limit=limit, threshold=_option(options, "--threshold"))
    if figures is None:
        reason = f"{script}: not one epoch in time"
        raise FailedError(reason)
    return figures | {
        "threads": available_cores(),
        "versions": versions_of(PEERS[script]),
        "command": " ".join((f"{script}.py", source, *options)),
    }


def figures_of(
    lines: Sequence[dict[str, Any]], *, limit: float | None, threshold: float | None
) -> Figures | None:
    """Gather what a peer said; None when it finished no epoch in time.

    Args:
        lines: One an epoch.
        limit: Seconds that it had; what it said later than a tenth beyond counts for nothing.
        threshold: Accuracy to reach. A peer that never does gives the seconds of all its epochs:
            less than it would need.
    """
    counted = lines_in_time(lines, limit)
    if not counted:
        return None
    reached = threshold is not None and counted[-1]["accuracy"] >= threshold
    last = counted[-1]
    figures = {
        "accuracy": last["accuracy"],
        "epochs": last.get("passes", last["epoch"]),
        "parameters": last.get("parameters"),
        "fit_seconds": last["fit_seconds"],
        "process_seconds": last["process_seconds"],
        "course": [[one["fit_seconds"], one["accuracy"]] for one in counted],
    }
    if threshold is not None:
        figures |= {"seconds_to_threshold": last["fit_seconds"], "reached": reached}
    return figures


def lines_in_time(lines: Sequence[dict[str, Any]], limit: float | None) -> list[dict[str, Any]]:
    """Keep the epochs that ended within the time, a tenth more allowed."""
    if limit is None:
        return list(lines)
    return [one for one in lines if one["process_seconds"] <= TOLERANCE * limit]


def _listen(command: Sequence[str], patience: float) -> list[dict[str, Any]]:
    """Collect the lines of a peer; one that outlives our patience is ended, its lines count.

    Raises:
        FailedError: It ended by itself, but not well.
    """
    ended = threading.Event()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | thread_settings(),
    ) as peer:

        def end() -> None:
            ended.set()
            peer.kill()

        timer = threading.Timer(patience, end)
        timer.start()
        try:
            said, complaints = peer.communicate()
        finally:
            timer.cancel()
            peer.kill()
    if peer.returncode and not ended.is_set():
        raise FailedError(complaints[-2000:])
    starts = ((line, line.find('{"epoch"')) for line in said.splitlines())
    return [json.loads(line[start:]) for line, start in starts if start >= 0]


def _place(source: str) -> str:
    """Give the folder of a named set, or the path as it is."""
    if source not in NAMED_SETS:
        return source
    place = find_named(source)
    if place is None:
        reason = f"{source} is nowhere on this machine"
        raise FailedError(reason)
    return str(place)


def _option(options: Sequence[str], name: str) -> float | None:
    return float(options[options.index(name) + 1]) if name in options else None
