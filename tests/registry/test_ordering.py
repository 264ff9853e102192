"""`dependency_order`: what is needed first, then by rank, whatever order it was told in."""

from collections.abc import Mapping
from graphlib import CycleError
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storeroom.ordering import dependency_order

FEW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Graph = Mapping[str, frozenset[str]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs without cycles: each node may need those before it in a hidden order."""
    nodes = draw(st.permutations("abcdef"))
    needs = {
        node: draw(st.frozensets(st.sampled_from(nodes[:place]))) if place else frozenset[str]()
        for place, node in enumerate(nodes)
    }
    return {node: needs[node] for node in draw(st.permutations(nodes))}


def order(needs: Graph) -> list[str]:
    return dependency_order(needs, lambda node: node)


@FEW
@given(graphs())
def test_every_node_occurs_once_after_all_it_needs(needs: Graph) -> None:
    ordered = order(needs)
    assert sorted(ordered) == sorted(needs)
    for place, node in enumerate(ordered):
        assert needs[node] <= set(ordered[:place])


@FEW
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_doesnt_depend_on_how_it_was_told(needs: Graph, random: Random) -> None:
    shuffled = list(needs.items())
    random.shuffle(shuffled)
    assert order(dict(shuffled)) == order(needs)


@FEW
@given(graphs())
def test_of_the_nodes_that_could_come_next_the_lowest_does(needs: Graph) -> None:
    ordered = order(needs)
    for place, node in enumerate(ordered):
        possible = [each for each in ordered[place:] if needs[each] <= set(ordered[:place])]
        assert node == min(possible)


def test_a_node_that_is_only_needed_is_ordered_too() -> None:
    assert dependency_order({"b": ["a"]}, lambda node: node) == ["a", "b"]


def test_the_rank_decides_and_not_the_name() -> None:
    assert dependency_order({"a": [], "b": []}, {"a": 2, "b": 1}.__getitem__) == ["b", "a"]


def test_a_circle_has_no_order() -> None:
    with pytest.raises(CycleError):
        order({"a": frozenset("b"), "b": frozenset("a")})
