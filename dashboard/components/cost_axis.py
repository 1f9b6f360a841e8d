"""The choice of what learning curves are drawn over: steps, or what the training has cost."""

from __future__ import annotations

import streamlit as st

AXES = {"step": "steps", "train_flops": "operations", "train_tokens": "tokens"}


def cost_axis(key: str) -> str:
    """Draw the choice, which stands in the address under its key; gives the chosen column."""
    chosen = st.segmented_control(
        "Over",
        list(AXES),
        default="step",
        format_func=lambda name: AXES[name],
        key=key,
        bind="query-params",
        required=True,
        help="Operations count the teacher's too, where it runs in every step.",
    )
    return str(chosen or "step")
