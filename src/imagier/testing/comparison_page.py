"""A comparison of models as one page: what `compare` prints, with the pictures that differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from imagier.files import version
from imagier.i18n import integer, language, t
from imagier.testing.comparison_result import DifferingPicture, ModelComparison
from imagier.testing.html import page_template
from imagier.testing.set_cautions import listed

__all__ = ["comparison_html"]

MOST_SKIPPED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Pictures that the same models name right: the title, those shown, how many in all."""

    title: str
    pictures: Sequence[DifferingPicture]
    n: int


def comparison_html(found: ModelComparison) -> str:
    """Write a comparison as a self-contained page in the user's language.

    Args:
        found: What `compare_models` found.
    """
    skipped = [one.to_json() for one in found.skipped[:MOST_SKIPPED]]
    more = len(found.skipped) - MOST_SKIPPED
    return page_template("comparison.html.j2").render(
        report=found,
        title=t("testing.compare.title", names=listed([one.name for one in found.models], 5)),
        head=t("testing.compare.head", n=found.n, count=integer(found.n), source=found.source),
        sentences=[found.sentence(pair) for pair in found.pairs],
        tables=[
            ("models", found.model_rows(), ""),
            ("comparisons", found.pair_rows(), found.correction()),
        ],
        groups=_groups(found),
        cautions=list(found.cautions()),
        facts={"rows": skipped, "more": more},
        language=language(),
        version=version(),
    )


def _groups(found: ModelComparison) -> list[_Group]:
    """Put together what the same models name right; the largest first, what none does last."""
    alike: dict[tuple[int, ...], list[DifferingPicture]] = {}
    for one in found.differing:
        alike.setdefault(one.right, []).append(one)
    order = sorted(alike, key=lambda right: (not right, -len(alike[right])))
    groups = []
    for right in order:
        names = listed([found.models[place].name for place in right])
        title = t(f"testing.compare.{'only' if right else 'none_right'}", names=names)
        shown = [one for one in alike[right] if one.content]
        groups.append(_Group(title=title, pictures=shown, n=len(alike[right])))
    return [group for group in groups if group.pictures]
