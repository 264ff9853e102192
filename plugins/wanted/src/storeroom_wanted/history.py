"""What happened to a file, as all plugins tell it that know of it."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from storeroom import ModelRepository
from storeroom_wanted.models import Wanted
from storeroom_wanted.records import History, HistoryEvent, WantedFilters, WantedRecord

OWN = "wanted"


class _Told(BaseModel):
    """An event in the form that the hook has to return."""

    model_config = ConfigDict(strict=True)

    at: AwareDatetime
    event: str
    detail: str


class HistoryVerbs(ModelRepository[Wanted, WantedRecord, WantedFilters]):
    """The verb of the history of a file."""

    def history(self, file_path: str) -> History:
        """Return what happened to a file, newest first, and which plugins couldn't tell.

        This plugin knows when its items were added and last searched; all others that implement the hook
        `wanted_history` add what they know. One that raises, or returns something else than events, is in `failed` by
        its name, and has no events in it. One statement, and those of the other plugins.
        Raises ValueRefused for what isn't a path.
        """
        events = [event for item in self.list(file_path=file_path) for event in _own(item)]
        called = self.uow.call("wanted_history", file_path=file_path)
        failed = {error.plugin: str(error) for error in called.errors}
        for plugin, result in called.results.items():
            try:
                events += list(_told(plugin, result))
            except ValueError as error:
                failed[plugin] = f"hook 'wanted_history' of plugin {plugin!r} {error}; repair the plugin, or deny it"
        newest_first = sorted(events, key=lambda event: event.at, reverse=True)
        return History(events=tuple(newest_first), failed=failed)


def _own(item: WantedRecord) -> Iterator[HistoryEvent]:
    what = f"{item.language or 'no language'}, {item.subtitle_type}"
    yield HistoryEvent(at=item.added_at, plugin=OWN, event="added", detail=what)
    if item.last_search_at is not None:
        detail = f"{what}: search {item.search_count}"
        yield HistoryEvent(at=item.last_search_at, plugin=OWN, event="searched", detail=detail)


def _told(plugin: str, result: Any) -> Iterator[HistoryEvent]:
    """Yield the events that a plugin told; raises ValueError with what is wrong with them."""
    if not isinstance(result, list | tuple):
        raise ValueError(f"returned {result!r:.80} and not a list")  # of the same kind as the rest
    for position, each in enumerate(result):
        if not isinstance(each, Mapping):
            raise ValueError(f"returned {each!r:.80} as event {position}, which isn't a mapping")
        try:
            told = _Told.model_validate(dict(each))
        except ValidationError as error:
            (flaw, *_) = error.errors(include_url=False)
            place = ".".join(map(str, flaw["loc"]))
            raise ValueError(f"returned an event {position} whose {place!r} is wrong: {flaw['msg']}") from error
        yield HistoryEvent(at=told.at.astimezone(UTC), plugin=plugin, event=told.event, detail=told.detail)
