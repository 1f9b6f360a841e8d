"""The whole loop on a task whose right answer is known."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import get_args

import pytest

from engine.agora.pruning import Reading
from engine.agora.rounds import best_ever, best_of_round, convergent_set, sets_by_round
from engine.agora.texts import Text, text_keys
from engine.agora.theory import least_accuracy
from engine.agora.transformations import registry
from engine.agora.transformations.interface import TransformationSettings, each
from tests.engine.agora.toy import (
    DEVELOPMENT,
    TEST,
    TRAINING,
    VALUES,
    Run,
    run,
    toy_plan,
    toy_section,
    toy_sets,
    truth,
)

SECTION = toy_section(pruning="worst")


class Leak(TransformationSettings):
    """Gives away other evaluation examples, in other case and space."""

    def build(self, resources):
        return each(lambda text, draw: Text(f" {draw.choice(DEVELOPMENT).text.upper()} "))


@pytest.fixture(scope="module")
def finished():
    return run(SECTION)


def mistakes(running):
    return [item.made.mistakes for item in running.record if item.made]


def test_mistakes_shrink_over_the_rounds(finished):
    running, end = finished
    assert end.reason == "last_set"
    found = mistakes(running)
    assert len(found) == 7
    assert found[-1] < 0.5 * found[0]
    assert all(after <= before + 2 for before, after in pairwise(found))
    best = best_ever(running.record)
    first = best_of_round(running.record, 0)
    assert best is not None
    assert first is not None
    assert best.accuracy > first.accuracy + 10
    assert best.accuracy / 100 > least_accuracy(3)


def test_sentences_that_nobody_ever_saw_are_judged_better_too(finished):
    """Its mistakes on the development data shape the examples, so that alone would prove little."""
    running, _ = finished
    best, first = best_ever(running.record), best_of_round(running.record, 0)
    assert best is not None
    assert first is not None
    before = running.student(first.round, first.set).accuracy(TEST)
    assert running.student(best.round, best.set).accuracy(TEST) > before + 10


def test_without_new_examples_nothing_would_have_improved(finished):
    """The gain is that of the examples and not of training again: the same set on the data as given."""
    running, _ = finished
    best = best_ever(running.record)
    assert best is not None
    assert running.student(best.round, best.set).accuracy() == best.accuracy
    assert running.student(0, best.set).accuracy() < best.accuracy - 10


def test_development_examples_never_enter(finished):
    running, _ = finished
    development = text_keys(DEVELOPMENT)
    trained = running.training(len(running.record))
    assert len(trained) > len(TRAINING) + 100
    assert not development & text_keys(trained)
    assert len(text_keys(trained)) == len(trained)


def test_development_examples_never_enter_though_they_are_made(monkeypatch):
    """Where all that is made are evaluation examples, nothing at all is added."""
    monkeypatch.setitem(registry._REGISTERED, "leak", Leak)
    running, end = run(toy_section(pruning="worst", transformations=[{"name": "leak"}]))
    assert end.reason == "nothing_added"
    assert running.examples == []
    assert {reason for _, reason in running.left} == {"evaluation"}
    assert len(running.left) > 50


def test_every_rounds_examples_are_balanced_and_truly_labelled(finished):
    running, _ = finished
    for number, done in enumerate(running.record, start=1):
        added = [item for item in running.examples if item.round == number]
        labels = Counter(item.teacher.label for item in added if item.teacher)
        assert labels[0] == labels[1]
        assert done.made is None or done.made.added == len(added)
        assert all(item.teacher and item.teacher.label == truth(item.text.first) for item in added)
        parents = {item.mistake.parent for item in added}
        assert parents <= {item.id for item in DEVELOPMENT}
    assert {item.transformation for item in running.examples} == {"deletion", "insertion", "span_crop"}


def test_the_whole_training_set_is_balanced_when_asked_for():
    running, _ = run(toy_section(pruning="halving", balance="whole"))
    labels = Counter(item.label for item in running.training(len(running.record)))
    assert labels[0] == labels[1] > len(TRAINING) / 2


@pytest.mark.parametrize("reading", get_args(Reading))
def test_at_least_one_set_goes_each_round(reading):
    section = toy_section(pruning=reading, samples_per_round=100)
    running, end = run(section)
    counts = [len(names) for names in sets_by_round(toy_plan(section), running.record)]
    assert counts[0] == 8
    assert all(after < before for before, after in pairwise(counts))
    assert end.reason == "last_set"
    chs = convergent_set(toy_plan(section), running.record)
    assert chs in sets_by_round(toy_plan(section), running.record)[-1]


def test_stopping_after_every_step_and_continuing_gives_exactly_the_same(finished):
    running, end = finished
    steps = 0

    def stopped(current: Run) -> Run:
        nonlocal steps
        steps += 1
        return Run(SECTION, current.state())

    again, end_again = run(SECTION, stopped)
    assert steps == 8 * 9 // 2 + 7
    assert again.state() == running.state()
    assert end_again == end


def test_a_round_half_made_and_lost_is_made_the_same_again(finished):
    """A stop in the middle of a round's data loses them all; they come out equal from what is finished."""
    running, _ = finished
    lost = Run(SECTION, running.state())
    lost.record[3:] = [type(lost.record[3])(lost.record[3].accuracies)]
    lost.examples = [item for item in lost.examples if item.round <= 3]
    assert lost.step() is None
    assert lost.record[3] == running.record[3]
    assert [item for item in lost.examples if item.round == 4] == [
        item for item in running.examples if item.round == 4
    ]


def test_a_rerun_over_the_convergent_set_keeps_adding_data(finished):
    running, _ = finished
    sets = {item.id: item.values for item in toy_sets(SECTION)}
    chs = convergent_set(toy_plan(SECTION), running.record)
    assert chs is not None
    alone = toy_section(chs_only=True, seeds=[sets[chs]["seed"]], rounds=3)
    again, end = run(alone, values={name: (sets[chs][name],) for name in VALUES})
    assert end.reason == "rounds"
    assert [list(item.accuracies) for item in again.record] == [[chs]] * 3
    assert mistakes(again)[1] < mistakes(again)[0]
