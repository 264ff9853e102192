"""Programs that fork, run by test_fork.py as processes of their own: `python -m tests.core.forking SCENARIOS URL`."""

import os
import sys
from collections.abc import Callable

from storeroom import Settings, Statement, Storeroom
from storeroom.errors import DatabaseUnavailable, UnitOfWorkClosed
from storeroom.testing import requires
from tests.core.tables import OWNERS, accounts, bank, engine_of, open_account, open_room, owners


def fork(child: Callable[[], object]) -> int:
    """Run it in a child, which then ends as Python programs do, with all that is run at exit."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        child()
        sys.exit()
    return process


def join(process: int) -> None:
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def idle(room: Storeroom) -> None:
    with room.read():  # so that the pool holds two
        room.run(lambda uow: open_account(uow, "parent"))

    def child() -> None:
        assert owners(room) == ["parent"]
        room.run(lambda uow: open_account(uow, "child"))

    for _ in range(2):
        join(fork(child) if owners(room) == ["parent"] else fork(lambda: owners(room)))
    room.run(lambda uow: open_account(uow, "parent again"))
    assert owners(room) == ["parent", "child", "parent again"]


def parent_closes(room: Storeroom) -> None:
    """The parent closes the room while the child goes on to write."""
    room.run(lambda uow: open_account(uow, "parent"))
    ready, proceed = os.pipe(), os.pipe()

    def child() -> None:
        room.run(lambda uow: open_account(uow, "child"))
        os.write(ready[1], b".")
        os.read(proceed[0], 1)
        room.run(lambda uow: open_account(uow, "child again"))
        os._exit(0)  # without closing, which would fold a removed log into the file and hide its loss

    process = fork(child)
    os.read(ready[0], 1)
    room.close()
    os.write(proceed[1], b".")
    join(process)
    with open_room(str(engine_of(room).url.render_as_string(hide_password=False))) as another:
        assert owners(another) == ["parent", "child", "child again"]


def inside(room: Storeroom) -> None:
    """The parent is in the middle of a unit of work."""
    uow = room.write()
    uow.__enter__()
    open_account(uow, "parent")

    def child() -> None:
        assert not uow.is_open
        for use in (lambda: OWNERS.all(uow), lambda: uow.__exit__(None, None, None)):
            refused(use, UnitOfWorkClosed, "belongs to the process that forked this one")
        if requires.database_file.met_by(engine_of(room)):
            refused(lambda: owners(room), DatabaseUnavailable, "fork outside of units of work")
        else:
            room.run(lambda own: open_account(own, "child"))

    join(fork(child))
    open_account(uow, "parent again")
    uow.__exit__(None, None, None)
    assert [owner for owner in owners(room) if owner != "child"] == ["parent", "parent again"]


def made_before(room: Storeroom) -> None:
    """A unit of work that the parent made and the child enters is the child's."""
    uow = room.write()

    def child() -> None:
        with uow:
            open_account(uow, "child")

    join(fork(child))
    assert owners(room) == ["child"]


def memory(room: Storeroom) -> None:
    room.run(lambda uow: open_account(uow, "parent"))
    join(fork(lambda: refused(lambda: owners(room), DatabaseUnavailable, "belongs to the process that made it")))
    assert owners(room) == ["parent"]


def refused(use: Callable[[], object], kind: type[Exception], words: str) -> None:
    try:
        use()
    except kind as error:
        found = words in str(error)
    else:
        found = False
    assert found, words


if __name__ == "__main__":
    known = {each.__name__: each for each in (idle, inside, made_before, parent_closes, memory)}
    for scenario in sys.argv[1].split(","):
        with open_room(sys.argv[2], settings=Settings(busy_timeout=2, lock_timeout=2)) as opened:
            bank.create_all(engine_of(opened))
            opened.run(Statement(accounts.delete()).affected)
            known[scenario](opened)
