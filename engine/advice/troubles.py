"""Advice on trials that failed or collapsed: how many, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.advice.interface import Advice
from engine.advice.splitting import common_setting
from engine.parameters import Value
from engine.space import SearchSpace

FEW = 3
"""Fewer trials in trouble than this are bad luck."""
SHARE = 0.2
"""Share of the trials from which trouble without a common setting is worth a word."""

Configurations = Sequence[Mapping[str, Value]]


def common_trouble(
    kind: str, space: SearchSpace, troubled: Configurations, others: Configurations
) -> Advice | None:
    """Advice on trials in trouble.

    Args:
        kind: what befell them, such as "failed".
        space: the parameters.
        troubled: their configurations.
        others: configurations of the trials that did well.

    Returns:
        None where there are few.
    """
    if len(troubled) < FEW:
        return None
    split = common_setting(space, troubled, others)
    if split is not None:
        doing = "leave it out of" if split.relation == "=" else "narrow"
        return Advice("warning", f"{split.words(kind)}: {doing} {split.setting}.", split.setting)
    total = len(troubled) + len(others)
    if len(troubled) < SHARE * total:
        return None
    return Advice("warning", f"{len(troubled)} of {total} trials {kind}, with no setting in common.")
