"""The conformance suite: what every plugin must pass, on every database."""

from storeroom.testing.conformance.suite import Conformance

__all__ = ["Conformance"]
