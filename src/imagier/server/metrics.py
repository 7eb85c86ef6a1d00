"""What the server counts, in the text that Prometheus reads.

The format is that of https://prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4.
"""

import re
import resource
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from imagier.reading import ReadLine
from imagier.recognizer import Prediction

__all__ = ["DurationHistogram", "Metrics", "Sample", "write_samples"]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Sample: TypeAlias = tuple[str, Mapping[str, str], float]  # name, labels, value


class DurationHistogram:
    """How many values were at most so large.

    Args:
        bounds: The bounds, growing.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self.bounds, value)] += 1
        self._sum += value

    def samples(self, name: str, labels: Mapping[str, str]) -> Iterator[Sample]:
        """Give its samples: those up to each bound, the sum, how many there were."""
        below = 0
        for bound, count in zip((*self.bounds, None), self._counts, strict=True):
            below += count
            written = "+Inf" if bound is None else f"{bound:g}"
            yield f"{name}_bucket", {**labels, "le": written}, below
        yield f"{name}_sum", labels, self._sum
        yield f"{name}_count", labels, below


class Metrics:
    """What was counted since the start; no name of a picture or a client is among it."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.seconds: defaultdict[str, DurationHistogram] = defaultdict(
            lambda: DurationHistogram(SECONDS)
        )
        self.answers: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[str] = Counter()

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self.requests[route, status] += 1
        self.seconds[route].add(seconds)

    def count_named(self, model: str, answer: Prediction) -> None:
        """Count a picture that was named, or that the model would rather not name."""
        outcome = "stranger" if answer.stranger else "unsure" if answer.abstained else "named"
        self.answers[model, outcome] += 1

    def count_read(self, model: str, answers: Sequence[ReadLine]) -> None:
        """Count lines that were read, rejected, or could not be used."""
        for one in answers:
            outcome = "rejected" if one.rejected else "read" if one.error is None else "error"
            self.answers[model, outcome] += 1

    def count_refused(self, code: str) -> None:
        """Count a refusal by its code."""
        self.refused[code] += 1

    def samples(self) -> Iterator[Sample]:
        """Give all that was counted."""
        for (route, status), count in sorted(self.requests.items()):
            labels = {"route": route, "status": str(status)}
            yield "imagier_requests_total", labels, count
        for route, histogram in sorted(self.seconds.items()):
            yield from histogram.samples("imagier_request_seconds", {"route": route})
        for (model, outcome), count in sorted(self.answers.items()):
            yield "imagier_answers_total", {"model": model, "outcome": outcome}, count
        for code, count in sorted(self.refused.items()):
            yield "imagier_refusals_total", {"code": code}, count
        yield "process_resident_memory_bytes", {}, _resident()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield "process_cpu_seconds_total", {}, usage.ru_utime + usage.ru_stime


def write_samples(samples: Iterator[Sample]) -> str:
    r"""Write samples as text.

    >>> write_samples(iter([("a_total", {"of": 'x"\n'}, 2)]))
    '# TYPE a_total counter\na_total{of="x\\"\\n"} 2\n'
    """
    lines, last = [], ""
    for name, labels, value in samples:
        family = re.sub("_(bucket|sum|count)$", "", name)
        if family != last:
            lines.append(f"# TYPE {family} {_kind(name)}")
            last = family
        written = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        lines.append(f"{name}{{{written}}} {value:.10g}" if written else f"{name} {value:.10g}")
    return "\n".join(lines) + "\n"


def _kind(name: str) -> str:
    if name.endswith("_bucket"):
        return "histogram"
    return "counter" if name.endswith("_total") else "gauge"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _resident() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:  # no Linux: the most it ever had
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return float(pages * resource.getpagesize())
