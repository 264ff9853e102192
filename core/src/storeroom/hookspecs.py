"""The catalogue of core's hooks: what a plugin may implement with `@hookimpl`.

Core calls the implementations one plugin at a time, in the registry's order. One that raises is reported under its
plugin's name and leaves the others' results intact. Wrappers are refused. An implementation may leave out arguments
that it doesn't need.
"""

from collections.abc import Sequence
from typing import Any

import pluggy

from storeroom.adoption import TableAdoption
from storeroom.contributions import Finding, Retention
from storeroom.manifest import Manifest
from storeroom.repository import Work

hookspec = pluggy.HookspecMarker("storeroom")
hookimpl = pluggy.HookimplMarker("storeroom")


@hookspec
def storeroom_manifest() -> Manifest:  # type: ignore[empty-body]  # a specification has no body
    """Say what the plugin brings. Every plugin implements it; it is called whenever the plugin is loaded.

    A process may load it more than once. It must not touch a database, since there is none yet.

    As in the plugin `jobs`:

        from storeroom import Manifest, hookimpl
        from storeroom_jobs import JobRepository
        from storeroom_jobs.models import Base


        @hookimpl
        def storeroom_manifest() -> Manifest:
            return Manifest(models=Base, migrations="storeroom_jobs.migrations", repositories=[JobRepository])
    """


@hookspec
def storeroom_health(uow: Work) -> Sequence[Finding]:  # type: ignore[empty-body]  # a specification has no body
    """Report what needs attention in the plugin's data. Called by `Storeroom.health` and `storeroom doctor`.

    Nothing, or an empty list, says that all is well.

    - `uow`: a reading unit of work of the plugin's own: what it can't read leaves the other plugins' answers alone.

    As in the plugin `jobs`:

        from storeroom import Finding, Work, hookimpl
        from storeroom_jobs import JobRepository


        @hookimpl
        def storeroom_health(uow: Work) -> list[Finding]:
            dead = uow[JobRepository].list(status="dead", limit=3)
            if not dead:
                return []
            total = uow[JobRepository].count(status="dead")
            named = [repr(job.id) for job in dead]
            return [Finding.of_few("dead jobs", named, total, "see why, and requeue or delete them")]
    """


@hookspec
def storeroom_prune() -> Sequence[Retention]:  # type: ignore[empty-body]  # a specification has no body
    """Say what of the plugin's rows isn't kept for ever. Called by `Storeroom.prune` and `storeroom prune`.

    Each Retention brings a function that counts what is older than a time, and one that deletes at most so many of
    it; core calls the latter in batches, each a transaction of its own.

    As in the plugin `jobs`:

        from datetime import datetime, timedelta

        from storeroom import Retention, Work, hookimpl
        from storeroom_jobs import JobRepository


        def count(uow: Work, before: datetime) -> int:
            return uow[JobRepository].count(status=["completed", "failed", "dead"], until=before)


        def prune(uow: Work, before: datetime, limit: int) -> int:
            return uow[JobRepository].prune(before, limit=limit)


        @hookimpl
        def storeroom_prune() -> list[Retention]:
            return [Retention(name="jobs", rows="finished jobs", age=timedelta(days=90), count=count, prune=prune)]
    """


@hookspec
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:  # type: ignore[empty-body]  # a specification has no body
    """Say which tables of another system's database the plugin takes over, none if it doesn't know the system.

    Called by `Storeroom.adopt` and `storeroom adopt SYSTEM FILE`. Core reads, checks, converts and reports.

    - `system`: what the other system is called, in lower case.

    As in the plugin `jobs`:

        from storeroom import hookimpl
        from storeroom.adoption import TableAdoption, choice, moment, text
        from storeroom_jobs import Job, JobStatus

        TASKS = TableAdoption(
            table="tasks",  # there
            model=Job,  # here
            key=["id"],
            fields={
                "id": text("id", required=True),
                "file_path": text("path", required=True),
                "status": choice("state", JobStatus, default=JobStatus.FAILED, becomes={"done": JobStatus.COMPLETED}),
                "created_at": moment("made_on"),
            },
        )


        @hookimpl
        def storeroom_adopt(system: str) -> list[TableAdoption]:
            return [TASKS] if system == "taskpad" else []
    """


@hookspec
def storeroom_commands() -> Any:
    """Return a typer.Typer; its commands appear as `storeroom <plugin> …`.

    A single command has no name of its own there. A command takes what it needs as its own options, and opens a room
    by itself. Typer is imported inside the hook, so that the plugin loads where the extra `cli` isn't installed.

    As in the plugin `jobs`:

        from typing import Any

        from storeroom import Storeroom, hookimpl
        from storeroom_jobs import JobRepository


        @hookimpl
        def storeroom_commands() -> Any:
            import typer

            commands = typer.Typer(help="Look at jobs.")

            @commands.command(help="Count the jobs that are queued or running.")
            def pending(url: str | None = None) -> None:
                with Storeroom.open(url) as room, room.read() as uow:
                    typer.echo(uow[JobRepository].count_pending())

            return commands
    """
