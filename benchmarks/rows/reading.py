"""The suite `reading`: lines of characters, against the programs people use to read them.

Composed codes are of the test digits of MNIST, which nothing was learnt from; captchas of the
package `captcha` are digits and small letters in its own font, 160 × 60. Settings of the peers were
chosen on lines of training digits. `minutes` add up to about two hours on two slow cores.
"""

from benchmarks.rows.row import Contender, Row

__all__ = ["READING"]

SEED = ("--seed", "{seed}")
READER = ("--network", "reader")
CODES, CAPTCHAS = "500", "300"  # lines that all readers read
MANY = "5000"  # codes for the share that is answered at few errors
CODE = ("mnist", *READER, "--format", r"\d{5}", "--budget", "4m", *SEED)
DIGIT = ("mnist", "--network", "cnn", "--budget", "60s", *SEED)
CHEQUES = ("{data}/cheques", *READER, "--characters", "mnist", "--budget", "10m", *SEED)
REAL = ("{data}/captchas", *READER, "--budget", "10m", *SEED)
PACKAGE = ("{captchas:4-6:10000}", *READER, "--budget", "10m", *SEED)
PEERS = {
    "tesseract_lines": "Tesseract",
    "rapidocr_lines": "RapidOCR",
    "ddddocr_lines": "ddddocr",
}


def _points(name: str, own: tuple[str, ...], peer: Contender, *, minutes: float) -> Row:
    """Give our share of whole lines right less that of a peer, on the same lines."""
    return Row(
        name=name,
        task="read_lines",
        arguments=own,
        seeds=1,
        figure="accuracy",
        goal="> 0",
        peer=peer,
        compare="points",
        minutes=minutes,
    )


def _peer(script: str, kind: str, count: str) -> Contender:
    arguments = (script, kind, count)
    return Contender(
        task="lines_by_peer", arguments=arguments, seeds=1, figure="accuracy", minutes=2
    )


def _package(length: str) -> tuple[Row, Row]:
    """Give whole captchas of the package right, and how far ahead of ddddocr that is."""
    kind = f"captchas:{length}"
    own = (kind, CAPTCHAS, *PACKAGE)
    name = f"captchas of the package, {length} characters"
    accuracy = Row(
        name=name,
        task="read_lines",
        arguments=own,
        seeds=1,
        figure="accuracy",
        goal=">= 0.90",
        want=">= 0.97",
        minutes=11,
    )
    peer = _peer("ddddocr_lines", kind, CAPTCHAS)
    return accuracy, _points(f"{name}, points ahead of ddddocr", own, peer, minutes=11)


READING = (
    Row(
        name="codes, 4 min",
        task="read_lines",
        arguments=("codes", CODES, *CODE),
        seeds=3,
        figure="learnt_accuracy",
        goal=">= 0.95",
        want=">= 0.975",
        minutes=4,
    ),
    *(
        _points(
            f"codes, points ahead of {name}",
            ("codes", CODES, *CODE),
            _peer(script, "codes", CODES),
            minutes=5,
        )
        for script, name in PEERS.items()
    ),
    _points(
        "codes, points ahead of one digit after the other",
        ("codes", CODES, *CODE),
        Contender(
            task="lines_by_digits",
            arguments=(CODES, *DIGIT),
            seeds=1,
            figure="accuracy",
            minutes=2,
        ),
        minutes=5,
    ),
    Row(
        name="codes, share answered where 0.1 % of the answers are wrong",
        task="read_lines",
        arguments=("codes", MANY, *CODE),
        seeds=1,
        figure="answered_at_0.001",
        goal=">= 0.80",
        want=">= 0.92",
        minutes=5,
    ),
    Row(
        name="cheques, 10 min",
        task="read_lines",
        arguments=("part", "0", *CHEQUES),
        seeds=3,
        figure="accuracy",
        goal=">= 0.90",
        want=">= 0.94",
        minutes=10,
    ),
    Row(
        name="cheques, share answered where 1 % of the answers are wrong",
        task="read_lines",
        arguments=("part", "0", *CHEQUES),
        seeds=1,
        figure="answered_at_0.01",
        goal=">= 0.80",
        want=">= 0.92",
        minutes=11,
    ),
    Row(
        name="captchas, 10 min",
        task="read_lines",
        arguments=("part", "0", *REAL),
        seeds=1,
        figure="accuracy",
        goal=">= 0.97",
        want=">= 0.99",
        minutes=10,
    ),
    Row(
        name="captchas, points ahead of Keras' example in the same time",
        task="read_lines",
        arguments=("part", "0", *REAL),
        seeds=1,
        figure="accuracy",
        goal="> 0",
        peer=Contender(
            task="captchas_by_keras",
            arguments=("keras_ocr", "{data}/captchas", "--seconds", "600"),
            seeds=1,
            figure="accuracy",
            minutes=11,
        ),
        compare="points",
        minutes=10,
    ),
    *_package("4"),
    *_package("6"),
    Row(
        name="reading speed as a share of bare ONNX Runtime's, lines of 210 × 48",
        task="reading_speed",
        arguments=("512",),
        seeds=1,
        figure="share",
        goal=">= 0.8",
        want=">= 0.9",
        minutes=2,
    ),
)
