"""UnitOfWork.call: a domain's answer that others' data is part of, in one transaction, whoever of them fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import HookUnknown, StatementFailed, TransactionEnded
from tests.registry.making import manifest, module

SPECS = """
class Specs:
    @staticmethod
    @hookspec
    def asker_history(uow, path):
        "Say what happened to a file."
"""
ASKER = module(f"{SPECS}\n{manifest('hookspecs=Specs')}", "asker")
WRITE = "uow.connection.exec_driver_sql('INSERT INTO seen VALUES (1)')"


def answering(*body: str) -> object:
    lines = "\n".join(f"    {line}" for line in body)
    return module(f"{manifest()}\n@hookimpl(optionalhook=True)\ndef asker_history(uow, path):\n{lines}\n", "answering")


@contextmanager
def room_with(url: str, **plugins: object) -> Iterator[Storeroom]:
    with Storeroom.open(url, plugins=plugins, discover=False, upgrade=True) as room:  # type: ignore[arg-type]  # modules
        with room.write() as uow:
            uow.connection.execute(text("CREATE TABLE seen (n INTEGER)"))
        yield room


def seen(uow: UnitOfWork) -> int:
    return int(uow.connection.scalar(text("SELECT count(*) FROM seen")) or 0)


def test_each_plugin_answers_in_the_callers_transaction(url: str) -> None:
    plugins = {"a": answering("return [path, uow.writes]"), "b": answering("pass"), "c": answering("yield path")}
    with room_with(url, asker=ASKER, **plugins) as room:
        for begin, writes in ((room.read, False), (room.write, True)):
            with begin() as uow:
                assert uow.writes is writes
                answers = uow.call("asker_history", path="/a")
                assert answers.results == {"a": ["/a", writes], "c": ("/a",)}
                assert answers.errors == []


@pytest.mark.parametrize(
    "failure",
    [
        "raise LookupError('lost')",
        "uow.connection.exec_driver_sql('SELECT * FROM nowhere')",
        "raise SystemExit(1)",
    ],
)
def test_what_one_that_raises_has_written_is_undone_and_the_rest_stands(url: str, failure: str) -> None:
    plugins = {"a": answering(WRITE, failure), "b": answering(WRITE, "return 2")}
    with room_with(url, asker=ASKER, **plugins) as room, room.write() as uow:
        answers = uow.call("asker_history", path="/a")
        assert answers.results == {"b": 2}
        (error,) = answers.errors
        assert (error.plugin, error.hook) == ("a", "asker_history")
        assert seen(uow) == 1


def test_a_failure_that_a_hook_keeps_silent_is_told(url: str) -> None:
    silent = answering(
        "try:", "    uow.connection.exec_driver_sql('SELECT * FROM nowhere')", "except Exception:", "    return 1"
    )
    with room_with(url, asker=ASKER, a=silent, b=answering("return 2")) as room, room.write() as uow:
        answers = uow.call("asker_history", path="/a")
        assert answers.results == {"b": 2}
        assert "ended with TransactionEnded" in str(answers.errors[0])
        assert seen(uow) == 0


def test_a_hook_that_nobody_specifies_is_an_error(url: str) -> None:
    says = "nobody specifies a hook 'asker_history'"
    with (
        room_with(url, a=answering("return 1")) as room,
        room.read() as uow,
        pytest.raises(HookUnknown, match=says),
    ):
        uow.call("asker_history", path="/a")


@pytest.mark.parametrize("plugins", [{}, {"a": answering("return 1")}])
def test_arguments_that_arent_the_specifications_are_an_error(url: str, plugins: dict[str, object]) -> None:
    says = r"takes the arguments \(uow, path\) and not \(uow, file\)"
    with (
        room_with(url, asker=ASKER, **plugins) as room,
        room.read() as uow,
        pytest.raises(HookUnknown, match=says),
    ):
        uow.call("asker_history", file="/a")


def test_after_a_failed_statement_of_the_callers_own_nothing_is_called(url: str) -> None:
    with room_with(url, asker=ASKER, a=answering("return 1")) as room, room.write() as uow, uow.savepoint():
        with pytest.raises(StatementFailed), uow.savepoint():
            ask_after_a_failure(uow)
        assert uow.call("asker_history", path="/a").results == {"a": 1}


def ask_after_a_failure(uow: UnitOfWork) -> None:
    try:
        Statement(text("SELECT * FROM nowhere")).all(uow)
    except StatementFailed:
        with pytest.raises(TransactionEnded):
            uow.call("asker_history", path="/a")
        raise
