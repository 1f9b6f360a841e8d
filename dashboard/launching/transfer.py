"""Earlier experiments that a search can learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.launching.toml_edit import Document
from storage.experiments import ExperimentRow


def transferable(rows: Sequence[ExperimentRow], document: Document) -> list[str]:
    """Names of experiments with just the search space of a specification being written, the latest first.

    Args:
        rows: experiments, the oldest first.
        document: the specification.
    """
    wanted = _space(document.get("parameters"))
    return [row.name for row in reversed(rows) if wanted and _space(row.spec.get("parameters")) == wanted]


def _space(parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - any TOML value
    """Parameters with what may be left out filled in; empty where they are none."""
    if not isinstance(parameters, Mapping):
        return {}
    return {
        str(name): {"type": "float"} | _filled(one)
        for name, one in parameters.items()
        if isinstance(one, Mapping)
    }


def _filled(parameter: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(parameter)
    if "values" in found:
        return {"type": "categorical", "values": list(found["values"])}
    return {"log": False} | found
