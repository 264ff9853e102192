"""Schemas as the databases themselves describe them: read, compared, and made from the models where nothing is lost."""

from storeroom.schema.comparison import differences
from storeroom.schema.reading import read_schema
from storeroom.schema.scratch import models_schema, scratch
from storeroom.schema.tables import ColumnSchema, Part, TableSchema

__all__ = [
    "ColumnSchema",
    "Part",
    "TableSchema",
    "differences",
    "models_schema",
    "read_schema",
    "scratch",
]
