"""What every command shares: help in two languages, errors in a sentence, exit codes, pipes."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from imagier.cli import COMMANDS, SECTIONS, imagier, main
from imagier.cli.framework import note, print_json, progress_bar, show
from imagier.cli.network import network
from imagier.errors import DataError, MachineError, ModelError, PictureError, UsageError
from imagier.i18n import t, use_language

LANGUAGES = ("en", "fr")
PAGES = """
import contextlib, io, json, sys
from imagier.cli import COMMANDS, main

def page(*words):
    sys.argv = ["imagier", *words, "--help"]
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            main()
        except SystemExit as end:
            return end.code, text.getvalue()

print(json.dumps({name: page(*name.split()) for name in ("", *COMMANDS)}))
"""


@pytest.fixture
def call(capsys, monkeypatch):
    """Run a command line in this process: exit code, stdout, stderr."""

    def run(*words: str, language: str = "en") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["imagier", *words])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return run


@pytest.fixture
def replaced(monkeypatch):
    """Give `imagier network` another body, and other options, for one test."""

    def replace(body, *options: click.Parameter) -> None:
        monkeypatch.setattr(network, "callback", body)
        monkeypatch.setattr(network, "params", list(options))

    return replace


def start(
    *words: str, script: str = "from imagier.cli import main; main()", **variables: str
) -> subprocess.Popen[bytes]:
    """Start a command line in its own process."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "100", "IMAGIER_LANG": "en", **variables},
    )


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer of two lines; the second may be more than this machine can word."""

    broken: bool = False
    notes: tuple[str, ...] = ("beside it",)

    def lines(self):
        yield "first"
        if self.broken:
            raise MachineError("disk_full", path="x")
        yield "second"

    def to_json(self):
        return {"lines": ["first", "second"]}

    def figures(self):
        return {}

    def tables(self):
        return {}


def one_object(out: str) -> dict:
    assert out.endswith("\n")
    assert out.count("\n") == 1
    return json.loads(out)


# -- answers ---------------------------------------------------------------------------------------


def test_an_answer_is_shown_as_lines_or_as_json(capsys):
    show(Said(), as_json=False, quiet=False)
    assert capsys.readouterr() == ("first\nsecond\n", "beside it\n")
    show(Said(), as_json=True, quiet=True)
    out, err = capsys.readouterr()
    assert (one_object(out), err) == ({"lines": ["first", "second"]}, "")


def test_no_half_of_an_answer_is_shown(capsys):
    with pytest.raises(MachineError):
        show(Said(broken=True), as_json=False, quiet=False)
    assert capsys.readouterr() == ("", "")


# -- help ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, tuple[int, str]]]:
    """All help pages, each language in its own process: help is written when a module is loaded."""
    started = {language: start(script=PAGES, IMAGIER_LANG=language) for language in LANGUAGES}
    answers = {language: process.communicate() for language, process in started.items()}
    return {language: json.loads(out) for language, (out, _) in answers.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_there_in_both_languages(pages, name, language):
    code, page = pages[language][name]
    assert code == 0, page
    usage = {"en": "Usage: ", "fr": "Usage\u00a0: "}[language]
    assert page.startswith(f"{usage}imagier {name}".rstrip() + " ")
    titles = {
        "en": ("Options", "Usual options"),
        "fr": ("Options\u00a0", "Options courantes\u00a0"),
    }
    assert f"\n{titles[language][name in {'train', 'read', 'serve'}]}:\n" in page
    assert max(map(len, page.splitlines())) <= 100
    page = page.replace(r"\d{5}", "")  # a pattern of five digits
    assert not re.search(r"[{}]|\bcli\.|\bNone\b", page)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_does_not_mix_the_languages(pages, name):
    french = re.sub(r"`[^`]*`", "code", pages["fr"][name][1])
    assert not re.search(r"\b(the|and|of|with|for|Show|Type|default|required)\b", french)
    assert not re.search(r"\b(TEXT|INTEGER|FLOAT|FILENAME|DIRECTORY|BOOLEAN|COMMAND)\b", french)
    assert not re.search(r"\b(le|les|des|une|avec|pour)\b", pages["en"][name][1])


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_french_help_is_typed_as_french_is(pages, name):
    prose = re.sub(r"`[^`]*`", "code", pages["fr"][name][1])
    assert not re.search(r"\w[;!?»]|« | [;:!?»]|\w'\w|«\w", prose)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name):
    command = imagier.get_command(click.Context(imagier), name)
    assert command is not None
    for option in command.get_params(click.Context(command)):
        if isinstance(option, click.Option):
            assert (option.help or "").endswith((".", ")")), option.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_lists_the_commands_in_sentences(pages, language):
    with use_language(language):
        headings = [re.escape(t(f"cli.commands.{section}") + ":") for section in SECTIONS]
    page = pages[language][""][1]
    options = {"en": "\nOptions:\n", "fr": "\nOptions\u00a0:\n"}[language]
    listed = page.split(options)[1].partition("\n\n")[2]
    assert re.findall(r"^  (\w[\w-]*) ", listed, re.MULTILINE) == list(COMMANDS)
    sentences = re.split(rf"^(?:  \w[\w-]* +|{'|'.join(headings)})", listed, flags=re.MULTILINE)
    assert all(sentence.strip().endswith(".") for sentence in filter(str.strip, sentences))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_is_that_of_the_golden_file(pages, language):
    """Write it again with `python -m imagier --help`, COLUMNS=100 and IMAGIER_LANG as here."""
    golden = Path(__file__).parents[1] / "golden" / f"help.{language}.txt"
    assert pages[language][""][1] == golden.read_text("utf-8")


def test_every_command_stands_under_one_heading():
    named = [name for names in SECTIONS.values() for name in names]
    assert named == list(COMMANDS)
    assert len(set(named)) == len(named)


def test_imagier_alone_shows_the_front_page(call):
    code, out, err = call()
    assert (code, err) == (0, "")
    assert out == call("--help")[1] == call("-h")[1]


def test_version(call):
    assert call("--version") == (0, "imagier 0.1.0\n", "")


# -- wrong words -----------------------------------------------------------------------------------

WRONG = {
    ("netwrok",): ("network", "network"),
    ("--verison",): ("--verison", "--version"),
    ("network", "linear", "--inptu", "3"): ("--inptu", "--input"),
    ("network", "linear", "--jsn"): ("--jsn", "--json"),
    ("network", "linear", "-x"): ("-x", "--help"),
    ("network",): ("SPEC", "imagier network --help"),
    ("network", "linear", "cnn", "a b"): ("cnn a b", "imagier network --help"),
    ("network", "linear", "--input"): ("--input", "imagier network --help"),
    ("network", "linear", "--quiet=3"): ("--quiet", "imagier network --help"),
    ("network", "lineer"): ("lineer", "linear"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.items())
@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_words_are_answered_in_a_sentence(call, words, said, language):
    code, out, err = call(*words, language=language)
    assert (code, out) == (2, "")
    assert all(part in err for part in said)
    first, second = err.splitlines()
    assert first.startswith({"en": "imagier: ", "fr": "imagier\u00a0: "}[language])
    assert second.startswith("  → ")
    english = re.search(r"\b(the|is|does|no|got|requires?|value|argument|type)\b", err.lower())
    assert bool(english) == (language == "en")


@pytest.mark.parametrize(
    "words", [*WRONG, ("network", "dense:0"), ("network", "linear", "--classes", "0")]
)
def test_wrong_words_are_answered_in_json_too(call, words):
    code, out, err = call(*words, "--json")
    assert code == 2
    if "--input" in words[-1:]:
        assert "--input" in err  # here --json is taken for the value that --input lacks
        return
    error = one_object(out)["error"]
    assert set(error) == {"code", "message", "next"}
    assert error["message"] in err
    assert error["next"] in err


def test_stray_bytes_and_control_characters_are_shown_not_sent(call):
    for words in (("\udcff\n\x1b[31m",), ("network", "\udcff\n\x1b[31m"), ("--\udcff\x1b[31m",)):
        code, _, err = call(*words)
        assert code == 2
        assert "\\xff" in err
        assert "\x1b" not in err
        assert err.count("\n") == 2


@pytest.mark.parametrize(
    ("words", "english", "french"),
    [
        (("--seed", "abc"), "a whole number is expected", "il faut un nombre entier"),
        (("--seed", "1.5"), "“1.5”", "«\u00a01.5\u00a0»"),
        (("--epochs", "0"), "1 or more", "1 ou plus"),
        (("--top", "1001"), "from 1 to 1,000", "de 1 à 1\u202f000"),
        (("--accept", "2"), "from 0 to 1", "de 0 à 1"),
        (("--accept", "x"), "a number is expected", "il faut un nombre"),
        (("--loss", "sqared"), "Did you mean “squared”?", "Vouliez-vous dire «\u00a0squared"),
        (("--loss", "sqared"), "choose one of cross-entropy, squared", "choisissez parmi"),
    ],
)
def test_a_wrong_value_says_what_was_expected(call, replaced, words, english, french):
    replaced(
        dict,
        click.Option(["--seed"], type=int),
        click.Option(["--epochs"], type=click.IntRange(min=1)),
        click.Option(["--top"], type=click.IntRange(1, 1000)),
        click.Option(["--accept"], type=click.FloatRange(0, 1)),
        click.Option(["--loss"], type=click.Choice(["cross-entropy", "squared"])),
    )
    for language, said in (("en", english), ("fr", french)):
        code, _, err = call("network", *words, language=language)
        assert code == 2
        assert words[0] in err
        assert said in err


# -- errors and exit codes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(UsageError, 2), (DataError, 4), (PictureError, 4), (ModelError, 4), (MachineError, 5)],
)
def test_each_kind_of_error_has_its_exit_code(call, replaced, kind, expected):
    def fail(**_: object) -> None:
        raise kind("output_exists", path="cats.imagier")

    replaced(fail, click.Option(["--json"], is_flag=True))
    code, out, err = call("network")
    assert (code, out) == (expected, "")
    assert err.startswith("imagier: cats.imagier")
    assert one_object(call("network", "--json")[1])["error"]["code"] == "output_exists"


def test_a_command_can_leave_with_its_own_exit_code(call, replaced):
    replaced(lambda: 3)
    assert call("network") == (3, "", "")
    replaced(lambda: click.get_current_context().exit(5))
    assert call("network") == (5, "", "")


def test_a_bug_is_owned_up_to_and_kept_in_a_file(call, replaced, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def stumble() -> None:
        raise RuntimeError("over\n\x1b[31m\udcff")

    replaced(stumble)
    code, out, err = call("network")
    assert (code, out) == (1, "")
    assert "a bug in imagier" in err
    assert "Traceback" not in err
    assert "\x1b" not in err
    (report,) = (tmp_path / "imagier" / "bugs").iterdir()
    assert str(report) in err
    kept = report.read_text("utf-8")
    assert "Traceback" in kept
    assert "RuntimeError" in kept
    assert "imagier 0.1.0" in kept


def test_a_bug_is_owned_up_to_even_where_nothing_can_be_written(
    call, replaced, monkeypatch, tmp_path
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    replaced(lambda: 1 / 0)
    code, _, err = call("network", language="fr")
    assert code == 1
    assert "défaut d’imagier" in err
    assert "ZeroDivisionError" in err


def test_a_full_disk_anywhere_is_not_a_bug(call, replaced):
    def fill() -> None:
        raise OSError(28, "No space left on device", "/media/stick/cats.imagier")

    replaced(fill)
    code, _, err = call("network")
    assert code == 5
    assert "no space left for /media/stick/cats.imagier" in err


def test_ctrl_c_in_this_process(call, replaced):
    def interrupt() -> None:
        raise KeyboardInterrupt

    replaced(interrupt)
    assert call("network")[0] == 130
    assert call("network", language="fr")[2].split() == ["Interrompu."]


def test_ctrl_c_from_the_keyboard():
    script = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job ignores it
        "from imagier.cli import main\n"
        "from imagier.cli.network import network\n"
        "def wait(**_):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "network.callback = wait\n"
        "main()\n"
    )
    process = start("network", "linear", script=script)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.split() == [b"Interrupted."]


# -- where the answer goes -------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("network", "cnn"), ("--help",), ("netwrok", "--json")])
def test_a_reader_who_leaves_is_no_trouble(words):
    process = start(*words)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert err == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_answer_that_finds_no_space_is_not_a_bug():
    with Path("/dev/full").open("wb") as full:
        finished = subprocess.run(
            [sys.executable, "-c", "from imagier.cli import main; main()", "network", "cnn"],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "IMAGIER_LANG": "en"},
            check=False,
        )
    assert finished.returncode == 5
    assert b"no space left" in finished.stderr
    assert b"Exception" not in finished.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_terminal_without_some_letters_still_gets_an_answer(encoding):
    for words in (("network", "cnn"), ("--help",), ("network", "linear", "--json")):
        process = start(*words, PYTHONIOENCODING=encoding, IMAGIER_LANG="fr")
        out, err = process.communicate()
        assert (process.returncode, err) == (0, b"")
        if "--json" in words:
            assert json.loads(out)["network"] == "linear"
    process = start("netwrok", PYTHONIOENCODING=encoding, IMAGIER_LANG="fr")
    assert b"netwrok" in process.communicate()[1]
    assert process.returncode == 2


def test_json_survives_a_terminal_without_some_letters():
    script = "from imagier.cli.framework import print_json; print_json({'path': 'œuf → 🐈'})"
    for encoding in ("ascii", "latin-1", "utf-8"):
        process = start(script=script, PYTHONIOENCODING=encoding)
        out, err = process.communicate()
        assert (process.returncode, err) == (0, b"")
        assert json.loads(out) == {"path": "œuf → 🐈"}


def test_json_refuses_what_other_programs_cannot_read(capsys):
    with pytest.raises(ValueError, match="JSON"):
        print_json({"accuracy": float("nan")})
    print_json({"path": "œuf"})
    assert one_object(capsys.readouterr().out) == {"path": "œuf"}


def test_notes_go_to_stderr_unless_quiet(capsys):
    note("read 3 pictures")
    note("nothing", quiet=True)
    assert capsys.readouterr() == ("", "read 3 pictures\n")


def test_there_is_no_progress_bar_away_from_a_terminal(capsys):
    with progress_bar("learning") as advance:
        advance(1, 2)
        advance(2, 2, "done")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("quiet", [False, True])
def test_the_progress_bar_on_a_terminal(capsys, monkeypatch, quiet):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bar("learning", quiet=quiet) as advance:
        advance(1, 2)
        advance(2, 2, "exporting")
    out, err = capsys.readouterr()
    assert out == ""
    assert ("exporting" in err) == (not quiet)


def test_ctrl_c_within_code_given_as_a_text(tmp_path):
    """Python started with `-m` ends by the signal then, unless it is told otherwise."""
    script = (
        "from imagier.cli import main\n"
        "from imagier.cli.network import network\n"
        "def interrupt(**_):\n"
        "    exec('raise KeyboardInterrupt')\n"
        "network.callback = interrupt\n"
        "main()\n"
    )
    (tmp_path / "interrupted.py").write_text(script)
    ended = subprocess.run(
        [sys.executable, "-m", "interrupted", "network", "linear"],
        cwd=tmp_path,
        env=os.environ | {"IMAGIER_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr.split()) == (130, ["Interrupted."])


def test_the_help_of_train_has_two_groups(pages):
    usual, advanced = pages["en"]["train"][1].split("\nAdvanced options:\n")
    usual = usual.split("\nUsual options:\n")[1]
    assert all(f"  {option}" in usual for option in ("--budget", "--out", "--json", "-h, --help"))
    assert all(f"  {option}" in advanced for option in ("--learning-rate", "--seed", "--plan"))


@pytest.mark.parametrize("word", ["help", "aide"])
def test_help_can_be_asked_for_by_a_word(call, word):
    assert call(word) == call("--help")
    assert call(word, "network") == call("network", "--help")
    code, _, err = call(word, "nonsense")
    assert (code, "nonsense" in err) == (2, True)


def test_a_missing_word_is_named_without_dots(call):
    said = call("predict", "m")[2].splitlines()[0]
    assert said == "imagier: PATH is missing. The command is written `imagier predict MODEL PATH…`."
