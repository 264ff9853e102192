"""The raw driver's statements, written out by hand for each database."""

from dataclasses import dataclass

from benchmarks.data import KEY, SCANNED
from storeroom_jobs import JobRecord
from storeroom_jobs.models import IS_QUEUED, IS_RUNNING
from storeroom_providers import ProviderStats
from storeroom_wanted import WantedRecord

WANTED = tuple(WantedRecord.model_fields)
JOB = tuple(JobRecord.model_fields)
STATS = tuple(ProviderStats.model_fields)

_CHANGED = [name for name in SCANNED if name not in KEY]
_STATUS = "CASE wanted.status WHEN 'ignored' THEN 'ignored' ELSE 'wanted' END"
_NEW_JOB = {
    "status": "'queued'",
    "force": "false",
    "source_format": "''",
    "output_path": "''",
    "stats": "'{}'",
    "error": "''",
    "config_hash": "''",
    "priority": "0",
    "attempts": "0",
    "max_attempts": "5",
    "worker": "''",
    "lease_token": "0",
}


def _listed(names: tuple[str, ...] | list[str], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{name}" for name in names)


@dataclass(frozen=True)
class Flavour:
    """What a database calls things: a parameter, the time, the time in so many seconds."""

    mark: str
    now: str
    later: str

    @property
    def on_conflict(self) -> str:
        """What an upsert of scanned fields does with a row that is there: nothing, where nothing would change."""
        changes = [f"{name} = excluded.{name}" for name in _CHANGED]
        changes += [f"status = {_STATUS}", f"updated_at = {self.now}", "version = wanted.version + 1"]
        differs = [f"wanted.{name} IS DISTINCT FROM excluded.{name}" for name in _CHANGED]
        differs += [f"wanted.status IS DISTINCT FROM {_STATUS}"]
        return f"ON CONFLICT ({_listed(KEY)}) DO UPDATE SET {', '.join(changes)} WHERE {' OR '.join(differs)}"

    @property
    def insert(self) -> str:
        """The beginning of an insert of scanned fields, up to its values."""
        return f"INSERT INTO wanted ({_listed(SCANNED)}, status, error, search_count, added_at, updated_at)"

    @property
    def completed(self) -> str:
        """The values of a new item that no scan tells."""
        return f"'wanted', '', 0, {self.now}, {self.now}"

    @property
    def upsert_one(self) -> str:
        """Upsert a scanned item, and return the row as it is then; none where nothing changed."""
        marks = ", ".join([self.mark] * len(SCANNED))
        return f"{self.insert} VALUES ({marks}, {self.completed}) {self.on_conflict} RETURNING {_listed(WANTED)}"

    @property
    def by_key(self) -> str:
        """Read an item by its conflict key."""
        return f"SELECT {_listed(WANTED)} FROM wanted WHERE {' AND '.join(f'{name} = {self.mark}' for name in KEY)}"

    def search(self, *, success: bool) -> str:
        """Count a search that took so long; three parameters: the provider, and twice the time."""
        ended = "last_success_at" if success else "last_failure_at"
        failures = 0 if success else 1
        row = "providers_stats"
        counters = "successful_downloads, failed_downloads, scored_downloads"
        changes = [
            f"searches = {row}.searches + 1",
            f"search_failures = {row}.search_failures + {failures}",
            "last_response_ms = excluded.last_response_ms",
            f"average_response_ms = coalesce({row}.average_response_ms, 0.0) + (excluded.average_response_ms - "
            f"coalesce({row}.average_response_ms, 0.0)) / (1.0 + {row}.timed_searches)",
            f"timed_searches = {row}.timed_searches + 1",
            f"{ended} = excluded.{ended}",
            f"consecutive_failures = {'0' if success else f'{row}.consecutive_failures + 1'}",
            "updated_at = excluded.updated_at",
            f"version = {row}.version + 1",
        ]
        return (
            f"INSERT INTO {row} (provider, searches, search_failures, timed_searches, average_response_ms, "
            f"last_response_ms, {counters}, consecutive_failures, {ended}, disabled, updated_at) VALUES ({self.mark}, "
            f"1, {failures}, 1, {self.mark}, {self.mark}, 0, 0, 0, {failures}, {self.now}, false, {self.now}) "
            f"ON CONFLICT (provider) DO UPDATE SET {', '.join(changes)} RETURNING {_listed(STATS)}"
        )

    @property
    def create_job(self) -> str:
        """Create a job; three parameters: id, path, context."""
        return (
            f"INSERT INTO jobs (id, file_path, context, created_at, run_at, {_listed(list(_NEW_JOB))}) VALUES "
            f"({self.mark}, {self.mark}, {self.mark}, {self.now}, {self.now}, {_listed(list(_NEW_JOB.values()))}) "
            f"RETURNING {_listed(JOB)}"
        )

    @property
    def claim_job(self) -> str:
        """Claim the next job; two parameters: the worker, and the lease's seconds."""
        is_sqlite = self.mark == "?"
        query = (
            f"SELECT id FROM jobs WHERE {IS_QUEUED} AND run_at <= {self.now} ORDER BY priority DESC, run_at, id LIMIT 1"
        )
        chosen = f"id IN ({query})" if is_sqlite else f"id = ANY (ARRAY({query} FOR UPDATE SKIP LOCKED))"
        return (
            "UPDATE jobs SET status = 'running', attempts = attempts + 1, lease_token = lease_token + 1, "
            f"worker = {self.mark}, lease_expires_at = {self.later}, started_at = {self.now} WHERE {chosen} "
            f"RETURNING {_listed(JOB)}"
        )

    @property
    def complete_job(self) -> str:
        """Complete a job that is held; four parameters: the output, the statistics, the job, its token."""
        return (
            f"UPDATE jobs SET status = 'completed', completed_at = {self.now}, lease_expires_at = NULL, error = '', "
            f"source_format = '', config_hash = '', output_path = {self.mark}, stats = {self.mark} "
            f"WHERE id = {self.mark} AND {IS_RUNNING} AND lease_expires_at IS NOT NULL AND lease_token = {self.mark} "
            f"RETURNING {_listed(JOB)}"
        )

    @property
    def read_job(self) -> str:
        """Read a job by its id."""
        return f"SELECT {_listed(JOB)} FROM jobs WHERE id = {self.mark}"

    @property
    def first_page(self) -> str:
        """Read the newest items; one parameter: how many."""
        return f"SELECT {_listed(WANTED)} FROM wanted ORDER BY added_at DESC, id DESC LIMIT {self.mark}"

    @property
    def next_page(self) -> str:
        """Read the items after one; three parameters: its time and id, how many."""
        return self.first_page.replace(" ORDER BY", f" WHERE (added_at, id) < ({self.mark}, {self.mark}) ORDER BY")


ALL = f"SELECT {_listed(WANTED)} FROM wanted ORDER BY added_at DESC, id DESC"
PLACE = "SELECT added_at, id FROM wanted ORDER BY added_at DESC, id DESC LIMIT 1 OFFSET "
SUMMARY = (
    "SELECT status, item_type, subtitle_type, existing_sub, upgrade_candidate, count(*) FROM wanted "
    "GROUP BY status, item_type, subtitle_type, existing_sub, upgrade_candidate"
)

ON_SQLITE = Flavour(
    mark="?",
    now="strftime('%Y-%m-%d %H:%M:%f000', 'now')",
    later="strftime('%Y-%m-%d %H:%M:%f000', 'now', ? || ' seconds')",
)
ON_POSTGRESQL = Flavour(
    mark="%s", now="statement_timestamp()", later="statement_timestamp() + make_interval(secs => %s)"
)
