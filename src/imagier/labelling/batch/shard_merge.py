"""Lays the files of several jobs into one: `imagier label --merge 10 --out names.csv`."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from imagier.errors import UsageError
from imagier.files import content_hash, open_regular, printable
from imagier.labelling.batch.part_store import Job, known_job, open_store
from imagier.labelling.batch.results import LabelResult
from imagier.labelling.batch.rows import Kind, kind_of, lay_tables
from imagier.labelling.batch.shares import Share, shard_path

__all__ = ["merge_shards"]

_MOST_NAMED = 5


def merge_shards(out: Path, total: int, *, force: bool = False) -> LabelResult:
    """Lay the files of finished shards into one, in the order of the listing; they stay.

    Args:
        out: The file; those of the shards stand beside it.
        total: How many shards there are.
        force: Whether an older merged file of another job gives way.

    Raises:
        UsageError: `label_shards_missing`, `label_shards_differ`, `label_not_ours`, `label_busy`,
            `label_model_changed`, `label_job_changed` or `table_ending`.
        MachineError: `reader_missing`, `disk_full` or `cannot_write`.
    """
    began = time.monotonic()
    kind = kind_of(out)
    files = [shard_path(out, Share(number=one + 1, total=total)) for one in range(total)]
    said = _checked(files)
    job = Job(**{**said[0]["job"], "shard": str(Share())})
    inputs = content_hash("\n".join(str(one["inputs"]) for one in said).encode())
    tally = _together([one["tally"] for one in said])
    with open_store(out, job) as store:
        finished = None if force else store.finished()
        was_finished = finished is not None and finished.get("inputs") == inputs
        if was_finished:
            store.clear()
        else:
            store.begin(force=force)
            facts = {"inputs": inputs, "listing": said[0]["listing"], "tally": tally}
            with store.finishing(facts) as file:
                _lay(files, file, kind, job)
    return LabelResult(
        out=out,
        **tally,
        labelled=0,
        changed=0,
        passed_over=0,
        model=job.model,
        shard=job.shard,
        seconds=time.monotonic() - began,
        was_finished=was_finished,
        merged=total,
    )


def _checked(files: Sequence[Path]) -> list[Mapping[str, Any]]:
    """Give what is known of each shard, all of one work."""
    said = [known_job(file) for file in files]
    missing = [file.name for file, one in zip(files, said, strict=True) if one is None]
    if missing:
        names = ", ".join(map(printable, missing[:_MOST_NAMED])) + ", …" * (
            len(missing) > _MOST_NAMED
        )
        raise UsageError("label_shards_missing", total=len(files), n=len(missing), names=names)
    known = [one for one in said if one is not None]
    for file, one in zip(files, known, strict=True):
        if _work(one) != _work(known[0]):
            raise UsageError("label_shards_differ", path=printable(file))
    return known


def _work(said: Mapping[str, Any]) -> tuple[object, ...]:
    return said.get("listing"), {**said["job"], "shard": ""}


def _together(tallies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    errors: Counter[str] = Counter()
    for one in tallies:
        errors.update(one["errors"])
    counts = {name: sum(int(one[name]) for one in tallies) for name in ("n", "good", "unsaid")}
    return {**counts, "errors": dict(sorted(errors.items()))}


def _lay(files: Sequence[Path], file: IO[bytes], kind: Kind, job: Job) -> None:
    if kind == "parquet":
        lay_tables(_tables(files), file, top=job.top, model=job.model)
        return
    for number, path in enumerate(files):
        with open_regular(path) as one:
            if number and kind != "jsonl":
                one.readline()  # the titles
            shutil.copyfileobj(one, file)


def _tables(files: Sequence[Path]) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import parquet

    for path in files:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield pa.Table.from_batches([batch])
