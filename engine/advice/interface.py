"""What a piece of advice is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to know.

    Attributes:
        severity: ``warning`` for what spoils results, ``note`` for what is good to know.
        sentence: what is the matter, and what to do.
        setting: the field of the specification to change, such as ``parameters.n_layers.high``; None for none.
    """

    severity: Literal["note", "warning"]
    sentence: str
    setting: str | None = None
