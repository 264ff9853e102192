"""What a constraint refuses is told by one class of error on both databases, with the constraint's name and columns."""

import traceback
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import CheckFailed, ConstraintViolated, Duplicate, ForeignKeyMissing, NullRefused
from tests.core.tables import ENTER, accounts, open_account, owners, tokens

CLOSE_ACCOUNTS = Statement(delete(accounts))
ISSUE_TOKEN = Statement(insert(tokens))
SECRET = "a very private name"
USED = 1_000_000  # beyond what PostgreSQL's sequence gives out here


def refused(room: Storeroom, work: Callable[[UnitOfWork], Any]) -> ConstraintViolated:
    with pytest.raises(ConstraintViolated) as caught:
        room.run(work)
    assert SECRET not in "".join(traceback.format_exception(caught.value))  # nor in what led to it
    assert caught.value.code
    return caught.value


@pytest.mark.parametrize(
    ("columns", "constraint", "names"),
    [
        ({"owner": SECRET}, "uq_bank_accounts_owner_branch", ("owner", "branch")),
        ({"owner": "bob", "nickname": SECRET}, "ix_bank_accounts_nickname", ("nickname",)),
        ({"owner": "bob", "id": USED}, "pk_bank_accounts", ("id",)),
    ],
    ids=["unique constraint", "unique index", "primary key"],
)
def test_a_duplicate_names_its_constraint_and_columns(
    room: Storeroom, columns: dict[str, Any], constraint: str, names: tuple[str, ...]
) -> None:
    room.run(lambda uow: open_account(uow, SECRET, id=USED, nickname=SECRET))
    error = refused(room, lambda uow: open_account(uow, **columns))
    assert type(error) is Duplicate
    assert (error.constraint, error.table, tuple(error.columns)) == (constraint, "bank_accounts", names)
    assert "change the key, or use an upsert" in str(error)
    assert owners(room) == [SECRET]


def test_a_duplicate_composite_primary_key_names_all_its_columns(room: Storeroom) -> None:
    def enter_twice(uow: UnitOfWork) -> None:
        open_account(uow, "ada", id=1)
        for _ in range(2):
            ENTER.affected(uow, account_id=1, number=1)

    error = refused(room, enter_twice)
    assert type(error) is Duplicate
    assert (error.constraint, tuple(error.columns)) == ("pk_bank_entries", ("account_id", "number"))


def test_a_duplicate_in_a_text_statement_is_one_too(room: Storeroom) -> None:
    statement = Statement(text("INSERT INTO bank_accounts (id, owner, branch, balance) VALUES (1, :owner, 'main', 0)"))
    error = refused(room, lambda uow: [statement.affected(uow, owner=SECRET) for _ in range(2)])
    assert (type(error), error.table) == (Duplicate, "bank_accounts")


def test_a_row_that_refers_to_none_is_refused(room: Storeroom) -> None:
    error = refused(room, lambda uow: ENTER.affected(uow, account_id=1, number=1))
    assert type(error) is ForeignKeyMissing
    assert "write the row that is referred to first" in str(error)


def test_a_row_that_is_referred_to_cannot_be_deleted(room: Storeroom) -> None:
    def close(uow: UnitOfWork) -> None:
        open_account(uow, "ada", id=1)
        ENTER.affected(uow, account_id=1, number=1)
        CLOSE_ACCOUNTS.affected(uow)

    assert type(refused(room, close)) is ForeignKeyMissing


def test_a_check_is_named(room: Storeroom) -> None:
    error = refused(room, lambda uow: open_account(uow, SECRET, balance=-1))
    assert type(error) is CheckFailed
    assert (error.constraint, error.table) == ("ck_bank_accounts_covered", "bank_accounts")
    assert "use one that the check allows" in str(error)


def test_a_missing_value_names_its_column_and_no_constraint_of_another_kind(room: Storeroom) -> None:
    error = refused(room, lambda uow: ISSUE_TOKEN.affected(uow, value=None))
    assert type(error) is NullRefused
    assert (error.constraint, error.table, tuple(error.columns)) == (None, "bank_tokens", ("value",))
    assert "give the column a value" in str(error)


def test_sqlalchemys_own_errors_hide_the_parameters(room: Storeroom) -> None:
    with pytest.raises(ConstraintViolated) as caught, room.write() as uow:
        uow.connection.execute(insert(accounts).values(owner=SECRET, balance=-1))
    context = caught.value.__context__
    assert context is not None
    assert "hide_parameters" in str(context)
    assert f"'{SECRET}'" not in str(context)
