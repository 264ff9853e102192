"""The ledger: core's own tables, and the plugin `storeroom` that brings them."""

from storeroom.migrations.ledger.plugin import core_plugin
from storeroom.migrations.ledger.store import AppliedRevision, Ledger, LedgerChange, LedgerEntry, Requirement

__all__ = ["AppliedRevision", "Ledger", "LedgerChange", "LedgerEntry", "Requirement", "core_plugin"]
