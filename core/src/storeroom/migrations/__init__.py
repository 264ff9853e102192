"""Migrations that know of each other: one ledger, one order, one transaction over all plugins."""
