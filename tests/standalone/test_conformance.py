"""The plugin passes the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_standalone import StandaloneRepository


class TestStandalone(Conformance):
    plugin = "standalone"
    races = (
        Race(
            "uses of a mapping are counted",
            prepare=lambda uow: uow[StandaloneRepository].mappings.save(1, 2).record.tvdb_id,
            act=lambda uow, key: uow[StandaloneRepository].mappings.use(key),
            total=lambda uow, key: uow[StandaloneRepository].mappings.get(key).version,
        ),
    )

    def sample(self, uow: UnitOfWork) -> None:
        library = uow[StandaloneRepository]
        library.folders.create("/media")
        library.series.upsert(folder_path="/media/a", title="A")
        library.movies.upsert(file_path="/media/b.mkv", title="B")
        library.metadata.save("a", "tmdb", {"title": "A"})
        library.mappings.save(1, 2, "A")
