"""Left side of the what-if page: one row a setting, free, held to a value or to a range; all of it in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import formats
from dashboard.components.bound_slider import bound_slider
from dashboard.components.query_state import change
from dashboard.whatif.address import pin_text
from dashboard.whatif.modes import first_pin, mode_of, modes_of
from dashboard.whatif.steps import nearest, value_steps
from engine.distill.hyperparameters import Hyperparameters
from engine.parameters import CategoricalParameter, Value
from engine.space import SearchSpace
from engine.whatif.question import AnyParameter, Pin, Question, Range, told


def settings_panel(space: SearchSpace, question: Question, reference: Mapping[str, Value]) -> None:
    """Draw the rows.

    Args:
        space: what was searched.
        question: of the address.
        reference: the values that settings are first held to.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Settings**", width="stretch")
        if question.pinned:
            free = dict.fromkeys(question.pinned)
            st.button("Free all", key="free_all", type="tertiary", on_click=change, args=(free,))
    for name, parameter in space.parameters.items():
        pin = question.pinned.get(name)
        _row(name, parameter, space, pin, reference.get(name))
        if pin is not None:
            _value(name, parameter, pin)
    for name, condition in space.conditions.items():
        st.caption(f"{formats.literal(name)} counts only where {formats.literal(condition.rule.text)}.")


def _row(
    name: str, parameter: AnyParameter, space: SearchSpace, pin: Pin | None, reference: Value | None
) -> None:
    key = f"mode {name}"
    st.session_state[key] = mode_of(pin)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(formats.literal(name), width="stretch", help=_help(name, space))
        st.segmented_control(
            f"How {name} is held",
            modes_of(parameter),
            key=key,
            required=True,
            label_visibility="collapsed",
            width="content",
            on_change=lambda: change({name: first_pin(st.session_state[key], parameter, reference)}),
        )


def _value(name: str, parameter: AnyParameter, pin: Pin) -> None:
    """The slider of a held setting, or the choice among words."""
    key = f"value {name}"
    if isinstance(parameter, CategoricalParameter) and not isinstance(pin, Range):
        st.session_state[key] = pin
        st.selectbox(
            f"Value of {name}",
            parameter.values,
            key=key,
            label_visibility="collapsed",
            on_change=lambda: change({name: _chosen(st.session_state[key])}),
        )
        return
    ends = (pin.low, pin.high) if isinstance(pin, Range) else (float(pin),)
    options = [value for value in value_steps(parameter, ends) if not isinstance(value, str)]
    taken = [nearest(options, end) for end in ends]
    bound_slider(
        f"Value of {name}",
        options,
        (taken[0], taken[1]) if isinstance(pin, Range) else taken[0],
        key=key,
        write=lambda chosen: change({name: _chosen(chosen)}),
        format_func=formats.parameter,
        label_visibility="collapsed",
    )


def _chosen(value: Any) -> str:  # noqa: ANN401 - of a slider or a choice
    pin: Pin = Range(float(value[0]), float(value[1])) if isinstance(value, tuple) else value
    return pin_text(pin)


def _help(name: str, space: SearchSpace) -> str:
    field = Hyperparameters.model_fields.get(name)
    meaning = "" if field is None or field.description is None else f"{field.description} "
    return formats.literal(f"{meaning}Searched: {told(name, space)}.")
