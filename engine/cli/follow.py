"""Following an experiment in a terminal: progress on standard error, then the report, then the exit status."""

from __future__ import annotations

import json
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
from engine.summary import Summary, summary
from storage.experiments import ExperimentRow
from storage.store import Store

FOLLOW_SECONDS = 1.0
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
            last = show_progress(summary(overview(store, row)) for row in run_to_end(runner, experiment.name))
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
    """Show a bar for the teacher and one for the students while summaries come in; gives the last one."""
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
            running = sum(t["progress"] for t in last["trials"] if t["state"] == TrialState.RUNNING)
            students.n = round(last["done"] + running, 1)
            failed = last["counts"].get("failed", 0)
            students.set_postfix_str(
                f"{len(last['frontier'])} on the frontier" + (f", {failed} failed" if failed else "")
            )
    if students is not None:
        students.close()
    if last is None:
        raise StateError("the experiment reported nothing")
    return last


def _polled(server: ServerAccess, name: str) -> Iterator[Summary]:
    while True:
        found = server.summary(name)
        yield found
        if found["state"] not in ACTIVE_EXPERIMENT_STATES:
            return
        time.sleep(FOLLOW_SECONDS)


def _pause(runner: Runner, name: str) -> None:
    click.echo("\nwriting checkpoints ...", err=True)
    pause_experiment(runner.store, name)
    for _ in run_to_end(runner, name):
        pass
    click.echo(f"{name} is paused; go on with: bert-frontier resume {name}", err=True)
