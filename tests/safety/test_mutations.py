"""Files spoilt at random and at their joints: each gives a result or a named refusal.

A hundred of each kind here, ten thousand in the long loops; the seed of each tells how to make it
again: `attack("PNG", range(17, 18))` in a folder as `Place` furnishes it.
"""

import json

import pytest

from tests.safety.hostile_files import Place
from tests.safety.measuring import Runner
from tests.safety.mutated_files import SUBJECTS

HERE, LONG = 100, 10_000
AT_ONCE = 500  # by one process, so that what it keeps in memory is not taken for growth


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    home = tmp_path_factory.mktemp("mutations")
    with Runner(home) as runner:
        yield Place(home, runner)


def faults(place, name, seeds):
    """Spoil and open a file for each seed; give what went wrong, by seed."""
    found, first = {}, seeds.start
    while first < seeds.stop:
        last = min(first + AT_ONCE, seeds.stop)
        measured = place.mutate(name, first, last)
        lines = [json.loads(line) for line in measured.out.splitlines() if line.endswith("}")]
        begun = [line["begun"] for line in lines if "begun" in line] or [first]
        found |= {line["seed"]: line["reason"] for line in lines if "seed" in line}
        if measured.code == 0:
            first = last
        else:  # it was killed, or crashed, on the last one
            growth = f"{measured.growth >> 20} MB more"
            found[begun[-1]] = f"exit code {measured.code}, {growth}\n{measured.err[-1500:]}"
            first = begun[-1] + 1
    return found


def told(found):
    return f"{len(found)} seeds: {sorted(found)[:30]}\n" + "\n".join(
        f"{seed}: {reason[-700:]}" for seed, reason in sorted(found.items())[:5]
    )


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_sound_file_is_opened(place, name):
    measured = place.mutate(name, 0, 0)
    assert (measured.code, measured.out) == (0, ""), measured.err


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_spoilt_file_is_opened_or_refused(place, name):
    found = faults(place, name, range(HERE))
    assert not found, told(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBJECTS)
def test_ten_thousand_spoilt_files_are_opened_or_refused(place, name):
    found = faults(place, name, range(LONG))
    assert not found, told(found)
