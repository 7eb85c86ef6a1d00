"""Why the system refused, said in the user's language: no English words in a French sentence."""

import errno

import pytest

from imagier.errors import NAMED_BY_US, MachineError, system_reason
from imagier.files import storage_errors
from imagier.i18n import use_language


@pytest.mark.parametrize("name", sorted(NAMED_BY_US))
def test_usual_reasons_have_words_in_both_languages(name):
    error = OSError(getattr(errno, name), "THE SYSTEM")
    said = {}
    for language in ("en", "fr"):
        with use_language(language):
            said[language] = system_reason(error)
    assert "THE SYSTEM" not in said.values()
    assert said["en"] != said["fr"]


def test_other_reasons_are_the_systems_own():
    assert system_reason(OSError(errno.EXDEV, "crosses disks")) == "crosses disks"
    assert system_reason(OSError("alone")) == "alone"


def test_a_folder_that_is_a_file_is_told_in_french(tmp_path):
    (tmp_path / "file").write_text("x")
    place = tmp_path / "file" / "new"
    with use_language("fr"), pytest.raises(MachineError) as caught, storage_errors(place):
        place.write_text("y")
    assert "ce qui devrait être un dossier n’en est pas un" in caught.value.message
    assert "--out" not in caught.value.next_step
