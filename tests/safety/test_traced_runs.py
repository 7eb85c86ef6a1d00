"""Every file written and every socket opened, as the system saw it, from an empty home.

`CI` is taken out of the environment: there is a library that keeps silent where it is set.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
# below the home, as both READMEs say it
SAID = (".cache/imagier", ".local/state/imagier", ".cache/matplotlib", ".config/matplotlib")
CALLS = "%network,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink"
ONE = ("--epochs", "1")
ROADS = {
    "train": ("-m", "imagier", "train", "PICTURES", "--network", "features;linear", *ONE),
    "learn": ("-c", "import imagier; imagier.learn('digits', network='linear', epochs=1)"),
    "predict": ("-m", "imagier", "predict", "MODEL", "PICTURE"),
}

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed: nothing sees what is written"
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, draw_stripes):
    drawn, labels = draw_stripes(60, seed=5)
    place = tmp_path_factory.mktemp("traced") / "stripes"
    for number, label in enumerate(labels):
        folder = place / ("lying", "standing")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn[number, :, :, 0]).resize((80, 60)).save(folder / f"{number}.png")
    return place


def trace(words, cwd, home):
    """Run Python under the eyes of the system; give the calls that did not fail."""
    record, temporary = cwd.parent / "calls.txt", cwd.parent / "tmp"
    for folder in (cwd, home, temporary):
        folder.mkdir(exist_ok=True)
    environment = {
        "HOME": os.fspath(home),
        "IMAGIER_LANG": "en",
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TMPDIR": os.fspath(temporary),
    }
    watched = ["strace", "-f", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", record]
    ended = subprocess.run(
        [*watched, sys.executable, *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in ended.stderr:
        pytest.skip("this system lets no process be traced")
    assert ended.returncode == 0, ended.stderr
    assert "Matplotlib" not in ended.stderr
    assert not any(temporary.iterdir())
    return [line for line in record.read_text().splitlines() if " = -1 " not in line]


def written(calls, cwd):
    """Give what was opened to be written, made or renamed; devices left out."""
    for call in calls:
        name, _, rest = call.partition(" ")[2].lstrip().partition("(")
        reads = name in {"open", "openat"} and not re.search("O_WRONLY|O_RDWR|O_CREAT", rest)
        if reads or name in {"socket", "socketpair"}:
            continue
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', rest):
            path = Path(os.path.normpath(cwd / text))
            if path.parts[:2] not in {("/", "dev"), ("/", "proc")}:
                yield path


def check(calls, cwd, home, *, may_write):
    sockets = [call for call in calls if re.search(r"\b(socket|connect|sendto|bind)\(", call)]
    assert not sockets
    allowed = [*(home / place for place in SAID), *may_write, cwd.parent / "tmp"]
    above = {parent for place in allowed for parent in place.parents}
    strange = [
        path
        for path in written(calls, cwd)
        if path not in above and not any(path.is_relative_to(place) for place in allowed)
    ]
    assert not strange


def test_train_and_predict(pictures, tmp_path):
    cwd, home = tmp_path / "work", tmp_path / "home"
    train = [os.fspath(pictures) if word == "PICTURES" else word for word in ROADS["train"]]
    calls = trace([*train, "--out", "m"], cwd, home)
    check(calls, cwd, home, may_write=[cwd / "m"])
    assert any(path.is_relative_to(home / SAID[0]) for path in written(calls, cwd))  # it is seen
    shutil.rmtree(home)
    picture = os.fspath(next((pictures / "lying").iterdir()))
    places = {"MODEL": "m", "PICTURE": picture}
    calls = trace([places.get(word, word) for word in ROADS["predict"]], cwd, home)
    check(calls, cwd, home, may_write=[])
    assert not any(home.iterdir())


def test_learn(tmp_path):
    cwd, home = tmp_path / "work", tmp_path / "home"
    check(trace(ROADS["learn"], cwd, home), cwd, home, may_write=[])
    assert not any(cwd.iterdir())


@pytest.mark.parametrize("page", ["README.md", "LISEZMOI.md"])
def test_the_pages_say_so(page):
    text = (ROOT / page).read_text()
    assert all(f"~/{place}" in text for place in SAID)
