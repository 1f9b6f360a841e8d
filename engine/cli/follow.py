"""Following an experiment in a terminal: progress on standard error, then the report, then the exit status."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator

import click
from tqdm import tqdm

from engine.access import ServerAccess
from engine.cli.report import report
from engine.controls import pause_experiment
from engine.errors import StateError
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES, ExperimentState, TrialState
from engine.overview import overview
from engine.runner import Runner, run_to_end
from engine.settings import Home, RunnerSettings
from engine.summary import Summary, detailed_summary, summary
from storage.experiments import ExperimentRow, get_experiment
from storage.store import Store

FOLLOW_SECONDS = 1.0
LINE_SECONDS = 30.0
"""Between two lines of progress where standard error is no terminal."""
EXIT_FAILED = 3


def run_here(
    home: Home, store: Store, experiment: ExperimentRow, settings: RunnerSettings, *, as_json: bool
) -> int:
    """Run an experiment to its end in this process; gives the exit status.

    Ctrl-C lets running trials write a checkpoint and pauses the experiment.
    """
    runner = Runner(store, home, settings, only=experiment.name)
    try:
        try:
            last = show_progress(_ran(runner, experiment.name))
        except KeyboardInterrupt:
            _pause(runner, experiment.name)
            raise
        return finish(last, as_json=as_json)
    finally:
        runner.close()


def follow_server(server: ServerAccess, name: str, *, as_json: bool) -> int:
    """Follow an experiment that a server runs; gives the exit status."""
    return finish(show_progress(_polled(server, name)), as_json=as_json)


def finish(last: Summary, *, as_json: bool) -> int:
    """Print the result; gives the exit status."""
    click.echo(json.dumps(last, indent=1) if as_json else report(last))
    if last["state"] != ExperimentState.COMPLETED:
        click.echo(f"{last['name']} is {last['state']}: {last['reason'] or 'no reason recorded'}", err=True)
        return EXIT_FAILED
    if not any(trial["state"] == TrialState.COMPLETED for trial in last["trials"]):
        click.echo(f"no trial of {last['name']} was completed", err=True)
        return EXIT_FAILED
    return 0


def show_progress(summaries: Iterable[Summary]) -> Summary:
    """Show how far it is while summaries come in, as bars in a terminal, else as a line now and then.

    Returns:
        The last summary.
    """
    last = _show_bars(summaries) if sys.stderr.isatty() else _show_lines(summaries)
    if last is None:
        raise StateError("the experiment reported nothing")
    return last


def _show_bars(summaries: Iterable[Summary]) -> Summary | None:
    """A bar for the teacher and then one for the students."""
    last: Summary | None = None
    students: tqdm[None] | None = None
    with tqdm(total=100, desc="teacher", unit="%", leave=False, dynamic_ncols=True) as teacher:
        for last in summaries:
            if last["teacher"]["state"] != TrialState.COMPLETED:
                teacher.n = round(100 * last["teacher"]["progress"])
                teacher.set_postfix_str(last["teacher"]["progress_message"] or "")
                continue
            if students is None:
                teacher.close()
                students = tqdm(total=last["budget"], desc=last["name"], unit="trial", dynamic_ncols=True)
            students.n = _trained(last)
            students.set_postfix_str(_found(last))
    if students is not None:
        students.close()
    return last


def _show_lines(summaries: Iterable[Summary]) -> Summary | None:
    """A plain line every ``LINE_SECONDS`` and one at the end."""
    last: Summary | None = None
    told = ""
    due = 0.0
    for last in summaries:
        if time.monotonic() >= due:
            due = time.monotonic() + LINE_SECONDS
            told = _line(last)
            click.echo(told, err=True)
    if last is not None and _line(last) != told:
        click.echo(_line(last), err=True)
    return last


def _line(found: Summary) -> str:
    teacher = found["teacher"]
    if teacher["state"] != TrialState.COMPLETED:
        doing = teacher["progress_message"] or teacher["state"]
        return f"{found['name']}: teacher {round(100 * teacher['progress'])} %, {doing}"
    return f"{found['name']}: {_trained(found):g} of {found['budget']} trials, {_found(found)}"


def _trained(found: Summary) -> float:
    """Trials done, running ones by their progress."""
    running = sum(trial["progress"] for trial in found["trials"] if trial["state"] == TrialState.RUNNING)
    return round(float(found["done"] + running), 1)


def _found(found: Summary) -> str:
    failed = found["counts"].get("failed", 0)
    return f"{len(found['frontier'])} on the frontier" + (f", {failed} failed" if failed else "")


def _polled(server: ServerAccess, name: str) -> Iterator[Summary]:
    while True:
        found = server.summary(name)
        yield found
        if found["state"] not in ACTIVE_EXPERIMENT_STATES:
            return
        time.sleep(FOLLOW_SECONDS)


def _ran(runner: Runner, name: str) -> Iterator[Summary]:
    """Run to the end; tells how far it is every ``FOLLOW_SECONDS``, and at the end."""
    due = 0.0
    for _ in run_to_end(runner, name):
        if time.monotonic() >= due:
            yield summary(overview(runner.store, get_experiment(runner.store, name)))
            due = time.monotonic() + FOLLOW_SECONDS
    yield detailed_summary(overview(runner.store, get_experiment(runner.store, name)))


def _pause(runner: Runner, name: str) -> None:
    click.echo("\nwriting checkpoints ...", err=True)
    pause_experiment(runner.store, name)
    for _ in run_to_end(runner, name):
        pass
    click.echo(f"{name} is paused; go on with: bert-frontier resume {name}", err=True)
