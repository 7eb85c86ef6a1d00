"""What `imagier predict` names: pipes and lists of paths."""

import json
import os
import subprocess
import sys

import pytest

COMMAND = "predict"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no such files there")


@pytest.fixture
def predict(command, thirds):
    return command


@pytest.fixture
def piped(thirds):
    """Give the function that runs the command in a process with something piped in."""

    def call(*words, content=b"", **settings):
        command = [sys.executable, "-P", "-m", "imagier", "predict", "thirds.imagier", *words]
        return subprocess.run(
            command, input=content, capture_output=True, check=False, timeout=60, **settings
        )

    return call


def labels(out):
    return [json.loads(line)["label"] for line in out.splitlines()]


# Pipes


@pytest.mark.parametrize("name", ["-", pytest.param("/dev/stdin", marks=POSIX)])
def test_a_picture_that_is_piped_in(piped, thirds, name):
    done = piped(name, "--json", content=(thirds / "photos" / "right.png").read_bytes())
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["path"], answer["label"]) == (name, "right")


@POSIX
def test_a_pipe_of_the_shell(thirds):
    words = f"{sys.executable} -P -m imagier predict thirds.imagier"
    line = f"{words} <(cat photos/left.png) <(cat photos/right.png) --json"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True, timeout=60)
    assert labels(done.stdout) == ["left", "right"]


def test_an_empty_pipe(piped):
    done = piped("-", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "empty_stream"


def test_a_text_that_is_piped_in_is_no_picture(piped):
    done = piped("-", "--json", content=b"photos/left.png\n")
    assert json.loads(done.stdout)["error"]["code"] == "not_an_image"


def test_a_closed_input(thirds):
    line = f"{sys.executable} -P -m imagier predict thirds.imagier - --json <&-"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=60)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


@POSIX
def test_a_file_called_like_a_pipe_is_named_with_its_folder(predict, thirds):
    (thirds / "photos" / "left.png").rename(thirds / "-")
    _, out, _ = predict("thirds.imagier", "./-", "--json")
    assert labels(out) == ["left"]
    _, out, _ = predict("thirds.imagier", "[-]", "--json")
    assert labels(out) == ["left"]


@POSIX
def test_other_commands_read_pipes_too(thirds):
    content = (thirds / "photos" / "left.png").read_bytes()
    command = [sys.executable, "-P", "-m", "imagier", "pixels", "-", "--json"]
    done = subprocess.run(command, input=content, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["width"] == 9


# Lists of paths


LISTS = {
    "lines": b"photos/left.png\nphotos/right.png\n",
    "no line end": b"photos/left.png\nphotos/right.png",
    "Windows": b"photos/left.png\r\nphotos/right.png\r\n",
    "empty lines": b"\n\nphotos/left.png\n\nphotos/right.png\n\n",
    "NUL": b"photos/left.png\0photos/right.png\0",
    "UTF-8 with a mark": b"\xef\xbb\xbfphotos/left.png\nphotos/right.png\n",
    "PowerShell": "photos/left.png\r\nphotos/right.png\r\n".encode("utf-16"),
}


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
def test_a_list_in_a_file(predict, thirds, content):
    (thirds / "list.txt").write_bytes(content)
    code, out, _ = predict("thirds.imagier", "--paths-from", "list.txt", "--json")
    assert code == 0
    assert labels(out) == ["left", "right"]


def test_a_list_that_is_piped_in_to_a_pipe(piped):
    done = piped("--paths-from", "-", "--jsonl", "-", content=LISTS["NUL"])
    assert done.returncode == 0
    assert labels(done.stdout) == ["left", "right"]


def test_what_a_list_names_is_one_answer_each(predict, thirds):
    names = ["photos/left.png", "no.png", "photos", "photos/*.png", "photos/left.png"]
    (thirds / "list.txt").write_text("\n".join(names), "utf-8")
    _, out, _ = predict("thirds.imagier", "--paths-from", "list.txt", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["path"] for answer in answers] == names
    assert [answer["label"] for answer in answers] == ["left", None, None, None, "left"]


@POSIX
def test_a_list_names_no_pipe(predict, thirds):
    (thirds / "list.txt").write_text("/dev/stdin\nphotos/left.png\n-\n/dev/fd/0", "utf-8")
    _, out, _ = predict("thirds.imagier", "--paths-from", "list.txt", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["status"] for answer in answers] == ["error", "ok", "error", "error"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_in_a_list_that_is_no_text(piped, thirds):
    (thirds / "photos" / "left.png").rename(thirds / os.fsdecode(b"caf\xe9\n.png"))
    done = piped("--paths-from", "-", "--json", content=b"caf\xe9\n.png\0")
    assert labels(done.stdout) == ["left"]


@pytest.mark.parametrize(
    ("words", "content", "code"),
    [
        (["photos"], b"x", "paths_twice"),
        ([], b"", "path_list_empty"),
        ([], b"\n\n", "path_list_empty"),
        ([], b"x" * 2**17, "not_a_path_list"),
        ([], None, "path_list_unreadable"),
    ],
)
def test_what_is_no_list(predict, thirds, words, content, code):
    if content is not None:
        (thirds / "list.txt").write_bytes(content)
    found, out, _ = predict("thirds.imagier", *words, "--paths-from", "list.txt", "--json")
    assert found == 2
    assert json.loads(out)["error"]["code"] == code


MEASURE = """
import resource, sys
from imagier.cli import main
try:
    main()
except SystemExit:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@POSIX
def test_memory_does_not_grow_with_the_list(thirds):
    def peak(n):
        words = ["predict", "thirds.imagier", "--paths-from", "-", "--jsonl", "-", "--quiet"]
        command = [sys.executable, "-P", "-c", MEASURE, *words]
        content = b"photos/a-name-that-is-not-there-and-is-rather-long-for-what-it-is.png\n" * n
        done = subprocess.run(command, input=content, capture_output=True, check=True, timeout=120)
        assert done.stdout.count(b"\n") == n
        return int(done.stderr.split()[-1]) / 1024

    assert peak(30_000) - peak(1_000) < 6  # megabytes; their paths alone are two


def test_a_name_that_begins_with_a_dash_is_told_how_to_write(predict, thirds):
    (thirds / "-dash.png").write_bytes((thirds / "photos" / "left.png").read_bytes())
    code, out, err = predict("thirds.imagier", "-dash.png")
    assert (code, out) == (2, "")
    assert "The file of this name is written ./-dash.png." in err
    assert predict("thirds.imagier", "./-dash.png")[0] == 0
    assert "is written" not in predict("thirds.imagier", "-none.png")[2]
