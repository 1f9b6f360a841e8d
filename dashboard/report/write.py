"""Makes the report of a stored experiment."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.report.content import gather
from dashboard.report.document import document
from storage.store import Store


def report_html(store: Store, name: str, r_squared: Mapping[str, float] | None = None) -> str:
    """The report as the text of an HTML file.

    Args:
        store: the open database.
        name: of the experiment.
        r_squared: how well its models predict each metric, where that is known.

    Raises:
        UnknownNameError: when there is no such experiment.
    """
    return document(gather(store, name, r_squared))
