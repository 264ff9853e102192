"""Many rows in one call: lazily read, with memory that doesn't grow, near the speed of the driver."""

from storeroom.sql.bulk.operations import delete_many, insert_many, upsert_many
from storeroom.sql.bulk.rows import peek

__all__ = ["delete_many", "insert_many", "peek", "upsert_many"]
