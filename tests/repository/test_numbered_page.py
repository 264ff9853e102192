"""numbered_page: a page by its number, and how many there are."""

from typing import Any

import pytest

from storeroom import StatementRun, UnitOfWork
from storeroom.errors import ValueRefused
from tests.repository.tables import NO_NUMBERS, ItemRepository, codes

LAST_NUMBER = (2**63 - 1) // 1000


@pytest.fixture
def seven(stock: ItemRepository) -> ItemRepository:
    """Seven items, of the ranks 0 and 1 in turn."""
    for number in range(7):
        stock.add(code=str(number), language=None, rank=number % 2)
    return stock


@pytest.mark.parametrize(
    ("number", "size", "expected", "pages"),
    [
        (1, 3, ["0", "1", "2"], 3),
        (2, 3, ["3", "4", "5"], 3),
        (3, 3, ["6"], 3),
        (4, 3, [], 3),
        (1, 7, ["0", "1", "2", "3", "4", "5", "6"], 1),
        (2, 7, [], 1),
        (7, 1, ["6"], 7),
        (1, 1000, ["0", "1", "2", "3", "4", "5", "6"], 1),
        (LAST_NUMBER, 1000, [], 1),
    ],
)
def test_a_page_has_its_rows_and_says_how_many_there_are(
    seven: ItemRepository, number: int, size: int, expected: list[str], pages: int
) -> None:
    page = seven.numbered_page(number, size=size)
    assert codes(page.items) == expected
    assert (page.number, page.size, page.total, page.pages) == (number, size, 7, pages)


def test_filters_and_an_order_hold_for_the_rows_and_the_total(seven: ItemRepository) -> None:
    page = seven.numbered_page(2, size=2, sort="-id", rank=0)
    assert (codes(page.items), page.total, page.pages) == (["2", "0"], 4, 2)


def test_an_empty_list_has_no_page(seven: ItemRepository) -> None:
    page = seven.numbered_page(rank=5)
    assert (page.items, page.number, page.size, page.total, page.pages) == ((), 1, 50, 0, 0)


@pytest.mark.parametrize("number", [*NO_NUMBERS, LAST_NUMBER + 1])
def test_a_number_that_isnt_one_is_refused(seven: ItemRepository, sent: list[StatementRun], number: Any) -> None:
    before = len(sent)
    with pytest.raises(
        ValueRefused, match=r"^number: .* isn't a whole number from 1 to 9,223,372,036,854,775"
    ) as caught:
        seven.numbered_page(number)
    assert (caught.value.field, caught.value.value) == ("number", number)
    assert len(sent) == before
    assert seven.count() == 7


@pytest.mark.parametrize("size", [*NO_NUMBERS, 1001])
def test_a_size_that_isnt_one_is_refused(small: UnitOfWork, size: Any) -> None:
    with pytest.raises(ValueRefused, match=r"^size: .* isn't a whole number from 1 to 1,000; give one$") as caught:
        ItemRepository(small).numbered_page(size=size)
    assert (caught.value.field, caught.value.value) == ("size", size)
