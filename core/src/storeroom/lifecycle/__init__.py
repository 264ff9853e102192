"""The life of one plugin in a database: compared with its models, taken back, out of it, and into it again."""

from storeroom.lifecycle.claiming import Claim, claim
from storeroom.lifecycle.downgrading import downgrade
from storeroom.lifecycle.drift import drift
from storeroom.lifecycle.holdings import HeldTable, Holdings, dump_of, holdings
from storeroom.lifecycle.preview import preview
from storeroom.lifecycle.removal import forget, purge
from storeroom.lifecycle.restoring import restore

__all__ = [
    "Claim",
    "HeldTable",
    "Holdings",
    "claim",
    "downgrade",
    "drift",
    "dump_of",
    "forget",
    "holdings",
    "preview",
    "purge",
    "restore",
]
