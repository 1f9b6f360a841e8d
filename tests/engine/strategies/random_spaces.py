"""Hypothesis strategies for search spaces with rules and for trials in them."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.parameters import CategoricalParameter, Configuration, FloatParameter, IntegerParameter
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies.interface import Observation

FLOATS = st.builds(
    lambda low, factor, log: FloatParameter(low=low, high=low * factor, log=log),
    st.sampled_from([1e-6, 0.1, 3.0]),
    st.sampled_from([2.0, 1e4]),
    st.booleans(),
)
INTEGERS = st.builds(
    lambda low, count, log: IntegerParameter(low=low, high=low + count, log=log),
    st.integers(1, 5),
    st.sampled_from([1, 7, 300]),
    st.booleans(),
)
CATEGORICALS = st.sampled_from(
    [CategoricalParameter(values=v) for v in (("only",), ("a", "b"), (128, 256, 768), (0.5, 1.5, 2.5, 3.5))]
)


@st.composite
def spaces(draw: st.DrawFn) -> SearchSpace:
    parameters = draw(st.lists(st.one_of(FLOATS, INTEGERS, CATEGORICALS), min_size=0, max_size=3))
    named = {f"p{i}": parameter for i, parameter in enumerate(parameters)}
    hidden = IntegerParameter(low=1, high=12)
    heads = IntegerParameter(low=1, high=6)
    rules = (Rule("hidden % heads == 0"), Rule("hidden + heads < 15"))
    return SearchSpace({"hidden": hidden, **named, "heads": heads}, rules)


@st.composite
def trials(draw: st.DrawFn, space: SearchSpace, least: int = 0) -> list[Observation]:
    count = draw(st.integers(least, 8))
    made = []
    for number in range(1, count + 1):
        units = draw(
            st.lists(st.floats(0, 1), min_size=len(space.parameters), max_size=len(space.parameters))
        )
        made.append(
            observation(number, space.from_unit(units), draw(st.sampled_from(["completed", "failed"])))
        )
    return made


def observation(number: int, parameters: Configuration, state: str = "completed") -> Observation:
    metrics = (
        {"exact": float(number % 5), "size": float(parameters["hidden"])} if state == "completed" else {}
    )
    return Observation(number, parameters, state, metrics)  # type: ignore[arg-type]
