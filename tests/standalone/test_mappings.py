"""AniDB mappings: saved, used, and cleared when nobody uses them."""

from storeroom import Storeroom
from storeroom.sql import Outcome
from storeroom_standalone import MappingRecord, StandaloneRepository
from tests.standalone.helpers import DAY, LONG_AGO, is_recent, run

TVDB, ANIDB = 83277, 6224


def test_a_new_mapping_counts_as_used(library: StandaloneRepository) -> None:
    done = library.mappings.save(TVDB, ANIDB, "Toradora!")
    assert done.outcome is Outcome.INSERTED
    assert done.record == MappingRecord(
        tvdb_id=TVDB,
        anidb_id=ANIDB,
        series_title="Toradora!",
        created_at=done.record.created_at,
        last_used_at=done.record.created_at,
        version=1,
    )
    assert is_recent(done.record.created_at)
    assert library.mappings.get(TVDB) == done.record
    assert library.mappings.get_or_none(TVDB + 1) is None


def old(library: StandaloneRepository, tvdb_id: int = TVDB, days: int = 0) -> MappingRecord:
    at = LONG_AGO - DAY * days
    return library.mappings.add(tvdb_id=tvdb_id, anidb_id=ANIDB, series_title="T", created_at=at, last_used_at=at)


def test_using_a_mapping_is_noted_and_getting_it_isnt(library: StandaloneRepository) -> None:
    made, other = old(library), old(library, 5)
    assert library.mappings.get(TVDB) == made
    used = library.mappings.use(TVDB)
    assert used is not None
    assert is_recent(used.last_used_at)
    assert used == made.model_copy(update={"last_used_at": used.last_used_at, "version": 2})
    assert library.mappings.use(TVDB + 1) is None
    assert library.mappings.get(5) == other


def test_saving_another_entry_replaces_it_and_keeps_the_title(library: StandaloneRepository) -> None:
    made = old(library)
    done = library.mappings.save(TVDB, 7)
    assert done.outcome is Outcome.UPDATED
    assert is_recent(done.record.last_used_at)
    assert done.record == made.model_copy(
        update={"anidb_id": 7, "version": 2, "last_used_at": done.record.last_used_at}
    )
    assert library.mappings.save(TVDB, 7, "U").record.series_title == "U"


def test_saving_the_same_writes_nothing(library: StandaloneRepository) -> None:
    made = old(library)
    for title in (None, "T"):
        again = library.mappings.save(TVDB, ANIDB, title)
        assert (again.outcome, again.record) == (Outcome.UNCHANGED, made)


def test_clearing_takes_what_nobody_used_for_so_long_the_oldest_first(room: Storeroom) -> None:
    with room.write() as uow:
        library = uow[StandaloneRepository]
        for number in range(1, 6):
            old(library, number, days=number)
        library.mappings.save(9, 9)
        library.mappings.use(1)
        assert library.mappings.clear_unused(limit=1) == 1
        assert [each.tvdb_id for each in library.mappings.list()] == [1, 2, 3, 4, 9]
        assert library.mappings.clear_unused(days=36_500) == 0
    assert room.drain(lambda uow: uow[StandaloneRepository].mappings.clear_unused(days=30, limit=2)) == 3
    assert run(room, lambda library: [each.tvdb_id for each in library.mappings.list()]) == [1, 9]


def test_mappings_are_found_by_entry_and_by_title(library: StandaloneRepository) -> None:
    two, one = (library.mappings.save(number, 7, f"Series {number}").record for number in (2, 1))
    library.mappings.save(3, 8, "Another")
    assert list(library.mappings.list(anidb_id=7)) == [one, two]
    assert list(library.mappings.list(text="series 2")) == [two]
    assert library.mappings.count(unused_since=LONG_AGO) == 0
