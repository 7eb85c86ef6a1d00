"""How far each step goes: the learning rate along the plan.

Large steps find the valley, small ones its floor. A one-cycle rises from zero, so that the first
steps, which know nothing yet, do no harm, and then falls in a line to zero.

Source: the deck, chapter 9, gradient descent; L. N. Smith, "Super-convergence", 2017.
"""

from imagier.training.plan import Plan

__all__ = ["is_averaged_at", "learning_rate_at"]


def learning_rate_at(plan: Plan, position: float) -> float:
    """Tell the learning rate after `position` epochs: it rises, then falls in a line to zero.

    After a cut it falls from where it stood to zero at the new end. A constant one never moves.

    >>> plan = Plan(network="cnn", epochs=10, epoch_size=100, batch_size=10, learning_rate=0.1,
    ...             weight_decay=0, loss="squared", class_weights=(1, 1), patience=None, seed=0,
    ...             threads=1)
    >>> [round(learning_rate_at(plan, position), 3) for position in (0, 1, 2, 6, 10)]
    [0.0, 0.05, 0.1, 0.05, 0.0]
    >>> [round(learning_rate_at(plan.cut(6, 8), position), 3) for position in (6, 7, 8)]
    [0.05, 0.025, 0.0]
    """
    if plan.schedule == "constant":
        return plan.learning_rate
    start, end, height = plan.warm_up * plan.epochs, float(plan.epochs), plan.learning_rate
    if position < min([start, *(done for done, _ in plan.cuts)]):
        return height * position / start
    for done, total in plan.cuts:
        if position < done:
            break
        height = _on_line(done, start, end, height) if done >= start else height * done / start
        start, end = float(done), float(total)
    return _on_line(position, start, end, height)


def is_averaged_at(plan: Plan, position: float) -> bool:
    """Tell whether the weights after `position` epochs belong to the average.

    >>> plan = Plan(network="cnn", epochs=10, epoch_size=100, batch_size=10, learning_rate=0.1,
    ...             weight_decay=0, loss="squared", class_weights=(1, 1), patience=None, seed=0,
    ...             threads=1, averaging=0.3)
    >>> [is_averaged_at(plan, position) for position in (1, 6.9, 7.1, 10)]
    [False, False, True, True]
    """
    return position > (1 - plan.averaging) * plan.total_at(position)


def _on_line(position: float, start: float, end: float, height: float) -> float:
    return height * max(0.0, end - position) / (end - start)
