"""What a report says, section by section, out of an experiment as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard import formats
from dashboard.components.states import progress_line
from dashboard.first_axes import first_axes
from dashboard.pretraining.curves import curves_frame
from dashboard.pretraining.metrics import SCORE
from dashboard.report.figures import frontier_figure, growth_figure, pretraining_figure
from dashboard.report.markup import Markup, element, joined, table
from dashboard.report.trials import goals_table, space_table, trials_table
from dashboard.tables import trials_frame
from dashboard.task_words import task_words
from dashboard.verdict import claims
from engine.advice.advise import advise
from engine.extracting import find
from engine.extraction.finding import sentences
from engine.extraction.requirements import EXTRACT
from engine.overview import Overview, overview
from engine.what_matters import what_matters
from storage.experiments import get_experiment
from storage.store import Store
from storage.totals import reasons_frame

MOST_TRIALS = 2000
"""Trials that are looked at one by one; of more, those that matter to the frontier and a sample of the others."""
RANKED = 15
"""Architectures of an extraction that are listed."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Attributes:
        title: name of the experiment.
        facts: a line each about it.
        claims: what it found, in sentences.
        sections: titles with what stands below them.
    """

    title: str
    facts: tuple[str, ...]
    claims: tuple[str, ...]
    sections: tuple[tuple[str, Markup], ...]


def gather(store: Store, name: str, r_squared: Mapping[str, float] | None = None) -> Report:
    """Everything a report says.

    Args:
        store: the open database.
        name: of the experiment.
        r_squared: how well its models predict each metric, where that is known.

    Raises:
        UnknownNameError: when there is no such experiment.
    """
    view = overview(store, get_experiment(store, name), most=MOST_TRIALS)
    parts = [
        ("What was found", _found(store, view)),
        ("The trials that count", trials_table(view)),
        ("How it was searched", _search(view)),
        ("What to know", _advice(store, view, r_squared)),
        ("Specification", element("pre", view.experiment.spec_toml)),
    ]
    return Report(name, _facts(view), _claims(view), tuple((title, part) for title, part in parts if part))


def _facts(view: Overview) -> tuple[str, ...]:
    spec, row = view.spec, view.experiment
    data = spec.task.dataset + (f", evaluated on {spec.task.eval_dataset}" if spec.task.eval_dataset else "")
    facts = [
        f"{task_words(spec.task.name)} \u00b7 data {data} \u00b7 teacher {spec.teacher.model}",
        f"{row.state} \u00b7 {progress_line(view)} \u00b7 launched {formats.moment(row.created_at)}",
    ]
    return tuple([spec.description, *facts] if spec.description else facts)


def _claims(view: Overview) -> tuple[str, ...]:
    told = [*claims(view)]
    if view.spec.strategy.name != "single" and view.findings.share_claim:
        told.append(view.findings.share_claim)
    return tuple([*told, view.savings.sentence] if view.savings is not None else told)


def _found(store: Store, view: Overview) -> Markup:
    parts: list[str] = []
    x, y = first_axes(view)
    if drawn := frontier_figure(trials_frame(view), view.spec.metrics, x, y):
        parts.append(drawn)
    if view.spec.strategy.name == EXTRACT:
        parts += _extraction(store, view)
    elif view.spec.task.info.head == "masked_lm":
        parts += (
            [drawn] if (drawn := pretraining_figure(curves_frame(store, [view.experiment]), SCORE)) else []
        )
    if growth := growth_figure(view.outcomes.growth.volumes.tolist()):
        parts.append(growth)
    return joined(parts or [element("p", "Nothing is measured yet.")])


def _extraction(store: Store, view: Overview) -> list[Markup]:
    found = find(store, view)
    if found is None:
        return []
    rows = [
        [
            place.told,
            f"{place.w:.4g}",
            formats.metric("surrogate_error", place.error),
            formats.metric("lemma_parameters", place.costs.size),
            formats.metric("lemma_operations", place.costs.speed),
            str(place.trial),
        ]
        for place in found.ranking[:RANKED]
    ]
    headings = [
        "architecture",
        "W",
        *map(formats.label, ("surrogate_error", "lemma_parameters", "lemma_operations")),
    ]
    ranking = table([*headings, "trial"], rows, numeric=frozenset(range(1, 6)))
    return [*(element("p", sentence) for sentence in sentences(found)), ranking]


def _search(view: Overview) -> Markup:
    strategy = view.spec.strategy.name
    told = f"Strategy {strategy}, {view.budget:,} trials, seed {view.spec.seed}."
    parts: list[str] = [element("p", told), goals_table(view.spec.metrics)]
    if view.spec.parameters:
        matters = what_matters(view)
        parts.append(space_table(view, matters if not matters.missing else None))
    if view.spec.rules:
        parts.append(element("p", f"Rules: {'; '.join(view.spec.rules)}."))
    return joined(parts)


def _advice(store: Store, view: Overview, r_squared: Mapping[str, float] | None) -> Markup:
    told = [element("li", advice.sentence, class_=advice.severity) for advice in advise(view, r_squared)]
    reasons = reasons_frame(store, view.experiment.experiment_id, "failed")
    told += [
        element(
            "li", f"{row['trials']} failed, first trial {row['first']}: {row['reason'] or 'no reason given'}"
        )
        for row in reasons.to_dict("records")
    ]
    return element("ul", *told) if told else Markup("")
