"""Notes on the parts that a report may say in words of its own, and then need not say twice."""

from imagier.i18n import t

__all__ = ["few_pictures_note", "unknown_groups_note"]


def few_pictures_note(n: int) -> str:
    """Say that the test part has only n pictures."""
    return t("datasets.few_test_pictures", n=n)


def unknown_groups_note() -> str:
    """Say that nobody knows which pictures come from the same person, place or moment."""
    return t("datasets.unknown_groups")
