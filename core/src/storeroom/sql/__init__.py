"""Statements: the one way from a repository to the database."""

from storeroom.sql.statement import Executor, Statement

__all__ = ["Executor", "Statement"]
