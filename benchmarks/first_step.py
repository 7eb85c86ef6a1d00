"""Started as a process of its own: how long until learning takes its first step?

Prints one JSON object: seconds since the process began, and those that importing torch took.
"""

import json
import sys
import time

__all__ = ["main"]


class _BegunError(Exception):
    """Learning has begun: nothing more to measure."""


def main(source: str) -> None:
    """Print the seconds from the start of this process to the first step of learning."""
    before = time.monotonic()
    import torch  # noqa: F401 - timed apart, as it weighs the same in every tool built on it

    torch_seconds = time.monotonic() - before
    from imagier.learning import Progress, TrainOptions, train_recognizer
    from imagier.machine import process_started

    def stop_at_first_step(progress: Progress) -> None:
        if progress.phase in ("pilot", "features", "fit"):
            raise _BegunError

    started = process_started()
    try:
        train_recognizer(source, TrainOptions(), started=started, progress=stop_at_first_step)
    except _BegunError:
        seconds = time.monotonic() - started
    figures = {
        "seconds_to_first_step": round(seconds, 2),
        "torch_import_seconds": round(torch_seconds, 2),
        "seconds_without_torch": round(seconds - torch_seconds, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1])
