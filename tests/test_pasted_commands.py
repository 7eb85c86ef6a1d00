"""Every command that imagier prints runs when it is pasted, whatever the files are called."""

import re
import shlex
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.i18n import LANGUAGES, catalogue, shell_path, shell_word, t, use_language

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no bash there")
NAMES = [
    "my photos",
    "it's",
    'the "best" ones',
    "$HOME",
    "a;b",
    "a&b|c",
    "(x)",
    "`ls`",
    "-photos",
    "--out",
    "~root",
    "=ls",
    "!!",
    "*",
    "{a,b}",
    "été",
    "a\\b",
    "#1",
    "two\nlines",
    "\x1b[31m",
    "caf\udce9",
    "",
]
COMMAND = re.compile(r"imagier [a-z]+ [^`\n]*?\{|pip install [^`\n]*?\{|--[a-z-]+ \{")
NUMBERS = {  # what stands in these is a number, a name of ours, or a whole command
    "cli.wrong.next",
    "doctor.set_absent.next",
    "error.accept_range.next",
    "error.derive_at.next",
    "error.descend_start.next",
    "error.distance_weights.next",
    "error.kernel_too_large.next",
    "error.no_such_place.next",
    "error.reader_input.next",
    "error.reader_missing.next",
    "error.sizes_differ.next",
    "line_report.advice.with_care",
    "line_report.advice.yes",
    "line_report.advice.yes_all",
    "testing.advice.with_care",
    "testing.advice.yes",
    "testing.advice.yes_all",
    "testing.set_coverage",
}


def sentences():
    for language in LANGUAGES:
        for key, sentence in catalogue(language).items():
            for text in sentence.values() if isinstance(sentence, dict) else [sentence]:
                yield language, key, text


def commands():
    """Give the sentences that tell what to type, with a name of the user's in it."""
    for language, key, text in sentences():
        is_told = key.endswith(".next") or "`" in text or "imagier predict {" in text
        if is_told and COMMAND.search(text) and key not in NUMBERS:
            yield language, key, text


@pytest.mark.parametrize(("language", "key", "text"), list(commands()))
def test_a_name_in_a_command_is_written_as_a_word_of_it(language, key, text):
    for found in COMMAND.finditer(text):
        rest = text[found.end() - 1 :]
        fields = list(string.Formatter().parse(rest))
        assert fields[0][2] in {"path", "word"}, (language, key, rest)


def test_the_sentences_that_tell_what_to_type_are_found():
    assert {
        "cli.train.done",
        "error.model_files_changed.next",
        "error.not_pictures.next",
        "error.source_is_picture.next",
        "explaining.kernels",
    } <= {key for _, key, _ in commands()}


def words_of(text, shell="bash"):
    """Give what a shell makes of a line: the words that a program receives."""
    line = f"printf '%s\\0' {text}"
    done = subprocess.run([shell, "-c", line], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


SHELLS = [shell for shell in ("bash", "zsh", "fish") if shutil.which(shell)]


@POSIX
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", NAMES)
def test_a_shell_reads_the_name_back(name, shell):
    if shell == "fish" and not name.isprintable():
        pytest.skip("fish has no word for such names")
    assert words_of(shell_word(name), shell) == [name]
    [path] = words_of(shell_path(name), shell)
    assert Path(path) == Path(name)
    assert not path.startswith("-")


@POSIX
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_of_a_sentence_names_the_file(name, language):
    with use_language(language):
        text = t("error.not_pictures.next", path=name)
    *_, command = re.findall(r"`(imagier test [^`]*(?:`ls`'?)?)`", text)
    assert Path(words_of(command)[-1]) == Path(name)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_is_one_word(text):
    if text.isprintable():
        assert shlex.split(shell_word(text, "linux")) == [text]


@given(st.text(st.sampled_from(list("ab $`'%&^().;-é")), max_size=8))
def test_any_text_is_one_word_of_powershell_and_without_dollars_of_cmd(text):
    word = shell_word(text, "win32")
    if word[:1] == "'":
        assert word[1:-1].replace("''", "\0").count("'") == 0
        assert word[1:-1].replace("''", "'") == text
        assert set("$`") & set(text)
    else:
        assert word.strip('"') == text
        assert word[:1] == '"' or not set(text) & set(" &^();%$`'")


@POSIX
def test_what_train_says_can_be_pasted(stripes_folder, tmp_path):
    """The whole road: the folder, the model and the picture have such names."""
    name = "-it's my $HOME"
    stripes_folder.rename(tmp_path / name)
    picture = "./$1 'a'.png"
    shutil.copy(next((tmp_path / name / "lying").iterdir()), tmp_path / picture)
    imagier = [sys.executable, "-P", "-m", "imagier"]
    train = [*imagier, "train", "--epochs", "1", "--network", "linear", "--", name]
    settings = {"cwd": tmp_path, "capture_output": True, "text": True}
    done = subprocess.run(train, timeout=120, check=False, **settings)
    assert done.returncode == 0, done.stderr
    [line] = re.findall(r"imagier predict .*", done.stderr)
    command = line.replace("PICTURE…", shell_path(picture)).removeprefix("imagier")
    pasted = ["bash", "-c", shlex.join(imagier) + command]
    done = subprocess.run(pasted, timeout=60, check=False, **settings)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert done.stdout.rstrip().endswith(picture)
