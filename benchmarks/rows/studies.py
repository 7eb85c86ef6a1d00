"""The suite `studies`: the chapters as tools, against the libraries people use for the same.

The pictures are the 0.39-million-pixel photos of CQ100 in `IMAGIER_DATA`/cq100.
"""

from benchmarks.rows.row import Row

__all__ = ["STUDIES"]

PHOTOS = "{data}/cq100"
QUANTIZERS = {
    "mediancut": "Pillow's median cut",
    "maxcoverage": "Pillow's maximum coverage",
    "fastoctree": "Pillow's octree",
    "imagequant": "imagequant",
}


def _against_kmeans(
    name: str,
    arguments: tuple[str, ...],
    *,
    minutes: float,
    goals: tuple[tuple[str, str, str], ...],
) -> tuple[Row, ...]:
    """Give rows that read several figures of one measurement; each is a figure, goal and wish."""
    titles = {
        "seconds_ratio": "seconds of scikit-learn's k-means / ours",
        "error_ratio": "our squared error / its mean over seeds",
        "worst_error_ratio": "our squared error / its mean over seeds, worst picture",
    }
    return tuple(
        Row(
            name=f"{name}: {titles[figure]}",
            task="colour_contest",
            arguments=arguments,
            seeds=1,
            figure=figure,
            goal=goal,
            want=want,
            minutes=minutes,
        )
        for figure, goal, want in goals
    )


def _against_quantizer(quantizer: str, k: int) -> Row:
    return Row(
        name=f"palette of {k}: our squared error / {QUANTIZERS[quantizer]}",
        task="quantizers",
        arguments=(quantizer, PHOTOS, str(k)),
        seeds=1,
        figure="error_ratio",
        goal="< 1",
        minutes=1,
    )


STUDIES = (
    *_against_kmeans(
        "palette of 16, 0.39 Mpx",
        ("palette", PHOTOS, "16", "100"),
        minutes=3,
        goals=(
            ("seconds_ratio", ">= 6", ">= 15"),
            ("error_ratio", "<= 1.0", "<= 0.99"),
            ("worst_error_ratio", "<= 1.03", ""),
        ),
    ),
    *_against_kmeans(
        "palette of 16, 9.8 Mpx",
        ("large", PHOTOS, "16", "5"),
        minutes=5,
        goals=(("seconds_ratio", ">= 40", ">= 80"), ("error_ratio", "<= 1.0", "<= 0.99")),
    ),
    *(_against_quantizer(quantizer, k) for k in (16, 256) for quantizer in QUANTIZERS),
    *_against_kmeans(
        "8 segments, 0.39 Mpx",
        ("segment", PHOTOS, "8", "100"),
        minutes=4,
        goals=(("seconds_ratio", ">= 3", ">= 8"), ("error_ratio", "<= 1.005", "")),
    ),
)
