"""Where does `make` find PyTorch? The build for processors where that index answers.

    pip install $(python docs/pytorch_index.py) torch

The build for processors alone is gigabytes smaller than the usual one, which is made for graphics
cards; but a machine behind a mirror may not reach its index, and pip would wait for minutes. So it
is asked once, for three seconds. The options for pip go to stdout, what was decided to stderr.
"""

import sys
import threading
import urllib.request

__all__ = ["answers"]

INDEX = "https://download.pytorch.org/whl/cpu"
SECONDS = 3.0


def answers(index: str, seconds: float = SECONDS) -> bool:
    """Tell whether an index answers in time, the look-up of its name counted.

    Args:
        index: Its address.
        seconds: How long it may take.
    """
    found: list[int] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=seconds) as reply:  # noqa: S310
                found.append(reply.status)
        except OSError:
            pass  # that is the answer

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return found == [200]


def main() -> None:
    """Print the options for pip, and say which index they name."""
    index = sys.argv[1] if len(sys.argv) > 1 else INDEX
    if answers(index):
        print(f"PyTorch: the build for processors, from {index}", file=sys.stderr)
        print(f"--extra-index-url {index}")
    else:
        print(
            f"PyTorch: {index} did not answer within {SECONDS:g} seconds; the usual build, from"
            " pip's own index, which may be gigabytes larger",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
