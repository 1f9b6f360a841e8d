"""``bert-frontier early-stopping``: what early stopping would save in an experiment, and what of it would be lost."""

from __future__ import annotations

import json

import click

from engine.access import access
from engine.cli.options import home_option, json_option
from engine.cli.report import table
from engine.early_stopping.replaying import ReplayReport
from engine.metric_words import format_value, percent
from engine.settings import resolve_home


@click.command("early-stopping")
@click.argument("experiment")
@click.option("--stop-below", type=float, help="Stop when the chance of reaching the frontier is below this.")
@click.option("--resume-above", type=float, help="Go on when that chance has risen above this again.")
@click.option("--min-curves", type=int, help="Completed trials before any is stopped.")
@click.option("--min-share", type=float, help="Share of a training that is never cut.")
@json_option
@home_option
def early_stopping(experiment: str, as_json: bool, home: str | None, **settings: float | None) -> None:
    """Replay EXPERIMENT as if early stopping had been on: what it saves, and what of the frontier it loses.

    Only trials that ran to their end count. Settings that are not given are those of the experiment.
    """
    changes = {name: value for name, value in settings.items() if value is not None}
    with access(resolve_home(home)) as source:
        found = source.early_stopping(experiment, changes)
    click.echo(json.dumps(found, indent=1) if as_json else replay_text(found))


def replay_text(found: ReplayReport) -> str:
    """The replay as text: every trial that stays stopped, then what that saves and loses."""
    settings = ", ".join(f"{name} {value:g}" for name, value in found["settings"].items())
    complete = f"{found['trials']} complete trials"
    if found["left_out"]:
        complete += f" ({found['left_out']} others are left out)"
    rows = [
        {
            "trial": str(trial["number"]),
            "stopped at": percent(trial["share"]),
            "chance": percent(trial["chance"]),
        }
        | {f"{name} in the end": format_value(name, trial["metrics"][name]) for name in found["objectives"]}
        | {"on frontier": "yes" if trial["on_frontier"] else ""}
        for trial in found["stopped"]
    ]
    lost = ", ".join(map(str, found["lost"])) or "none"
    lines = [
        f"{found['experiment']}: early stopping replayed over {complete}; {settings}",
        *([table(rows)] if rows else []),
        f"{len(found['stopped'])} of {found['trials']} trials stopped for good, {found['resumed']} resumed on the way: "
        f"{percent(found['share_saved'])} of training saved",
        f"frontier trials stopped: {lost}; hypervolume lost: {percent(found['volume_lost'])}",
    ]
    if found["forecasts"]:
        lines.append(
            f"{percent(found['within'])} of {found['forecasts']} forecasts held "
            f"({percent(found['expected_within'])} expected)"
        )
    return "\n".join(lines)
