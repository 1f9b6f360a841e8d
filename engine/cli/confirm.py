"""``bert-frontier confirm``: measures a trial's model on all evaluation examples."""

from __future__ import annotations

import sys

import click
from tqdm import tqdm

from engine.access import access
from engine.cli.options import home_option
from engine.confirming import confirm_trial
from engine.exporting import parse_trial_name
from engine.metric_catalogue import FULL
from engine.settings import resolve_home


@click.command()
@click.argument("trial")
@home_option
def confirm(trial: str, home: str | None) -> None:
    """Measure the model of TRIAL (experiment/number, such as demo/3) on all evaluation examples.

    Searches compare trials on a sample (task.eval_samples). The scores on everything are stored beside those of the
    sample, as full_exact beside exact, and printed with them.
    """
    name, number = parse_trial_name(trial)
    place = resolve_home(home)
    with tqdm(total=100, unit="%", desc=f"confirming {trial}", disable=not sys.stderr.isatty()) as bar:
        event = confirm_trial(place, name, number, lambda share: _move(bar, share))
    with access(place) as data:
        data.refresh(name, number)
        found = next(row for row in data.summary(name)["trials"] if row["number"] == number)
    width = max(len(key) for key in event.metrics)
    click.echo(f"{'metric':{width}}  {'sample':>16}  {'all':>16}")
    for key, error in event.standard_errors.items():
        sample = key.removeprefix(FULL)
        told = f"{event.metrics[key]:.2f} \u00b1{error:.2f}"
        click.echo(f"{sample:{width}}  {_told(found, sample):>16}  {told:>16}")


def _told(trial: dict[str, dict[str, float]], name: str) -> str:
    metrics, errors = trial["metrics"], trial["standard_errors"]
    return f"{metrics[name]:.2f} \u00b1{errors[name]:.2f}" if name in metrics and name in errors else ""


def _move(bar: tqdm[None], share: float) -> None:
    bar.n = round(100 * share)
    bar.refresh()
