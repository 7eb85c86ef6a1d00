"""Rows as bytes: the short way of writing CSV gives what the long one gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.labelling.batch import rows
from imagier.tables import csv_line

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from(
    ["=1+1", "a,b", "a;=b", '"', "1", "-1", "1,5", "x\ty", "+", "é"]
)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=2), st.sampled_from(",\t"), st.integers(-1, 1))
def test_the_short_way_is_the_long_way(path, labels, delimiter, stranger):
    shares = [0.75, 8.1e-05][: len(labels)]
    row = (path, "ok", labels, shares, stranger == 1, stranger, None, None)
    assert rows._csv_row(row, delimiter) == csv_line(rows._cells(row), delimiter=delimiter)


def test_an_ending_that_is_none_is_refused(tmp_path):
    with pytest.raises(UsageError) as refused:
        rows.kind_of(tmp_path / "names.xlsx")
    assert refused.value.code == "table_ending"


def test_no_rows_are_bytes_too():
    names = ("path", "status", "error_code", "error_message", "abstained", "stranger")
    columns = {name: np.array([], dtype=object) for name in names}
    columns |= {"labels": np.empty((0, 2), object), "probabilities": np.empty((0, 2))}
    assert rows.encode(columns, "csv") == b""
