"""What an audit answers: lines, JSON, ranking, tables, the page; in both languages."""

import dataclasses
import json
import re

import numpy as np
import pytest

from imagier.auditing import (
    Audit,
    AuditAnswer,
    Cue,
    Judgement,
    Series,
    audit_html,
    clean_list,
    find_duplicates,
    find_label_errors,
)
from imagier.auditing.clean_list import check_clean_place, kept_rows
from imagier.datasets import Skipped
from imagier.errors import UsageError
from imagier.i18n import LANGUAGES, use_language
from imagier.images import PictureHeader

N = 40


def header(*, width=400, position=False):
    return PictureHeader(
        format="JPEG",
        height=300,
        width=width,
        bytes=9000,
        has_exif=position,
        has_position=position,
    )


@pytest.fixture(scope="module")
def audit(drawn, dataset_of):
    """An audit that found something of every kind."""
    thumbnails = drawn(N).copy()
    labels = np.arange(N) % 2
    thumbnails[10] = thumbnails[0]  # saved again
    thumbnails[33] = thumbnails[1, :, ::-1]  # a leak
    thumbnails[5] = thumbnails[4]  # a conflict
    parts = ["train"] * 30 + ["test"] * 10
    names = [f"{row // 4:03d}_{row % 4}.jpg" for row in range(N)]
    names[7] = "<b>bold</b>7_7.jpg"
    dataset = dataset_of(thumbnails, labels, parts=parts, names=names)
    said = np.where(np.eye(2)[labels] == 1, 0.9, 0.1)
    said[7] = said[7][::-1]
    said[8] = [0.001, 0.999]
    errors = find_label_errors(said, labels)
    errors = dataclasses.replace(errors, is_suspected=np.isin(np.arange(N), [7, 8]))
    headers = [header() for _ in range(N)]
    headers[20], headers[21] = header(width=20_000), header(position=True)
    return Audit(
        dataset=dataset,
        unreadable=(Skipped(path="bad.jpg", code="truncated", message="It stops."),),
        duplicates=find_duplicates(dataset),
        judgement=Judgement(
            label_errors=errors, accuracy=0.9, accuracy_by_series=0.6, described_by="features"
        ),
        cues=(
            Cue(
                name="corner_top_left",
                label=1,
                separation=0.9,
                accuracy=0.8,
                baseline=0.5,
                p_value=0.01,
            ),
        ),
        series=Series(
            pattern=r"^(\D*\d+)",
            example="000_0.jpg",
            group="000",
            groups=10,
            pictures=40,
            nearest=0.98,
            chance=0.1,
        ),
        headers=headers,
        notes=(),
        seed=0,
    )


@pytest.fixture
def answer(audit):
    return AuditAnswer(source="photos", audit=audit)


def test_every_finding_is_said(answer):
    said = "\n".join(answer.lines())
    for words in (
        "One file cannot be used: truncated",
        "3 groups of copies, 6 pictures: saved again (2), mirrored (1)",
        "One picture bears two names: 001_0.jpg (class0), 001_1.jpg (class1)",
        "Leaks: 10.0%",
        "2 names may be wrong (5.0%)",
        "“000” in 000_0.jpg is one of 10",
        "90.0% with the series on both sides, 60.0% with whole series left out",
        "“class1” is given away by the top left corner alone (separation 0.90",
        "One picture has an odd size: 005_0.jpg (20000 × 300)",
        "files that tell where the picture was taken: 1",
    ):
        assert words in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_both_languages(answer, language):
    with use_language(language):
        said = "\n".join(answer.lines())
        page = audit_html(answer)
    assert ("noms" in said) is (language == "fr")
    assert f'<html lang="{language}">' in page
    assert "`" not in page, "what is typed is set as code"


def test_the_ranking_gives_each_picture_its_worst_score(audit):
    ranked = {one.path: one for one in audit.ranking()}
    assert ranked["bad.jpg"].score == ranked["001_0.jpg"].score == 1
    assert ranked["000_1.jpg"].findings == ("leak", "copy")
    assert ranked["002_0.jpg"].findings == ("label_error",)
    assert ranked["002_0.jpg"].suggested == "class1"
    scores = [one.score for one in audit.ranking()]
    assert scores == sorted(scores, reverse=True)
    assert "003_0.jpg" not in ranked


