"""The report as one HTML file that fetches nothing and prints well."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dashboard import formats
from dashboard.report.content import Report
from dashboard.report.markup import Markup, element, joined

_STYLE = Path(__file__).resolve().parent.parent / "assets" / "report.css"


def document(report: Report, now: datetime | None = None) -> str:
    """The whole file.

    Args:
        report: what it says.
        now: when it is made.
    """
    made = f"Made on {formats.moment(now or datetime.now(UTC))} by bert-frontier {version('bert-frontier')}."
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", f"{report.title} \u00b7 bert-frontier"),
        element("style", Markup(_style())),
    )
    body = element(
        "body",
        element(
            "header",
            element("h1", report.title),
            *(element("p", fact, class_="fact") for fact in report.facts),
        ),
        element("section", *(element("p", _plain(claim), class_="claim") for claim in report.claims)),
        *(element("section", element("h2", title), part) for title, part in report.sections),
        element("footer", made),
    )
    return joined([Markup("<!doctype html>\n"), Markup(f'<html lang="en">{head}{body}</html>\n')])


def _plain(claim: str) -> str:
    """A claim without the marks of Markdown."""
    return claim.replace("**", "").replace("\\", "")


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")
