"""SQLAlchemy's ORM, written the usual way: select, then change or add, commit."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, tuple_
from sqlalchemy.orm import Session

from benchmarks.contender import Answer, Contender
from benchmarks.data import JOB_CONTEXT, JOB_STATS, KEY, Item, Search
from benchmarks.databases import BUSY, LONGEST, Database
from benchmarks.models import Job, Statistics, Wanted, utc_now

# How many items are looked up at once before they are changed or added.
AT_ONCE = 500
_LEASE = timedelta(minutes=5)
_KEY_COLUMNS = [getattr(Wanted, name) for name in KEY]
_NEWEST_FIRST = select(Wanted).order_by(Wanted.added_at.desc(), Wanted.id.desc())


def make_engine(database: Database) -> Engine:
    """Return an engine with Storeroom's settings: WAL, and a writing transaction that has its lock from the start."""
    if not database.is_sqlite:
        options = f"-c lock_timeout={BUSY} -c statement_timeout={LONGEST}"
        return create_engine(database.url, connect_args={"options": options})
    engine = create_engine(database.url)

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None
        for pragma in (f"busy_timeout={BUSY}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            driver.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")

    return engine


class OrmContender(Contender):
    """A Session a transaction, whose objects stay usable after its commit."""

    name = "SQLAlchemy ORM"

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.engine = make_engine(database)
        self.reader = self.engine.execution_options(reads=True)

    def close(self) -> None:
        self.engine.dispose()

    def session(self, *, reads: bool = False) -> Session:
        """Return a Session for one transaction."""
        return Session(self.reader if reads else self.engine, expire_on_commit=False)

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        outcomes: Counter[str] = Counter()
        rest = iter(items)
        with self.session() as session:
            while portion := list(islice(rest, AT_ONCE)):
                keys = [tuple(item[name] for name in KEY) for item in portion]
                rows = session.scalars(select(Wanted).where(tuple_(*_KEY_COLUMNS).in_(keys)))
                found = {(row.file_path, row.language, row.subtitle_type): row for row in rows}
                for key, item in zip(keys, portion, strict=True):
                    outcomes[_put(session, found.get(key), item)] += 1
                session.flush()
            session.commit()
        return _counts(outcomes)

    def add_many(self, items: Iterable[Item]) -> Answer:
        number = 0
        with self.session() as session:
            for item in items:
                session.add(Wanted(**item))
                number += 1
            session.commit()
        return number

    def stream(self) -> Answer:
        number, path = 0, None
        with self.session(reads=True) as session:
            for row in session.scalars(_NEWEST_FIRST.execution_options(yield_per=1000)):
                number, path = number + 1, row.file_path
        return number, path

    def upsert_each(self, items: Sequence[Item]) -> Answer:
        outcomes: Counter[str] = Counter()
        for item in items:
            with self.session() as session:
                outcomes[_put(session, _find(session, item), item)] += 1
                session.commit()
        return _counts(outcomes)

    def upsert_together(self, items: Sequence[Item]) -> Answer:
        outcomes: Counter[str] = Counter()
        with self.session() as session:
            for item in items:
                outcomes[_put(session, _find(session, item), item)] += 1
                session.flush()
            session.commit()
        return _counts(outcomes)

    def search_each(self, searches: Sequence[Search]) -> Answer:
        answer = None
        for search in searches:
            with self.session() as session:
                answer = _record(session, search)
                session.commit()
        return answer

    def search_together(self, searches: Sequence[Search]) -> Answer:
        answer = None
        with self.session() as session:
            for search in searches:
                answer = _record(session, search)
                session.flush()
            session.commit()
        return answer

    def work_jobs(self, paths: Sequence[str]) -> Answer:
        job = None
        for path in paths:
            with self.session() as session:
                created = Job(file_path=path, context=JOB_CONTEXT)
                session.add(created)
                session.commit()
            with self.session() as session:
                claimed = _claim(session, "bench")
                session.commit()
            with self.session() as session:
                job = session.get(Job, claimed.id if claimed else None)
                if job is not None and claimed is not None and job.lease_token == claimed.lease_token:
                    job.status, job.completed_at, job.lease_expires_at = "completed", utc_now(), None
                    job.output_path, job.stats = f"{path}.ass", JOB_STATS
                session.commit()
            with self.session(reads=True) as session:
                job = session.get(Job, created.id)
        return None if job is None else job.status

    def claim(self, worker: str) -> bool:
        with self.session() as session:
            claimed = _claim(session, worker)
            session.commit()
        return claimed is not None

    def place(self, position: int, size: int) -> Any:
        return position

    def page(self, place: Any, size: int) -> Answer:
        with self.session(reads=True) as session:
            return [row.file_path for row in session.scalars(_NEWEST_FIRST.offset(place).limit(size))]

    def summary(self) -> Answer:
        with self.session(reads=True) as session:
            counts = session.execute(select(Wanted.status, func.count()).group_by(Wanted.status)).all()
            by_status = {row[0]: row[1] for row in counts}
            for column in (Wanted.item_type, Wanted.subtitle_type, Wanted.existing_sub):
                session.execute(select(column, func.count()).group_by(column)).all()
            upgradeable = session.scalar(select(func.count()).where(Wanted.upgrade_candidate))
        return sum(by_status.values()), by_status, upgradeable


def _find(session: Session, item: Item) -> Wanted | None:
    return session.scalars(select(Wanted).filter_by(**{name: item[name] for name in KEY})).first()


def _put(session: Session, row: Wanted | None, item: Item) -> str:
    if row is None:
        session.add(Wanted(**item))
        return "inserted"
    for name, value in item.items():
        setattr(row, name, value)
    row.status = "wanted"
    return "updated" if session.is_modified(row) else "unchanged"


def _counts(outcomes: Counter[str]) -> Answer:
    return outcomes["inserted"], outcomes["updated"], outcomes["unchanged"]


def _record(session: Session, search: Search) -> int:
    row = session.get(Statistics, search.provider)
    if row is None:
        row = Statistics(
            provider=search.provider, searches=0, search_failures=0, timed_searches=0, consecutive_failures=0
        )
        session.add(row)
    mean = row.average_response_ms or 0.0
    row.average_response_ms = mean + (search.response_ms - mean) / (1 + row.timed_searches)
    row.last_response_ms = search.response_ms
    row.timed_searches += 1
    row.searches += 1
    if search.success:
        row.last_success_at, row.consecutive_failures = utc_now(), 0
    else:
        row.last_failure_at = utc_now()
        row.search_failures += 1
        row.consecutive_failures += 1
    return row.searches


def _claim(session: Session, worker: str) -> Job | None:
    queued = select(Job).where(Job.status == "queued", Job.run_at <= utc_now())
    first = queued.order_by(Job.priority.desc(), Job.run_at, Job.id).limit(1)
    job = session.scalar(first.with_for_update(skip_locked=True))
    if job is not None:
        job.status, job.worker, job.started_at = "running", worker, utc_now()
        job.attempts += 1
        job.lease_token += 1
        job.lease_expires_at = utc_now() + _LEASE
    return job
