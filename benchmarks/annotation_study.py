"""How many clicks until 95 % of a folder's pictures bear their right name?

    python -m benchmarks.annotation_study clothing/train [GROUPS...]

An annotator who knows the truth (the sub-folders) answers the questions of `imagier annotate`. A
click is one name given or accepted, for all that is shown or for one picture; one picture left out;
one page skipped. He names a page after most of its pictures and leaves the others out, and skips it
where no name is that of half of them. Compared with naming one picture after the other in random
order: a click each. Every picture is seen before it bears a name, and no name is wrong.

Prints a line a number of groups (given as the mean number of pictures in a group) and seed, and one
JSON object at the end.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.labelling import describe_pictures
from imagier.labelling.annotation import Annotations, Question, Session
from imagier.labelling.annotation.session import PAGE

__all__ = ["SEEDS", "SHARE", "SIZES", "main", "study"]


SHARE = 0.95
SIZES = (10, 20, 30)
SEEDS = (0, 1, 2)


def study(
    paths: list[str], points: NDArray[np.float64], *, groups: int, page: int, seed: int
) -> dict[str, float]:
    """Name until 95 % are named right; give the clicks and what they were for."""
    state, begin = Annotations(), time.process_time()
    session = Session(
        paths, points, state=state, record=state.apply, groups=groups, page=page, seed=seed
    )
    clicks, questions, after_groups, seen = 0, {"group": 0, "page": 0, "picture": 0}, 0, 0
    named_after_groups = 0
    while len(state.names) < SHARE * len(paths):
        question = session.question()
        if question is None:
            break
        seen += len(question.paths)
        clicks += _answer(session, question)
        questions[question.kind] += 1
        if question.kind == "group":
            after_groups, named_after_groups = clicks, len(state.names)
    right = sum(Path(path).parts[0] == name for path, name in state.names.items())
    return {
        "k": groups,
        "page": page,
        "seed": seed,
        "clicks": clicks,
        "clicks_in_groups": after_groups,
        "named_in_groups": named_after_groups,
        "right": right,
        "seen": seen,
        **{f"{kind}_questions": n for kind, n in questions.items()},
        "seconds": round(time.process_time() - begin, 1),
    }


def _answer(session: Session, question: Question) -> int:
    """Answer as somebody who knows the truth; give the clicks."""
    names = [Path(path).parts[0] for path in question.paths]
    best = max(sorted(set(names)), key=names.count)
    if question.proposed is not None and names.count(question.proposed) == names.count(best):
        best = question.proposed
    if names.count(best) * 2 < len(names):
        session.skip(question)
        return 1
    left_out = [place for place, name in enumerate(names) if name != best]
    session.name(question, best, left_out)
    return 1 + len(left_out)


def main() -> None:
    """Run the study of a folder below IMAGIER_DATA."""
    folder = Path(os.environ["IMAGIER_DATA"]) / sys.argv[1]
    sizes = tuple(map(int, sys.argv[2:])) or SIZES
    found = describe_pictures(str(folder))
    paths = [Path(path).relative_to(folder).as_posix() for path in found.paths]
    random_order = int(np.ceil(SHARE * len(paths)))
    rows = []
    for size in sizes:
        for seed in SEEDS:
            groups = round(len(paths) / size)
            row = study(paths, found.points, groups=groups, page=PAGE, seed=seed)
            print(json.dumps(row), file=sys.stderr, flush=True)
            rows.append(row)
    answer = {
        "folder": sys.argv[1],
        "pictures": len(paths),
        "described_by": found.described_by,
        "random_order": random_order,
        "rows": rows,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
