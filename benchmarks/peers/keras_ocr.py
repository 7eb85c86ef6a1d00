"""Keras' own example "OCR model for reading Captchas": its network, its loss, its settings.

Pictures of 200 × 50 turned on their side, two convolutions, a dense layer, two bidirectional LSTMs,
CTC, Adam with Keras' defaults, batches of 16. The example stops when the loss of validation has not
fallen for ten epochs and takes the best weights; here it goes on until its time is out, which can
only help it, and the best weights so far are judged. Pictures are decoded once and kept in memory,
where the example decodes them in each epoch.

Source: keras.io/examples/vision/captcha_ocr (A_K_Nain, Keras 3).
"""

import csv
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

STARTED = time.perf_counter()

__all__ = ["STARTED", "main"]

WIDTH, HEIGHT, BATCH = 200, 50, 16
Texts = list[str]
Part = tuple["np.ndarray[Any, Any]", Texts]


def main() -> None:
    """Learn until the time is out; after each epoch, tell how the best weights read the test."""
    contest = import_module("contest").read_arguments(STARTED)  # beside this script
    arguments = contest.arguments
    tf, keras = _engine(arguments.threads)
    keras.utils.set_random_seed(arguments.seed)
    parts = _read_parts(Path(arguments.source), Path(arguments.split))
    (x, texts), (val_x, val_texts), test = (parts[name] for name in ("train", "validation", "test"))
    characters = sorted(set("".join((*texts, *val_texts))))
    model, reader = _network(keras, tf, len(characters))
    model.compile(optimizer=keras.optimizers.Adam())
    watch = _watch(keras, contest, reader, (characters, test))
    y, val_y = (_encode(some, characters) for some in (texts, val_texts))
    model.fit(
        {"image": x, "label": y},
        batch_size=BATCH,
        epochs=arguments.epochs,
        validation_data=({"image": val_x, "label": val_y}, None),
        verbose=0,
        callbacks=[watch],
    )


def _engine(threads: int) -> tuple[Any, Any]:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    tf: Any = import_module("tensorflow")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return tf, import_module("keras")


def _read_parts(source: Path, split: Path) -> dict[str, Part]:
    """Read the pictures, which are called by their texts, in the parts of a `split.csv`."""
    found: dict[str, tuple[list[Any], Texts]] = {}
    with split.open(encoding="utf-8", newline="") as stream:
        rows = [(row["file"], row["part"]) for row in csv.DictReader(stream)]
    for name, part in sorted(rows):
        with Image.open(source / name) as picture:
            grey = picture.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
        pixels, texts = found.setdefault(part, ([], []))
        pixels.append((np.asarray(grey, np.float32) / 255).T[..., None])
        texts.append(Path(name).stem)
    return {part: (np.stack(pixels), texts) for part, (pixels, texts) in found.items()}


def _encode(texts: Texts, characters: list[str]) -> Any:
    """Number the characters as the example's `StringLookup` does, from 1; 0 is what is unknown."""
    return np.array([[1 + characters.index(sign) for sign in text] for text in texts], np.int64)


def _network(keras: Any, tf: Any, characters: int) -> tuple[Any, Any]:
    """Give the model that learns, with its loss inside, and the part of it that reads."""
    layers = keras.layers

    class CTCLayer(keras.layers.Layer):  # type: ignore[misc]
        def call(self, y_true: Any, y_pred: Any) -> Any:
            self.add_loss(_ctc_batch_cost(tf, y_true, y_pred))
            return y_pred

    image = layers.Input(shape=(WIDTH, HEIGHT, 1), name="image", dtype="float32")
    labels = layers.Input(name="label", shape=(None,), dtype="int64")
    x = image
    for number, kernels in enumerate((32, 64), start=1):
        x = layers.Conv2D(
            kernels,
            (3, 3),
            activation="relu",
            kernel_initializer="he_normal",
            padding="same",
            name=f"Conv{number}",
        )(x)
        x = layers.MaxPooling2D((2, 2), name=f"pool{number}")(x)
    x = layers.Reshape(target_shape=(WIDTH // 4, (HEIGHT // 4) * 64), name="reshape")(x)
    x = layers.Dense(64, activation="relu", name="dense1")(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Bidirectional(layers.LSTM(128, return_sequences=True, dropout=0.25))(x)
    x = layers.Bidirectional(layers.LSTM(64, return_sequences=True, dropout=0.25))(x)
    x = layers.Dense(characters + 2, activation="softmax", name="dense2")(x)
    output = CTCLayer(name="ctc_loss")(labels, x)
    learns = keras.models.Model(inputs=[image, labels], outputs=output, name="ocr_model_v1")
    return learns, keras.models.Model(inputs=image, outputs=x)


def _ctc_batch_cost(tf: Any, y_true: Any, y_pred: Any) -> Any:
    """Give the loss of each line, as the example's function of that name; the blank is last."""
    batch = tf.shape(y_pred)[0]
    columns = tf.fill((batch,), tf.shape(y_pred)[1])
    labels = tf.sparse.from_dense(tf.cast(y_true, tf.int32))  # texts are as long, and hold no 0
    inputs = tf.math.log(tf.transpose(y_pred, perm=[1, 0, 2]) + 1e-7)
    losses = tf.compat.v1.nn.ctc_loss(inputs=inputs, labels=labels, sequence_length=columns)
    return tf.expand_dims(losses, 1)


def _watch(keras: Any, contest: Any, reader: Any, asked: tuple[list[str], Part]) -> Any:
    """Stop the clock between the epochs; answer the test when validation was never better."""
    characters, (test_x, test_texts) = asked

    class Watch(keras.callbacks.Callback):  # type: ignore[misc]
        best, accuracy, epoch_of_best = float("inf"), 0.0, 0

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            del epoch, logs
            self.learning = contest.learning()
            self.learning.__enter__()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.learning.__exit__(None, None, None)
            loss = float(logs["val_loss"])
            is_best = loss < self.best

            def answer() -> float:
                if is_best:
                    self.best, self.epoch_of_best = loss, epoch + 1
                    self.accuracy = self.read()
                return self.accuracy

            self.model.stop_training = contest.tell(
                answer, parameters=self.model.count_params(), val_loss=round(loss, 4)
            )

        def read(self) -> float:
            """Read the test by the best paths, as the example does."""
            columns = reader.predict(test_x, batch_size=BATCH, verbose=0)
            paths = columns.argmax(axis=2)
            right = 0
            for path, text in zip(paths, test_texts, strict=True):
                changed = path[np.insert(path[1:] != path[:-1], 0, True)]
                kept = changed[(changed > 0) & (changed <= len(characters))]
                right += "".join(characters[one - 1] for one in kept) == text
            return right / len(test_texts)

    return Watch()


if __name__ == "__main__":
    main()
