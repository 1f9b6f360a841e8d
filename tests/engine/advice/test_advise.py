"""All advice on an experiment together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.advice.advise import _is_legal, advise
from engine.measured import Measured
from engine.overview import Overview, overview
from tests.engine.conftest import Lab


@pytest.fixture
def view(lab: Lab) -> Overview:
    """Baseline and two students, the second failed."""
    lab.students_running()
    lab.finish(1, exact=60.0)
    lab.machine.fail(lab.path(2))
    lab.tick()
    lab.finish(3, exact=61.0)
    lab.tick()
    return overview(lab.store, lab.row)


def many(view: Overview, states: dict[str, int], **parameters: float) -> Overview:
    """The view with as many students more of each state; those in trouble have the parameters given."""
    trials, measured = list(view.trials), dict(view.measured)
    number = len(trials)
    for state, count in states.items():
        for _ in range(count):
            changed = parameters if state != "completed" else {}
            row = replace(
                view.trials[1],
                number=number,
                role="student",
                state="failed" if state == "failed" else "completed",
                parameters=view.trials[1].parameters | changed,
            )
            trials.append(row)
            if state != "failed":
                metrics = view.measured[1].metrics | {"collapsed": float(state == "collapsed")}
                measured[number] = Measured(number, metrics)
            number += 1
    return replace(view, trials=trials, measured=measured)


def test_warnings_come_first_and_the_cost_last(view: Overview) -> None:
    found = advise(view, {"exact": 0.1})
    assert [advice.severity for advice in found] == ["warning", "warning", "note"]
    assert found[-1].sentence.startswith("Trials took")
    assert "to come" not in found[-1].sentence
    assert {"budget.trials", "task.eval_samples"} <= {advice.setting for advice in found}


@pytest.mark.parametrize("kind", ["failed", "collapsed"])
def test_trouble_is_traced_to_a_setting(view: Overview, kind: str) -> None:
    found = advise(many(view, {"completed": 12, kind: 6}, learning_rate=0.09))
    trouble = next(advice for advice in found if kind in advice.sentence)
    assert trouble.severity == "warning"
    assert trouble.setting == "parameters.learning_rate.high"


def test_a_strategy_without_a_search_has_no_set_up_to_change(view: Overview) -> None:
    single = view.spec.changed(strategy={"name": "single"}, parameters={}, baseline={}, rules=())
    found = advise(replace(view, spec=single))
    assert [advice.sentence.split(" ")[0] for advice in found] == ["Trials"]


def test_one_layer_is_no_bound_to_move() -> None:
    """Below it stands 0, which means the teacher's number of layers."""
    assert not _is_legal("n_layers", 0)
    assert _is_legal("n_layers", 13)
    assert not _is_legal("alpha", -0.02)
