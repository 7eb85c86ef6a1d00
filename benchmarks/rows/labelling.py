"""The suite `label`: pictures by the million, killed and not, on this machine and on Ray.

Digits are 28 × 28 PNGs, photos those of `clothing` in `IMAGIER_DATA`. Paces leave the start out,
which stands beside them.
"""

from benchmarks.rows.row import Row

__all__ = ["LABEL"]

LABEL = (
    Row(
        name="kill -9 at 200 instants: rows lost, doubled or torn, files that differ",
        task="kill_label",
        arguments=("200", "2000"),
        seeds=1,
        figure="wrong",
        goal="<= 0",
        over="max",
        minutes=8,
    ),
    Row(
        name="20,000 digits by the slower of decoding and recognising alone",
        task="label_pace",
        arguments=("{data}/mnist", "20000", "3"),
        seeds=1,
        figure="of_slower_stage",
        goal=">= 0.85",
        want=">= 0.95",
        minutes=4,
    ),
    Row(
        name="2,000 photos by the slower of decoding and recognising alone",
        task="label_pace",
        arguments=("{data}/clothing/train", "2000", "3"),
        seeds=1,
        figure="of_slower_stage",
        goal=">= 0.85",
        want=">= 0.95",
        minutes=15,
    ),
    Row(
        name="20,000 digits by Ray with two workers, beside without",
        task="label_pace",
        arguments=("{data}/mnist", "20000", "3", "ray"),
        seeds=1,
        figure="ray_of_local",
        goal=">= 0.8",
        want=">= 0.9",
        minutes=5,
    ),
    Row(
        name="label 100,000 small PNGs: memory beyond that for 1,000, in MB",
        task="label_memory",
        arguments=("1000", "100000"),
        seeds=1,
        figure="extra_megabytes",
        goal="<= 50",
        want="<= 20",
        over="max",
        minutes=3,
    ),
)
