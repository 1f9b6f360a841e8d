"""``bert-frontier replay``: repeats a trial and says whether the same came out."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import click
from tqdm import tqdm

from engine.cli.options import home_option
from engine.cli.report import table
from engine.events import Event, Progress
from engine.exporting import parse_trial_name
from engine.replay import Replay, replay_trial
from engine.settings import resolve_home

EXIT_DIFFERENT = 1


@click.command()
@click.argument("trial")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the repeated model in this new folder.",
)
@home_option
def replay(trial: str, keep: Path | None, home: str | None) -> int:
    """Repeat TRIAL (experiment/number, such as demo/3) from its stored specification and compare.

    On the same processor the same bits are expected. The exit status is 1 if a metric differs; times are shown, not
    compared.
    """
    name, number = parse_trial_name(trial)
    found = _show_progress(trial, replay_trial(resolve_home(home), name, number, keep))
    click.echo(replay_table(found))
    if keep is not None:
        click.echo(f"the repeated model is in {keep}")
    return 0 if found.same else EXIT_DIFFERENT


def replay_table(found: Replay) -> str:
    """The comparison as text."""
    rows = []
    for metric in found.metrics:
        verdict = ("same" if metric.same else "DIFFERS") if metric.compared else "not compared"
        row = {"metric": metric.name, "stored": _number(metric.stored), "replayed": _number(metric.replayed)}
        rows.append(row | {"verdict": verdict})
    same = found.tensors - found.different_tensors
    weights = f"weights: {same} of {found.tensors} tensors are the same bit for bit"
    if found.different_tensors:
        weights += f"; the largest difference is {found.largest_difference:.3g}"
    lines = [table(rows), weights]
    if found.device != ("cpu" if found.record.device == "cpu" else "cuda"):
        lines.append(f"the trial ran on {found.record.device}, its repetition on {found.device}")
    lines.append(_verdict(found))
    return "\n".join(lines)


def _verdict(found: Replay) -> str:
    if not found.same:
        return "the trial is NOT reproduced"
    if found.different_tensors:
        return "every metric is reproduced; the weights are not the same bit for bit"
    return "the trial is reproduced"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _show_progress(trial: str, events: Generator[Event, None, Replay]) -> Replay:
    """Show a bar while the trial runs; gives what the generator returns."""
    with tqdm(total=100, desc=trial, unit="%", leave=False, dynamic_ncols=True) as bar:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                result: Replay = end.value
                return result
            if isinstance(event, Progress):
                bar.n = round(100 * event.fraction)
                bar.set_postfix_str(event.message)
