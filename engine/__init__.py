"""Experiments, strategies, distillation and the runner that brings them together.

What a notebook needs to search without any of that is here: ``AskTell``, ``Metric`` and ``SearchSpace``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.ask_tell import AskTell
    from engine.metrics import Metric
    from engine.space import SearchSpace

__all__ = ["AskTell", "Metric", "SearchSpace"]

_HOMES = {"AskTell": "engine.ask_tell", "Metric": "engine.metrics", "SearchSpace": "engine.space"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - each name is something else
    """Import a public name when it is first asked for, so that other modules of the package do not pay for it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
