"""The fixtures that authors of plugins get: databases, a room that is empty each time, and rooms beside it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import pytest
from sqlalchemy import inspect

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import PluginAbsent
from storeroom.testing import counted
from storeroom.testing.requirements import with_required
from storeroom_notes import NoteRepository
from storeroom_tags import TagRepository


@pytest.fixture
def room_plugins() -> Sequence[str]:
    return ["tags"]


def test_a_room_has_the_plugins_that_are_asked_for_and_what_they_require(room: Storeroom) -> None:
    assert list(room.registry.plugins) == ["notes", "tags"]


@pytest.mark.parametrize("time", [1, 2])
def test_a_room_is_empty_and_counts_from_1(room: Storeroom, time: int) -> None:
    with room.write() as uow:
        note = uow[NoteRepository].write("Buy tea")
        uow[TagRepository].put(note.id, "home")
    assert note.id == 1


def test_a_unit_of_work_writes(uow: UnitOfWork) -> None:
    assert uow[NoteRepository].write("Buy tea").text == "Buy tea"
    assert uow[NoteRepository].count() == 1


def test_a_database_is_new(url: str, new_database: Callable[[], str]) -> None:
    another = new_database()
    assert url != another
    with ExitStack() as stack:
        rooms = [stack.enter_context(Storeroom.open(each, allow=["notes"], upgrade=True)) for each in (url, another)]
        rooms[0].run(lambda uow: uow[NoteRepository].write("Buy tea"))
        assert [room.run(lambda uow: uow[NoteRepository].count()) for room in rooms] == [1, 0]


def test_another_room_is_on_the_same_database_with_settings_of_its_own(
    room: Storeroom, room_url: str, open_room: Callable[..., Storeroom]
) -> None:
    another = open_room(attempts=1)
    room.run(lambda uow: uow[NoteRepository].write("Buy tea"))
    assert another.run(lambda uow: uow[NoteRepository].count()) == 1
    with another.read() as uow:
        assert inspect(uow.connection).has_table("tags")
        assert uow.connection.engine.url.render_as_string(hide_password=False) == room_url


def test_statements_are_counted(room: Storeroom) -> None:
    with counted(room) as statements, room.write() as uow:
        uow[NoteRepository].write("Buy tea")
        uow[NoteRepository].list()
    assert [each.text.split()[0] for each in statements] == ["INSERT", "SELECT"]
    with room.read() as uow:
        uow[NoteRepository].list()
    assert len(statements) == 2


def test_a_plugin_that_isnt_installed_is_told_how_to_be() -> None:
    assert with_required(["tags"]) == ["notes", "tags"]
    with pytest.raises(
        PluginAbsent, match=r"no plugin 'note' is installed here; did you mean 'notes'.*pip install -e \."
    ):
        with_required(["note"])
