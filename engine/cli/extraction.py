"""``bert-frontier extraction``: the architecture an extraction found, the others by their W, and how sure that is."""

from __future__ import annotations

import json
from typing import Any

import click

from engine.access import access
from engine.cli.options import home_option, json_option
from engine.cli.report import table
from engine.errors import SettingError, StateError
from engine.extraction.coefficient import Costs
from engine.extraction.finding import Finding, Place, look, sentences
from engine.extraction.requirements import EXTRACT
from engine.metric_words import format_value
from engine.settings import resolve_home
from engine.spec_files import read_spec

TOP = 10


@click.command()
@click.argument("experiment")
@click.option(
    "--top", type=click.IntRange(min=1), default=TOP, show_default=True, help="Architectures to list."
)
@json_option
@home_option
def extraction(experiment: str, top: int, home: str | None, *, as_json: bool) -> None:
    """Print what EXPERIMENT, an extraction, has found: architectures by their W, and what that says of the others."""
    place = resolve_home(home)
    with access(place) as source:
        summary = source.summary(experiment)
        if summary["strategy"] != EXTRACT:
            raise SettingError(f"{experiment} is no extraction; its strategy is {summary['strategy']}")
        # The name is that of an experiment, so it holds letters, digits and hyphens alone.
        query = f"SELECT * FROM extraction WHERE experiment = '{experiment}' ORDER BY place"  # noqa: S608
        rows = json.loads(source.sql(query, "json"))
    spec = read_spec(str(place.path / "experiments" / experiment / "experiment.toml"))
    told = summary["teacher"]["metrics"]
    found = None
    if told:
        maximum = Costs(told["lemma_parameters"], told["lemma_operations"])
        known = spec.extract.speed == "operations"
        found = look(
            [_place(row) for row in rows], maximum, interval=spec.extract.interval, known_speed=known
        )
    if found is None:
        raise StateError(f"no candidate of {experiment} has been measured yet; wait for it")
    click.echo(json.dumps(as_values(found, top), indent=1) if as_json else as_text(found, top))


def as_text(found: Finding, top: int) -> str:
    """The architectures with the largest W as a table, and the sentences."""
    rows = [
        {
            "architecture": place.told,
            "W": f"{place.w:.4g}",
            "error": f"{place.error:.4f}",
            "parameters": format_value("lemma_parameters", place.costs.size),
            "operations": format_value("lemma_operations", place.costs.speed),
            "place": str(place.number + 1),
            "trial": str(place.trial),
        }
        for place in found.ranking[:top]
    ]
    names = ", ".join(found.best.architecture)
    trained = f"{len(found.ranking)} of {len(found.space)} architectures \u27e8{names}\u27e9 are measured"
    return "\n".join([trained, table(rows), *sentences(found)])


def as_values(found: Finding, top: int) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "extracted": dict(found.best.architecture),
        "trial": found.best.trial,
        "w": found.best.w,
        "maximum": {"lemma_parameters": found.maximum.size, "lemma_operations": found.maximum.speed},
        "measured": len(found.ranking),
        "architectures": len(found.space),
        "interval": found.interval,
        "lipschitz": found.lipschitz,
        "guaranteed_ratio": found.ratio,
        "contenders": [
            {"architecture": dict(found.space[place].architecture), "margin": margin}
            for place, margin in found.contenders[:top]
        ],
        "ranking": [_values(place) for place in found.ranking[:top]],
        "sentences": sentences(found),
    }


def _values(place: Place) -> dict[str, Any]:
    return {
        "architecture": dict(place.architecture),
        "place": place.number,
        "trial": place.trial,
        "w": place.w,
        "surrogate_error": place.error,
        "lemma_parameters": place.costs.size,
        "lemma_operations": place.costs.speed,
    }


def _place(row: dict[str, Any]) -> Place:
    return Place(
        row["place"],
        json.loads(row["architecture"]),
        Costs(row["lemma_parameters"], row["lemma_operations"]),
        row["trial"],
        row["w"],
        row["surrogate_error"],
    )
