"""``bert-frontier agora``: the rounds of an Agora run, its best student and convergent set, and a rerun over that."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from engine.access import access
from engine.agora.requirements import AGORA
from engine.agora_report import AgoraReport, rerun, sentences, tell
from engine.augmenting import teacher_check
from engine.cli.options import home_option, json_option, runner_options
from engine.cli.report import table
from engine.cli.run import run_spec
from engine.errors import SettingError, StateError
from engine.metric_words import format_value
from engine.settings import Home, RunnerSettings, resolve_home
from engine.spec_files import read_spec
from engine.trial_folder import TrialFolder
from storage.agora_views import RoundRow, StudentRow, rounds_query, students_query


@click.command()
@click.argument("experiment")
@click.option(
    "--rerun",
    "again",
    is_flag=True,
    help="Run a new experiment: the same rounds over the convergent hyperparameter set alone.",
)
@runner_options
@json_option
@home_option
def agora(experiment: str, home: str | None, limits: RunnerSettings, *, again: bool, as_json: bool) -> int:
    """Print what EXPERIMENT, an Agora run, has come to: rounds, sets still in, its best student and its cost."""
    place = resolve_home(home)
    report = _report(place, experiment)
    if again:
        if report.convergent is None:
            raise StateError(f"no round of {experiment} is complete yet; wait for it")
        spec = read_spec(_specification(place, experiment))
        new = rerun(spec, report.sets[report.convergent], experiment)
        return run_spec(place, new, limits, as_json=as_json)
    click.echo(json.dumps(as_values(report), indent=1) if as_json else as_text(report))
    return 0


def as_text(report: AgoraReport) -> str:
    """The rounds as a table, and the sentences."""
    if not report.rounds:
        return "no round has begun yet"
    return "\n".join(
        [table([_row(report, place) for place in range(len(report.rounds))]), *sentences(report)]
    )


def as_values(report: AgoraReport) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "metric": report.metric,
        "rounds": [asdict(row) for row in report.rounds],
        "best": None if report.best is None else asdict(report.best),
        "convergent": report.convergent,
        "sets": {name: dict(values) for name, values in report.sets.items()},
        "teacher": report.teacher_score,
        "teacher_check": None if report.check is None else report.check._asdict(),
        "theory": list(report.theory),
        "costs": asdict(report.costs),
        "sentences": sentences(report),
    }


def _report(place: Home, experiment: str) -> AgoraReport:
    with access(place) as source:
        summary = source.summary(experiment)
        if summary["strategy"] != AGORA:
            raise SettingError(f"{experiment} is no Agora run; its strategy is {summary['strategy']}")
        # The name is that of an experiment, so it holds letters, digits and hyphens alone.
        rounds = json.loads(source.sql(rounds_query(f"'{experiment}'"), "json"))
        students = json.loads(source.sql(students_query(f"'{experiment}'"), "json"))
    spec = read_spec(_specification(place, experiment))
    found = [RoundRow(**row) for row in rounds]
    metric = found[0].metric if found else ""
    return tell(
        spec,
        found,
        [StudentRow(**row) for row in students],
        teacher_score=summary["teacher"]["metrics"].get(metric),
        check=teacher_check(TrialFolder(place.path / "experiments" / experiment / "0000")),
    )


def _specification(home: Home, name: str) -> str:
    return str(home.path / "experiments" / name / "experiment.toml")


def _row(report: AgoraReport, place: int) -> dict[str, str]:
    row = report.rounds[place]
    cells = {
        "round": str(row.round),
        "sets": str(row.sets_alive),
        "dropped": "" if row.dropped is None else str(len(row.dropped)),
        "best": "" if row.best_score is None else format_value(report.metric, row.best_score),
        "trial": "" if row.best_trial is None else str(row.best_trial),
    }
    if report.theory:
        cells["1 - 2^-k"] = format_value(report.metric, report.theory[place])
    for name in ("mistakes", "generated", "accepted"):
        value = getattr(row, name)
        cells[name] = "" if value is None else f"{value:,}"
    for name in ("training_seconds", "data_seconds"):
        value = getattr(row, name)
        cells[name.replace("_seconds", " s")] = "" if value is None else f"{value:,.1f}"
    return cells
