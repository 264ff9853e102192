"""The programs of the how-to pages do what they are for, as they stand there, in real processes."""

import asyncio
import contextvars
import hashlib
import runpy
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from fastapi import Depends, FastAPI

from storeroom import Storeroom, UnitOfWork
from storeroom_jobs import JobRepository, JobStatus
from storeroom_notes import NoteRepository
from tests.docs.howto import BIN, Program, commands, environment, served, write_programs

FLASK, FASTAPI, WORKER = (f"docs/howto/{name}.md" for name in ("flask", "fastapi", "worker"))
CLIENTS, REQUESTS = 8, 40


def writes_and_reads(client: Any, folder: str, new: Any) -> None:
    """Many clients write at once; each thing is there once, on pages that hold all of them."""
    with ThreadPoolExecutor(CLIENTS) as crowd:
        answers = list(crowd.map(lambda number: client("POST", f"/{folder}", new(number)), range(REQUESTS)))
    assert [status for status, _ in answers] == [201] * REQUESTS
    keys = {answer["id"] for _, answer in answers}
    assert len(keys) == REQUESTS
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        status, page = client("GET", f"/{folder}{after and f'?after={after}'}")
        assert status == 200
        found += [each["id"] for each in page[folder]]
        after = page["next"]
    assert len(found) == REQUESTS
    assert set(found) == keys
    key = min(keys)
    assert client("GET", f"/{folder}/{key}") == (200, next(each for _, each in answers if each["id"] == key))


@pytest.mark.dear
def test_the_program_on_flask(url: str, tmp_path: Path) -> None:
    assert write_programs(FLASK, tmp_path) == ["app.py"]
    with served(FLASK, tmp_path, environment(url, "notes")) as client:
        writes_and_reads(client, "notes", lambda number: {"text": f"note {number}"})
        assert client("GET", "/notes/4711") == (404, {"error": "NotFound"})
        assert client("GET", "/notes?after=nonsense") == (400, {"error": "CursorInvalid"})
        assert client("POST", "/notes", {"text": "\0"}) == (422, {"error": "ValueRefused"})


@pytest.mark.dear
def test_the_program_on_fastapi(url: str, tmp_path: Path) -> None:
    assert write_programs(FASTAPI, tmp_path) == ["api.py", "not_so.py"]
    with served(FASTAPI, tmp_path, environment(url, "jobs")) as client:
        writes_and_reads(client, "jobs", lambda number: {"file_path": f"/{number}", "priority": number})
        assert client("POST", "/jobs/lines", b"/a\n/b\n/c\n") == (201, 3)
        assert len(client("GET", "/jobs?status=queued")[1]["jobs"]) == REQUESTS + 3
        assert client("GET", "/jobs?status=dead") == (200, {"jobs": [], "next": None})
        assert client("GET", "/jobs/nonsense") == (404, {"error": "NotFound"})
        assert client("GET", "/jobs?after=nonsense") == (400, {"error": "CursorInvalid"})
        assert client("POST", "/jobs", {"file_path": "\0"}) == (422, {"error": "ValueRefused"})


@pytest.mark.parametrize(("scope", "committed"), [(None, False), ("function", True)])
def test_a_dependency_that_yields_a_unit_of_work_commits_after_the_response(
    notes_room: Storeroom, tmp_path: Path, scope: Literal["function"] | None, committed: bool
) -> None:
    write_programs(FASTAPI, tmp_path)
    names = runpy.run_path(str(tmp_path / "not_so.py"))
    app = FastAPI()
    app.state.room = notes_room

    @app.post("/notes")
    def write(uow: Annotated[UnitOfWork, Depends(names["unit_of_work"], scope=scope)]) -> None:
        uow[NoteRepository].write("Buy tea")

    def count() -> int:
        with notes_room.read() as uow:
            return uow[NoteRepository].count()

    seen: list[tuple[str, int]] = []

    async def send(message: Any) -> None:
        seen.append((message["type"], await asyncio.to_thread(contextvars.Context().run, count)))

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope_of_request = {"type": "http", "method": "POST", "path": "/notes", "query_string": b"", "headers": []}
    asyncio.run(app(scope_of_request, receive, send))
    assert seen == [("http.response.start", int(committed)), ("http.response.body", int(committed))]
    assert count() == 1


@pytest.mark.dear
def test_workers_do_each_job_once_and_stop_when_told(url: str, tmp_path: Path) -> None:
    assert write_programs(WORKER, tmp_path) == ["worker.py"]
    upgrade, work = commands(WORKER)
    environ = environment(url, "jobs")
    subprocess.run([str(BIN / upgrade[0]), *upgrade[1:]], env=environ, check=True, capture_output=True)
    files = [tmp_path / f"{number}.txt" for number in range(30)]
    for number, file in enumerate(files):
        file.write_text(f"content {number}")
    with Storeroom.open(url, allow=["jobs"]) as room, ExitStack() as stack:
        with room.write() as uow:
            uow[JobRepository].add_many({"file_path": str(file)} for file in files)
            missing = uow[JobRepository].create(str(tmp_path / "missing"), max_attempts=1)

        def finished() -> bool:
            with room.read() as uow:
                return uow[JobRepository].count_pending() == 0

        workers = [Program(work, tmp_path, environ) for _ in range(2)]
        for each in workers:
            stack.callback(each.kill)
        for each in workers:
            each.await_prints("asks for jobs")
        workers[0].await_true(finished)
        assert [workers[0].stop(), workers[1].stop(signal.SIGINT)] == [0, 0]
        printed = "".join(each.printed for each in workers)
        with room.read() as uow:
            jobs = uow[JobRepository].list()
            dead = uow[JobRepository].get(missing.id)
    assert (dead.status, dead.attempts) == (JobStatus.DEAD, 1)
    digests = {Path(job.file_path): job.stats["sha256"] for job in jobs if job.id != missing.id}
    assert digests == {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert printed.count(" is done") == len(files)
    assert "Traceback" not in printed
