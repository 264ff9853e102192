"""Verbs that promise to lose nothing, done by several processes at once."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import ModuleType
from typing import Any

from storeroom.room import Storeroom
from storeroom.testing.processes import run_together
from storeroom.testing.rooms import PATIENT
from storeroom.unitofwork import UnitOfWork

PROCESSES = 4


@dataclass(frozen=True)
class Race:
    """A verb that loses nothing when several processes do it at once, each time in a transaction of its own.

    - `prepare` is called once, and may return what the others are to be given, such as a key; it must be picklable.
    - `act` does it once.
    - `total` tells how much there is of what must not be lost, before and after; each act adds `each` to it.
    - `times`: how often each of four processes does it.

    Lambdas will do: each process finds them in the class that lists the race.
    """

    name: str
    prepare: Callable[[UnitOfWork], Any]
    act: Callable[[UnitOfWork, Any], object]
    total: Callable[[UnitOfWork, Any], float]
    each: float = 1
    times: int = 25


@dataclass(frozen=True)
class Course:
    """Where a race is listed, so that another process finds it: a class of a module, and its place there."""

    module: str
    file: str
    owner: str
    number: int

    def race(self) -> Race:
        """Return the race."""
        owner: Any = self._loaded()
        for name in self.owner.split("."):
            owner = getattr(owner, name)
        races: Sequence[Race] = owner.races
        return races[self.number]

    def _loaded(self) -> ModuleType:
        """Import the module by its name, or else from its file: pytest's importlib mode gives it a name of its own."""
        if self.module in sys.modules:
            return sys.modules[self.module]
        spec = importlib.util.find_spec(self.module) if _has_parent(self.module) else None
        if spec is not None and spec.origin is not None and Path(spec.origin) == Path(self.file):
            return importlib.import_module(self.module)
        spec = importlib.util.spec_from_file_location(self.module, self.file)
        if spec is None or spec.loader is None:
            raise ImportError(f"{self.file} can't be imported; keep the suite in a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.module] = module
        spec.loader.exec_module(module)
        return module


def run_race(course: Course, race: Race, url: str, plugins: Sequence[str]) -> tuple[float, float, Sequence[int | None]]:
    """Run a race; return the total before it, the total after it, and the exit codes of its processes."""
    with Storeroom.open(url, allow=plugins, deny=(), settings=PATIENT) as room:
        subject = room.run(race.prepare)
        before = room.run(lambda uow: race.total(uow, subject))
        codes = run_together(PROCESSES, _take_part, course, url, plugins, subject)
        return before, room.run(lambda uow: race.total(uow, subject)), codes


def _take_part(course: Course, url: str, plugins: Sequence[str], subject: Any, together: Barrier) -> None:
    try:
        race = course.race()
        with Storeroom.open(url, allow=plugins, deny=(), settings=PATIENT) as room:
            together.wait(60)
            for _ in range(race.times):
                room.run(lambda uow: race.act(uow, subject))
    except BaseException:
        together.abort()  # or the others would wait for this one
        raise


def _has_parent(module: str) -> bool:
    parent = module.rpartition(".")[0]
    try:
        return not parent or importlib.util.find_spec(parent) is not None
    except ImportError:
        return False
