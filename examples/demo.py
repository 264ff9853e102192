"""The demo: an old system's database is taken over, and a working day goes by, on SQLite or where --url says."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import weather

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import ReadOnly, RepositoryMissing
from storeroom_hooks import HookRepository
from storeroom_jobs import JobRecord, JobRepository, JobStatus, LeaseLost
from storeroom_profiles import ProfileRepository
from storeroom_providers import ProviderRepository
from storeroom_standalone import StandaloneRepository
from storeroom_wanted import ScanItem, WantedRepository, WantedStatus

OLD = Path(__file__).with_name("sublarr-legacy.db")
REQUIRED = [
    JobRepository,
    WantedRepository,
    ProfileRepository,
    ProviderRepository,
    HookRepository,
    StandaloneRepository,
]
SERIES = 1003
FOLDER = "/media/anime/Kaibutsu-kun Demon no Ken/Season 01"


def title(text: str) -> None:
    print(f"\n{text}\n{'─' * len(text)}")


def short(path: str) -> str:
    return Path(path).stem


def show_plugins(room: Storeroom) -> None:
    title("Found, and where their tables stand")
    for plugin in room.status():
        print(f"  {plugin.name:10} {plugin.state:12} {plugin.database_head or '–'}")
    try:
        with room.read() as uow:
            uow["weather"]
    except RepositoryMissing as error:
        print(f"  {type(error).__name__}: {error}")


def adopt(room: Storeroom) -> None:
    title(f"Adopted from {OLD.name}, in one transaction; the file stays as it is")
    report = room.adopt("sublarr", OLD)
    for table in report.tables:
        mended = f", {len(table.notes)} note(s)" if table.notes else ""
        print(f"  {table.table:25} → {table.target:20} {table.written:4} of {table.read}{mended}")
    for note in next(table for table in report.tables if table.table == "jobs").notes:
        print(f"    job {note.key} {note.fate}: {note.cause}")
    ignored = ", ".join(f"{each.table} ({each.rows})" for each in report.ignored if each.rows)
    print(f"  Of no plugin here: {ignored}")
    again = room.adopt("sublarr", OLD)
    print(f"  Once more: {sum(table.written for table in again.tables)} written, the rest is known")


def episode(number: int, group: str, score: int = 0) -> ScanItem:
    return {
        "item_type": "episode",
        "series_id": SERIES,
        "episode_id": 100300 + number,
        "file_path": f"{FOLDER}/[{group}] Kaibutsu-kun Demon no Ken - {number:02} [1080p].mkv",
        "language": "de",
        "subtitle_type": "full",
        "title": "Kaibutsu-kun: Demon no Ken",
        "season_episode": f"S01E{number:02}",
        "missing_languages": ["de"],
        "current_score": score,
    }


def scan(room: Storeroom) -> None:
    title("A scan of one season: one statement, and what became of each episode")
    season = [
        episode(4, "EMBER", 399),
        episode(8, "Judas", 310),
        *(episode(number, "SubsPlease") for number in range(9, 13)),
    ]
    outcomes = room.run(lambda uow: uow[WantedRepository].upsert_many(season))
    for item, outcome in zip(season, outcomes, strict=True):
        print(f"  {item['season_episode']}  {outcome}")
    again = room.run(lambda uow: uow[WantedRepository].upsert_many(season))
    print(f"  The same scan again: {again!r}")


def search(room: Storeroom) -> None:
    title("What may be searched now, and how the providers do")
    with room.read() as uow:
        wanted = uow[WantedRepository]
        due = wanted.due(limit=3)
        summary = wanted.summary()
    print(f"  {summary.by_status[WantedStatus.WANTED]} of {summary.total} items are wanted; due first:")
    for item in due:
        print(f"    {item.season_episode or 'movie':8} {item.language or 'any'}  {short(item.file_path)}")

    def record(uow: UnitOfWork) -> None:
        wanted, providers = uow[WantedRepository], uow[ProviderRepository]
        for item, took, score in zip(due, (800, 1200, 1600), (210, None, 330), strict=True):
            wanted.mark_searched(item.id)
            providers.record_search("jimaku", success=score is not None, response_ms=took)
            if score is None:
                wanted.set_status(item.id, "failed", error="nothing found")
                wanted.set_retry_after(item.id, timedelta(hours=6))
                continue
            providers.downloads.log("jimaku", file_path=item.file_path, language="de", format="ass", score=score)
            providers.record_download("jimaku", score=score)
            wanted.set_status(item.id, "found")

    with room.read() as uow:
        before = uow[ProviderRepository].get("jimaku")
    room.run(record)
    with room.read() as uow:
        after = uow[ProviderRepository].get("jimaku")
        history = uow[WantedRepository].history(due[0].file_path)
    for stats, when in ((before, "before"), (after, "after")):
        print(
            f"  jimaku {when:6} {stats.searches} searches, {stats.average_response_ms:.1f} ms on average; "
            f"{stats.successful_downloads} downloads, score {stats.average_score:.1f}"
        )
    events = ", ".join(f"{event.event} ({event.plugin})" for event in history.events)
    print(f"  The history of {short(due[0].file_path)}: {events}")


def claim(room: Storeroom, worker: str) -> Sequence[JobRecord]:
    return room.run(lambda uow: uow[JobRepository].claim(worker, limit=2))


def work_on_jobs(room: Storeroom) -> None:
    title("Jobs: created, claimed by two workers, completed, failed and retried")

    def create(uow: UnitOfWork) -> None:
        jobs = uow[JobRepository]
        for number in range(1, 4):
            jobs.create(f"/media/Show/S01E0{number}.mkv", priority=10 + number)
        jobs.create("/media/Film.mkv", priority=10, unique_key="film")
        again = jobs.create_unique("/media/Film.mkv", "film")
        print(f"  {jobs.count_pending()} jobs are pending; a second for the film is the first: is_new={again.is_new}")

    room.run(create)
    taken = {worker: claim(room, worker) for worker in ("ann", "ben")}
    for worker, claimed in taken.items():
        print(f"  {worker} claims {', '.join(short(job.file_path) for job in claimed)}")

    def finish(uow: UnitOfWork) -> None:
        jobs = uow[JobRepository]
        for job in taken["ann"]:
            jobs.complete(job, output_path=job.file_path.replace(".mkv", ".de.ass"), stats={"lines": 448})
            jobs.record_result(success=True, format="ass", source="provider")
        one, other = taken["ben"]
        again = jobs.fail(one, "the provider is down", delay=timedelta(0))
        final = jobs.fail(other, "the file is damaged", retry=False)
        jobs.record_result(success=False)
        tries = f"{again.attempts} of {again.max_attempts}"
        print(
            f"  ann completes hers; of ben's, one is {again.status} again after attempt {tries}, one has {final.status}"
        )

    room.run(finish)
    (retried, _old) = claim(room, "ann")
    try:
        room.run(lambda uow: uow[JobRepository].complete(taken["ben"][0]))
    except LeaseLost:
        print(f"  ann tries {short(retried.file_path)} again, and ben can't end it any more: LeaseLost")
    room.run(lambda uow: uow[JobRepository].complete(retried))
    with room.read() as uow:
        jobs = uow[JobRepository]
        print("  " + ", ".join(f"{jobs.count(status=status)} {status}" for status in JobStatus))
        summary = jobs.summary()
    print(
        f"  Today: {summary.translated_today} translated, {summary.failed_today} failed; in all {summary.translated:,} "
        f"translated, by format {dict(sorted(summary.by_format.items()))}"
    )


def call_hooks(room: Storeroom) -> None:
    title("Hooks for an event, and the profile of a series")

    def record(uow: UnitOfWork) -> None:
        hooks = uow[HookRepository]
        scripts, webhooks = hooks.matching("subtitle_downloaded")
        for script in scripts:
            run = hooks.record_run(script.id, success=True, exit_code=0, stdout="ok", duration_ms=12.5)
            print(f"  script hook {script.name!r} runs {script.script_path}, for the {run.hook.trigger_count}st time")
        for webhook in webhooks:
            call = hooks.record_call(webhook.id, success=True, status_code=204, duration_ms=80.0)
            status = call.execution.status_code
            print(f"  webhook {webhook.name!r} calls {webhook.url.masked}, signed with {webhook.secret}: {status}")

    room.run(record)
    with room.read() as uow:
        for series in (1010, 1011):
            profile = uow[ProfileRepository].series.resolve(series)
            if profile is not None:
                print(f"  series {series}: profile {profile.name!r}, to {', '.join(profile.target_languages)}")
        library = uow[StandaloneRepository]
        series_count, movies = library.series.count(), library.movies.count()
        print(f"  {series_count} series, {movies} movies, {library.mappings.count()} AniDB mappings")


def read_deep_page(room: Storeroom) -> None:
    title("A deep page, by cursor")
    with room.read() as uow:
        wanted, before = uow[WantedRepository], uow.statements
        page, number = wanted.page(size=20, sort=["title", "added_at"]), 1
        while page.next is not None and number < 20:
            page, number = wanted.page(size=20, sort=["title", "added_at"], after=page.next), number + 1
        print(f"  page {number} begins with {page.items[0].title!r}; {uow.statements - before} statements, one a page")
    try:
        with room.read() as uow:
            uow[WantedRepository].mark_searched(page.items[0].id)
    except ReadOnly as error:
        print(f"  {type(error).__name__}: {error}")


def look_after(room: Storeroom) -> None:
    title("What needs attention (doctor), and what has got old (prune --dry-run)")
    for each in room.doctor():
        problem = each.problem if len(each.problem) <= 110 else f"{each.problem[:109]}…"
        print(f"  {each.source}: {problem}")
    report = room.prune({"jobs": timedelta(days=30)}, dry_run=True)
    jobs = next(each for each in report.pruned if each.name == "jobs")
    print(f"  {jobs.count} {jobs.rows} are older than {jobs.age.days} days")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an empty database to use instead of a temporary one")
    arguments = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, format="  %(message)s")
    logging.getLogger("storeroom").setLevel(logging.INFO)
    print("Opening, with every plugin that is installed and one that is broken on purpose:")
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder, 'demo.db')}"
        with Storeroom.open(url, plugins={"weather": weather}, upgrade=True, require=REQUIRED) as room:
            for screen in (
                show_plugins,
                adopt,
                scan,
                search,
                work_on_jobs,
                call_hooks,
                read_deep_page,
                look_after,
            ):
                screen(room)


if __name__ == "__main__":
    main()
