"""What the database itself refuses, also to those who write to it without the repository."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import CheckFailed, ConstraintViolated, Duplicate, NullRefused

AT = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
INSERT = text(
    "INSERT INTO jobs (id, file_path, status, force, source_format, output_path, stats, error, config_hash, created_at,"
    " priority, run_at, attempts, max_attempts, unique_key, worker, lease_token) VALUES (:id, :file_path, :status, "
    "false, '', '', '{}', '', '', :at, 0, :at, :attempts, :max_attempts, :unique_key, '', 0)"
)
GOOD = {
    "id": "a",
    "file_path": "/a",
    "status": "queued",
    "at": AT,
    "attempts": 0,
    "max_attempts": 1,
    "unique_key": "k",
}
BAD: list[tuple[type[ConstraintViolated], str, Mapping[str, object]]] = [
    (CheckFailed, "ck_jobs_id", {"id": ""}),
    (CheckFailed, "ck_jobs_file_path", {"file_path": ""}),
    (NullRefused, "file_path", {"file_path": None}),
    (CheckFailed, "ck_jobs_status", {"status": "done"}),
    (CheckFailed, "ck_jobs_attempts", {"attempts": -1}),
    (CheckFailed, "ck_jobs_max_attempts", {"max_attempts": 0}),
    (Duplicate, "jobs", {"unique_key": "other"}),
    (Duplicate, "unique_key", {"id": "b"}),
    (Duplicate, "unique_key", {"id": "b", "status": "running"}),
]


@pytest.mark.parametrize(("kind", "rule", "values"), BAD)
def test_a_row_that_breaks_a_rule_is_refused(
    room: Storeroom, kind: type[ConstraintViolated], rule: str, values: Mapping[str, object]
) -> None:
    with room.write() as uow:
        uow.connection.execute(INSERT, GOOD)
    with pytest.raises(kind) as refusal, room.write() as uow:
        uow.connection.execute(INSERT, {**GOOD, "id": "b" if kind is CheckFailed else "a", **values})
    assert rule in str(refusal.value)


@pytest.mark.parametrize("status", ["completed", "failed", "dead"])
def test_a_finished_job_may_have_the_key_of_a_pending_one(room: Storeroom, status: str) -> None:
    with room.write() as uow:
        uow.connection.execute(INSERT, GOOD)
        uow.connection.execute(INSERT, {**GOOD, "id": "b", "status": status})
