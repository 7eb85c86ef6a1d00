"""A backbone: what others learned to see on millions of photographs, without their last layer."""

from dataclasses import dataclass, field, replace

from imagier.errors import UsageError
from imagier.features.composition import compose
from imagier.features.parts import Head, Levels, Socket, View

__all__ = ["Backbone"]

LARGEST_SIDE = 1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backbone:
    """A frozen network that turns a picture into a few hundred numbers which describe it.

    Attributes:
        name: As the user typed it, in its shortest form: `features`, `features:160`...
        side: Side of the square picture it looks at, in pixels.
        outputs: How many numbers it gives for a picture.
        key: Names its numbers, its way of looking and nothing else: two backbones of one key give
            the same features.
        core: The network as ONNX, checked.
        socket: Where pictures go in and features come out.
        levels: What brings pixel levels to those it learned on.
        step: What its side must be a multiple of; 0 where the side is fixed.
        is_bounded: Whether its features are known to fit into float16.
    """

    name: str
    side: int
    outputs: int
    key: str
    core: bytes = field(repr=False)
    socket: Socket
    levels: Levels
    step: int = 0
    is_bounded: bool = False

    def at(self, side: int) -> "Backbone":
        """Give the same backbone for pictures of another side.

        Raises:
            UsageError: `backbone_side`, when it cannot look at pictures of that side.
        """
        if side == self.side:
            return self
        if self.step == 0 or side % self.step or not self.step <= side <= LARGEST_SIDE:
            known = (
                self.side if self.step == 0 else f"{self.step}, {2 * self.step} … {LARGEST_SIDE}"
            )
            raise UsageError("backbone_side", name=self.name, side=side, known=known)
        return replace(self, side=side)

    def giving(self, outputs: int) -> "Backbone":
        """Give the same backbone, with the number of features that a trial has counted."""
        return replace(self, outputs=outputs)

    def graph(
        self,
        input_shape: tuple[int, int, int],
        *,
        full_scale: int,
        views: tuple[View, ...] = (),
        head: Head | None = None,
    ) -> bytes:
        """Write the graph from prepared pictures to features, or with a head to probabilities.

        Args:
            input_shape: Height, width and channels, 1 or 3, of the prepared pictures.
            full_scale: The level that is white in them.
            views: The ways in which each picture is looked at, whose features are averaged; the
                picture as it is, at the backbone's own side, when there are none.
            head: What follows the features; None to end with them.

        Returns:
            An ONNX file that takes `pixels`, uint8 (N, H, W, C), and gives `features`, float32
            (N, D), or `probabilities`, float32 (N, K).
        """
        return compose(
            self.core,
            self.socket,
            self.levels,
            outputs=self.outputs,
            input_shape=input_shape,
            full_scale=full_scale,
            views=views or (View(side=self.side),),
            head=head,
        )