def test_json_has_all_keys_and_no_strange_numbers(answer, audit):
    given = answer.to_json()
    json.dumps(given, allow_nan=False)
    bare = dataclasses.replace(
        audit, judgement=None, cues=(), series=None, headers=[None] * N, unreadable=()
    )
    assert AuditAnswer(source="x", audit=bare).to_json().keys() == given.keys()
    assert given["duplicates"] == [
        ["000_0.jpg", "002_2.jpg"],
        ["000_1.jpg", "008_1.jpg"],
        ["001_0.jpg", "001_1.jpg"],
    ]
    assert given["conflicts"] == [["001_0.jpg", "001_1.jpg"]]
    suspected = [one["path"] for one in given["label_errors"] if one["suspected"]]
    assert suspected == ["002_0.jpg", "<b>bold</b>7_7.jpg"]
    assert [one["cue"] for one in given["spurious"]] == ["corner_top_left"]
    assert given["metadata"] == {"exif": 1, "positions": 1}


@pytest.mark.parametrize(
    ("limits", "exceeded"),
    [
        ({}, ()),
        ({"max_leak": 0.0}, ("max_leak",)),
        ({"max_leak": 0.1, "max_errors": 0.05}, ()),
        ({"max_leak": 0.05, "max_errors": 0.04}, ("max_leak", "max_errors")),
    ],
)
def test_limits_are_judged(audit, limits, exceeded):
    assert AuditAnswer(source="x", audit=audit, **limits).exceeded == exceeded


def test_names_that_were_not_judged_pass_no_limit(audit):
    unjudged = dataclasses.replace(audit, judgement=None)
    assert AuditAnswer(source="x", audit=unjudged, max_errors=1.0).exceeded == ("max_errors",)


def test_a_weak_recogniser_ranks_and_does_not_judge(audit):
    weak = dataclasses.replace(audit.judgement, accuracy=0.5)
    doubtful = dataclasses.replace(audit, judgement=weak)
    answer = AuditAnswer(source="x", audit=doubtful, max_errors=1.0)
    assert answer.exceeded == ("max_errors",)
    given = answer.to_json()
    assert given["label_error_rate"] is None
    assert [one["path"] for one in given["label_errors"] if one["suspected"]] == ["002_0.jpg"]
    assert "only 50.0%" in "\n".join(answer.lines())
    assert 8 in kept_rows(doubtful)


def test_the_clean_list_leaves_out_what_is_wrong(audit):
    kept = set(kept_rows(audit))
    assert not kept & {4, 5, 8}, "two names; surely wrong"
    assert 33 in kept, "the test part stays"
    assert 1 not in kept, "its copy is not learnt"
    assert len(kept & {0, 10}) == 1
    assert 7 in kept, "suspected, not sure"
    table = clean_list(audit, before="photos/")
    assert table.columns == ["path", "label", "part", "group"]
    assert ("photos/000_0.jpg", "class0", "train", "class0/000") in table.rows


def test_a_clean_list_never_leads_out_of_its_folder(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    assert check_clean_place(str(photos), tmp_path / "clean.csv") == "photos/"
    assert check_clean_place(str(photos), photos / "clean.csv") == ""
    with pytest.raises(UsageError, match="neither"):
        check_clean_place(str(photos), tmp_path / "other" / "clean.csv")
    with pytest.raises(UsageError, match="not made of picture files"):
        check_clean_place("digits", tmp_path / "clean.csv")


def test_the_page_is_escaped_and_fetches_nothing(answer):
    page = audit_html(answer)
    assert "<b>bold</b>7" not in page
    assert "&lt;b&gt;bold" in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert page.count("<img") >= 8
    assert len(page) < 3_000_000


def test_the_figure_shows_the_worst(answer):
    assert answer.figures()["figure"].content(".png").startswith(b"\x89PNG")


def test_the_tables_are_csv(answer):
    ranked = answer.tables()["ranked"].csv().splitlines()
    assert ranked[0] == "path,label,score,findings,suggested"
    assert len(ranked) == 1 + len(answer.audit.ranking())
