"""On PostgreSQL everything happens in the current schema, by a role that needn't be more than its owner."""

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from storeroom import Storeroom
from storeroom.errors import RevisionFailed, SchemaOutOfDate
from tests.migrations.installations import execute, heads, query, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table


@pytest.fixture
def tenant_url(server_url: str) -> Iterator[str]:
    """A database as a role sees it that owns one schema, "Tenant-1", and nothing else."""
    role = f"tenant_{make_url(server_url).database}"
    execute(
        server_url,
        f"CREATE ROLE {role} LOGIN",
        f'CREATE SCHEMA "Tenant-1" AUTHORIZATION {role}',
        f'ALTER ROLE {role} SET search_path = "Tenant-1"',
        "CREATE TABLE public.alpha (id int)",
    )
    yield make_url(server_url).set(username=role).render_as_string(hide_password=False)
    execute(server_url, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


def test_a_schema_and_a_role_of_ones_own(server_url: str, tenant_url: str, make_plugin: PluginMaker) -> None:
    index = Rev("op.create_index('ix', 'alpha', ['id'], postgresql_concurrently=True)", transactional=False)
    make_plugin("alpha", revisions=[create_table("alpha"), index, "op.drop_index('ix', 'alpha')"])
    assert upgrade(tenant_url, "alpha") == ["alpha_0001", "alpha_0002", "alpha_0003"]
    assert heads(tenant_url) == {"alpha": "alpha_0003"}
    placed = "SELECT schemaname FROM pg_tables WHERE tablename IN ('alpha', 'storeroom_plugins') ORDER BY 1"
    assert query(server_url, placed) == [("Tenant-1",), ("Tenant-1",), ("public",)]
    Storeroom.open(tenant_url, allow=["alpha"]).close()
    with pytest.raises(SchemaOutOfDate):
        Storeroom.open(server_url, allow=["alpha"])


def test_a_role_that_may_not_create_tables_is_told_so(
    server_url: str, tenant_url: str, make_plugin: PluginMaker
) -> None:
    role = make_url(tenant_url).username
    execute(server_url, f'ALTER SCHEMA "Tenant-1" OWNER TO postgres; GRANT USAGE ON SCHEMA "Tenant-1" TO {role}')
    with pytest.raises(RevisionFailed, match="permission denied for schema Tenant-1") as caught:
        upgrade(tenant_url)
    assert caught.value.plugin == "storeroom"
