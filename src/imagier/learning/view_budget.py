"""What views of photos cost, and which sides and how many of them the time left allows.

Larger pictures make better features, then another size of them beside, then mirrored ones; each
view costs as much as its number of pixels. All phases of the run are paid from one budget: reading
and shrinking the pictures, the features of training, validation and test, the head, the report.
What the report alone needs is never computed before; where even one view of every picture does not
fit, it is computed all the same, and the user is told at once how long that takes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from imagier.features import Backbone, View, seconds_a_picture

__all__ = ["CROPPED_SIDE", "FINISH_SECONDS", "OWN", "SIDES", "ViewBudget"]

OWN = "features"  # whose side is free to choose; `features:160` and others keep theirs
SIDES = (160, 224, 288, 384)
CROPPED_SIDE = 288  # beyond which a cropped photo, which shows things larger, tells no more
SMALL_SIDE = 128  # to which pictures smaller than all of them are enlarged
PLANNED = 0.9  # share of the time left that is planned: machines do not keep an even pace
FINISH_SECONDS = 2.5  # export, report, files
HEAD_SECONDS = 5e-8  # of a head, for a picture, a class and a feature, all folds and values of l2
TUNING_COSTS = 3  # views of a picture, each time it is learnt from behind the cut


@dataclass(slots=True, kw_only=True, eq=False)
class ViewBudget:
    """What views cost on this machine, measured where a side is asked for.

    Attributes:
        backbone: Who sees the pictures.
        threads: How many cores it has.
        pictures: How many there are, in all parts.
        classes: How many names they have.
        read: Gives the seconds to read and shrink one picture to a side; None once that is done.
    """

    backbone: Backbone
    threads: int
    pictures: int
    classes: int
    read: Callable[[int], float] | None = None
    _measured: dict[int, float] = field(default_factory=dict)

    def seconds(self, views: tuple[View, ...]) -> float:
        """Estimate all that is still to come, from reading to the written report."""
        reading = self.read(max(view.side for view in views)) if self.read else 0.0
        head = HEAD_SECONDS * self.classes * self.backbone.outputs * len(views)
        looks = sum(self.seconds_a_view(view.side) for view in views)
        return self.pictures * (reading + looks + head) + FINISH_SECONDS

    def seconds_a_view(self, side: int) -> float:
        """Measure one view of one picture, once for each side."""
        side = self.backbone.side if self.backbone.step == 0 else side
        if side not in self._measured:
            self._measured[side] = seconds_a_picture(self.backbone, side=side, threads=self.threads)
        return self._measured[side]

    def side(self, seconds: float, *, largest: int) -> int:
        """Choose the side of the pictures for one view of each.

        Args:
            seconds: The time left.
            largest: The side beyond which pictures would be enlarged.

        Returns:
            The largest side that fits; the smallest where none does.
        """
        sides = self.sides(largest)
        for side in reversed(sides):
            if self.seconds((View(side=side),)) <= PLANNED * seconds:
                return side
        return sides[0]

    def views(self, seconds: float, *, largest: int) -> tuple[View, ...]:
        """Choose the views of each picture.

        Args:
            seconds: The time left.
            largest: The side of the prepared pictures.

        Returns:
            As many views as fit, at the largest side that fits; one at the smallest where none
            does.
        """
        one = View(side=self.side(seconds, largest=largest))
        return self._as_many(one, seconds, largest=largest, shown=0)

    def sides(self, largest: int) -> list[int]:
        """List the sides that may be chosen, the smallest first."""
        if self.backbone.step == 0 or self.backbone.name != OWN:
            return [self.backbone.side]
        return [side for side in SIDES if side <= largest] or [SMALL_SIDE]

    def side_to_tune_at(self, seconds: float, *, largest: int, shown: int) -> int | None:
        """Choose the side at which the last stages of the backbone can be learnt in time.

        Of those a head may see only the two largest are worth it: what more is learnt on small
        pictures is less than what is lost by not looking closely.

        Args:
            seconds: The time left.
            largest: The side of the prepared pictures.
            shown: How many pictures are learnt from at least, one for each time.
        """
        for side in reversed(self.sides(largest)[-2:]):
            if self._with_tuning((View(side=side),), shown) <= PLANNED * seconds:
                return side
        return None

    def views_before_tuning(
        self, seconds: float, *, largest: int, shown: int
    ) -> tuple[View, ...] | None:
        """Choose the views of a head that what is tuned at the side of the first must surpass.

        Args:
            seconds: The time left.
            largest: The side of the prepared pictures.
            shown: How many pictures are learnt from at least, one for each time.

        Returns:
            As many views as fit beside the tuning; None where that does not fit.
        """
        side = self.side_to_tune_at(seconds, largest=largest, shown=shown)
        if side is None:
            return None
        return self._as_many(View(side=side), seconds, largest=largest, shown=shown)

    def _as_many(self, one: View, seconds: float, *, largest: int, shown: int) -> tuple[View, ...]:
        chosen: tuple[View, ...] = (one,)
        for more in self._more(one, largest):
            if self._with_tuning(more, shown) > PLANNED * seconds:
                break
            chosen = more
        return chosen

    def _with_tuning(self, views: tuple[View, ...], shown: int) -> float:
        return self.seconds(views) + TUNING_COSTS * shown * self.seconds_a_view(views[0].side)

    def _more(self, one: View, largest: int) -> list[tuple[View, ...]]:
        """List what may be added to one view, as decision 15 measured it.

        A larger picture tells more than a second view of it; then another size of it tells more
        than its mirror image, and costs less.
        """
        if self.backbone.step == 0 or self.backbone.name != OWN:
            return []
        sides = self.sides(largest)
        if one.side != sides[-1]:
            return []
        smaller = [View(side=side) for side in sides[-2:-4:-1]]
        order = [*smaller[:1], one, *smaller[:1], *smaller[1:], *smaller[1:]]
        chosen: tuple[View, ...] = (one,)
        offers: list[tuple[View, ...]] = []
        for view in order:
            mirrored = replace(view, mirrored=True)
            chosen = (*chosen, mirrored if view in chosen else view)
            offers.append(chosen)
        return offers
