"""The key of compiled loops as an attacker would have it: known, swapped, in an open folder."""

import os
import stat
import sys

import pytest

from imagier.errors import MachineError
from imagier.local_key import local_key
from imagier.ownership import private_folder

STRANGER = 12345  # the number of a user who is not there
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners and modes")
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can make what another user owns"
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_could_read_is_replaced(home, mode):
    first = local_key()
    assert local_key() == first
    file = home / "state" / "imagier" / "key"
    file.chmod(mode)
    second = local_key()
    assert second != first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert local_key() == second


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"x" * 4096])
def test_a_key_of_another_length_is_replaced(home, content):
    local_key()
    file = home / "state" / "imagier" / "key"
    file.write_bytes(content)
    assert local_key() == file.read_bytes() != content


@posix
def test_a_key_that_is_a_link_is_replaced_and_what_it_leads_to_untouched(home):
    local_key()
    file = home / "state" / "imagier" / "key"
    file.unlink()
    (home / "known").write_bytes(b"k" * 32)
    (home / "known").chmod(0o600)
    file.symlink_to(home / "known")
    assert local_key() != b"k" * 32
    assert not file.is_symlink()
    assert (home / "known").read_bytes() == b"k" * 32


@posix
def test_a_key_that_is_a_pipe_does_not_stop_anything(home):
    (home / "state" / "imagier").mkdir(parents=True, mode=0o700)
    os.mkfifo(home / "state" / "imagier" / "key", 0o600)
    assert len(local_key()) == 32


@posix
@pytest.mark.parametrize("place", ["state/imagier", "state"])
def test_there_is_no_key_where_others_may_write(home, place):
    local_key()
    (home / place).chmod(0o777)
    with pytest.raises(MachineError) as refused:
        local_key()
    assert refused.value.code == "key_not_private"
    assert "chmod" in refused.value.next_step


@posix
def test_there_is_no_key_behind_a_link(home):
    (home / "elsewhere").mkdir()
    (home / "state").mkdir()
    (home / "state" / "imagier").symlink_to(home / "elsewhere")
    with pytest.raises(MachineError) as refused:
        local_key()
    assert refused.value.code == "key_not_private"
    assert list((home / "elsewhere").iterdir()) == []


@as_root
@pytest.mark.parametrize("place", ["state/imagier", "state"])
def test_root_makes_no_key_in_the_home_of_a_user(home, place):
    (home / "state" / "imagier").mkdir(parents=True)
    os.chown(home / place, STRANGER, STRANGER)
    with pytest.raises(MachineError) as refused:
        local_key()
    assert refused.value.code == "key_not_private"


@as_root
def test_a_key_of_another_user_is_replaced(home):
    first = local_key()
    os.chown(home / "state" / "imagier" / "key", STRANGER, STRANGER)
    assert local_key() != first


@posix
def test_a_folder_is_proven_from_the_root_of_the_disk(tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    assert private_folder(folder) == folder.resolve()
    (tmp_path / "a").chmod(0o1777)  # like /tmp: nobody can move what is another's
    assert private_folder(folder) == folder.resolve()
    (tmp_path / "a").chmod(0o777)
    assert private_folder(folder) is None
    (tmp_path / "a").chmod(0o755)
    (tmp_path / "short").symlink_to(tmp_path / "a")
    assert private_folder(tmp_path / "short" / "b") == folder.resolve()
    assert private_folder(tmp_path / "short") is None
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for missing in ("round/b", "nowhere", "round"):
        assert private_folder(tmp_path / missing) is None


@as_root
def test_a_group_of_others_may_not_write(tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    os.chown(tmp_path / "a", 0, STRANGER)
    (tmp_path / "a").chmod(0o775)
    assert private_folder(folder) is None
    os.chown(tmp_path / "a", 0, 0)  # the group root, which holds nobody else
    assert private_folder(folder) is not None
