"""`storeroom new`: a whole distribution with a first model, written from templates."""

from storeroom.cli.new.command import new

__all__ = ["new"]
