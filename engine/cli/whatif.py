"""``bert-frontier whatif``: what an experiment's models say of pinned settings and budgets, and which trial to ship."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from engine.access import access
from engine.cli.options import home_option, json_option
from engine.cli.whatif_report import whatif_report
from engine.settings import resolve_home
from engine.whatif.question import Question, parse_budget, parse_pin
from engine.whatif.stored import read_study


@click.command()
@click.argument("experiment")
@click.option(
    "--set",
    "pins",
    metavar="NAME=VALUE",
    multiple=True,
    help="Hold a setting to a value, or to a range as in n_layers=3..6; repeat for others. The rest is free.",
)
@click.option(
    "--max",
    "most",
    metavar="METRIC=NUMBER",
    multiple=True,
    help="Upper budget, such as num_parameters=45e6 or latency_ms=8; of any metric.",
)
@click.option(
    "--min", "least", metavar="METRIC=NUMBER", multiple=True, help="Lower budget, such as exact=60."
)
@json_option
@home_option
def whatif(
    experiment: str,
    pins: tuple[str, ...],
    most: tuple[str, ...],
    least: tuple[str, ...],
    *,
    as_json: bool,
    home: str | None,
) -> None:
    """Say what to expect of EXPERIMENT's students with some settings pinned and metrics within budgets.

    Predictions come with 90 % intervals of a new measurement, with the measured trials that support them, and with a
    warning when they extrapolate. Models are fitted in this command's own process, so that a running server is not
    held up.
    """
    with access(resolve_home(home)) as source:
        study = source.study(experiment)
    problem, observations = read_study(study)
    question = Question(
        dict(parse_pin(text, problem.space) for text in pins),
        [*(parse_budget(text, "max") for text in most), *(parse_budget(text, "min") for text in least)],
    )
    # Imported late: torch takes seconds.
    import torch

    from engine.whatif.answer import answer_to_json
    from engine.whatif.asking import what_if

    # Matrices of a hundred trials are too small for more threads to be of use.
    torch.set_num_threads(1)
    found = what_if(problem, observations, question)
    if study["left_out"]:
        note = (
            f"{study['left_out']:,} trials far from the frontier are left out; the others are an even sample."
        )
        found = replace(found, notes=[note, *found.notes])
    click.echo(json.dumps(answer_to_json(found), indent=1) if as_json else whatif_report(experiment, found))
