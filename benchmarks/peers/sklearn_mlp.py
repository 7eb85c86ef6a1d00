"""scikit-learn's MLPClassifier with its defaults, epoch by epoch until the time is out."""

import time
from importlib import import_module

STARTED = time.perf_counter()

__all__ = ["STARTED", "main"]


def main() -> None:
    """Learn from the pixels divided by 255; one `partial_fit` is one epoch."""
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    contest = import_module("contest").read_arguments(STARTED)  # beside this script
    arguments = contest.arguments
    (x, y), (test_x, test_y) = import_module("pictures").read_parts(
        arguments.source, side=arguments.side, pictures=arguments.pictures
    )
    x = x.reshape(len(x), -1).astype(np.float32) / 255
    test_x = test_x.reshape(len(test_x), -1).astype(np.float32) / 255
    model = MLPClassifier(random_state=arguments.seed)
    classes = np.unique(y)
    over = False
    while not over:
        with contest.learning():
            model.partial_fit(x, y, classes=classes)
        parameters = sum(one.size for one in (*model.coefs_, *model.intercepts_))
        over = contest.tell(lambda: float(model.score(test_x, test_y)), parameters=parameters)


if __name__ == "__main__":
    main()
