"""The plugins that live here, at head, are as their models say."""

from sqlalchemy import MetaData

from storeroom.installation import Installation
from storeroom.migrations.ledger.models import LedgerBase
from storeroom.schema import differences, models_schema, read_schema


def test_all_plugins_at_head_have_no_difference_to_their_models(url: str) -> None:
    installation = Installation.connect(url, strict=True)
    try:
        installation.upgrade()
        models = [plugin.manifest.models for plugin in installation.registry.plugins.values()]
        metadatas: list[MetaData] = [LedgerBase.metadata, *(each.metadata for each in models if each is not None)]
        assert len(metadatas) == 9
        expected = models_schema(installation.database, metadatas)
        assert len(expected) >= 25
        with installation.database.reading() as runner:
            found = read_schema(runner.driver, expected.keys())
        assert [str(each) for each in differences(found, expected)] == []
    finally:
        installation.close()
