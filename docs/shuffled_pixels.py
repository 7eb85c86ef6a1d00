"""Draw what shuffled pixels do: a dense network learns as before, a convolutional one falls.

Four runs on MNIST, five epochs each, judged on validation pictures. All pixels of all pictures
are put in one same random order, as `imagier train --shuffle-pixels 1` does.
`python docs/shuffled_pixels.py` writes `docs/images/shuffled-pixels.png`.
"""

from pathlib import Path

from imagier.figures import Line, line_chart, png
from imagier.learning import TrainOptions, train_recognizer

NETWORKS = ("dense:128", "cnn")
EPOCHS, SEED = 5, 1
PICTURE = Path(__file__).parent / "images" / "shuffled-pixels.png"


def main() -> None:
    """Learn four times and draw the share of validation pictures named wrong after each epoch."""
    lines = [
        Line(label=label, values=learning_curve(network, shuffle_pixels))
        for network in NETWORKS
        for label, shuffle_pixels in ((network, None), (f"{network}, pixels shuffled", SEED))
    ]
    figure = line_chart(lines, x_label="epoch", y_label="validation error, %")
    PICTURE.write_bytes(png(figure))


def learning_curve(network: str, shuffle_pixels: int | None) -> list[float]:
    """Give the percentage of validation pictures named wrong after each epoch."""
    options = TrainOptions(network=network, epochs=EPOCHS, shuffle_pixels=shuffle_pixels, seed=0)
    epochs = train_recognizer("mnist", options).report.history.epochs
    curve = [100 * row.validation_error for row in epochs]
    print(network, shuffle_pixels, [round(value, 2) for value in curve])
    return curve


if __name__ == "__main__":
    main()
