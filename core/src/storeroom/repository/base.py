"""What every repository is: domain verbs over one plugin's tables, bound to one unit of work."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from storeroom.repository.building import RecordReader
from storeroom.results import HookResults
from storeroom.sql import Executor
from storeroom.sql.fetch import Reads

RepositoryT = TypeVar("RepositoryT", bound="BaseRepository")


class Record(BaseModel):
    """What repositories return: frozen, validated, independent of the unit of work that read it."""

    # Its validator is made when it is first needed, which for most records of a process is never.
    model_config = ConfigDict(frozen=True, defer_build=True)

    _reads: ClassVar[Reads[Any]]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the record of a row that has the fields, in their order, and maybe more columns at its end.

        It is what `model_validate` makes of the fields, sooner. Raises pydantic's ValidationError for what doesn't fit.
        """
        record: Self = cls.reads().read(row)
        return record

    @classmethod
    def reads(cls) -> Reads[Any]:
        """Return how a statement's rows become records of this class: what `Statement.records` asks for."""
        if "_reads" not in cls.__dict__:
            cls._reads = Reads(RecordReader(cls))
        return cls._reads


class Work(Executor, Protocol):
    """What a repository sees of its unit of work: statements run in it, and it has the other repositories."""

    @property
    def writes(self) -> bool:
        """Whether it may write."""
        ...

    def __getitem__(self, key: type[RepositoryT]) -> RepositoryT:
        """Return another repository of the same transaction."""
        ...

    def call(self, hook: str, /, **arguments: Any) -> HookResults:
        """Call a hook of a plugin's own in this transaction; its implementations get `uow` beside the arguments."""
        ...


class BaseRepository:
    """Domain verbs over one plugin's tables.

    A repository is made by its unit of work, runs in that transaction, and never commits. `name` is the plugin's
    name, or `<plugin>.<part>` where a plugin has several.
    """

    name: ClassVar[str]

    def __init__(self, uow: Work) -> None:
        self.uow = uow
