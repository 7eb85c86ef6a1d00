"""Keras' own example "Simple MNIST convnet": its network, its data, its 15 epochs, TensorFlow.

54,000 pictures (its `validation_split=0.1` keeps the last tenth back), values divided by 255,
Adam with Keras' defaults, batches of 128. The threshold is judged on the test pictures.

Source: keras.io/examples/vision/mnist_convnet.
"""

import os
import time
from importlib import import_module
from typing import Any

STARTED = time.perf_counter()

__all__ = ["STARTED", "main"]

EPOCHS, BATCH, KEPT_BACK = 15, 128, 0.1


def main() -> None:
    """Learn until the threshold is reached, the time is out or the example's epochs are done."""
    contest = import_module("contest").read_arguments(STARTED)  # beside this script
    keras = _engine(contest.arguments.threads)
    keras.utils.set_random_seed(contest.arguments.seed)
    (x, y), (test_x, test_y) = import_module("pictures").read_parts(
        contest.arguments.source, pictures=contest.arguments.pictures
    )
    learnt = round(len(x) * (1 - KEPT_BACK))
    x, test_x = x[:learnt].astype("float32") / 255, test_x.astype("float32") / 255
    y = keras.utils.to_categorical(y[:learnt], 10)
    model = _network(keras)
    watch = _watch(keras, contest, test_x, test_y)
    epochs = min(EPOCHS, contest.arguments.epochs)
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[watch])


def _engine(threads: int) -> Any:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    tf: Any = import_module("tensorflow")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return import_module("keras")


def _network(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def _watch(keras: Any, contest: Any, test_x: Any, test_y: Any) -> Any:
    """Stop the clock between the epochs, where the test pictures are answered."""

    class Watch(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            del epoch, logs
            self.learning = contest.learning()
            self.learning.__enter__()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            del epoch, logs
            self.learning.__exit__(None, None, None)
            parameters = self.model.count_params()
            self.model.stop_training = contest.tell(self.answer, parameters=parameters)

        def answer(self) -> float:
            chances = self.model.predict(test_x, batch_size=500, verbose=0)
            return float((chances.argmax(axis=1) == test_y).mean())

    return Watch()


if __name__ == "__main__":
    main()
