"""Training: the same seed gives the same bits, also when stopped anywhere and resumed; and it does learn."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from itertools import chain

import pytest
import torch

from engine.distill.training.checkpoint import FILE_NAME, load_checkpoint
from engine.distill.training.loop import train
from engine.errors import DivergenceError, SettingError
from engine.events import Checkpoint, Progress, Step
from tests.engine.distill.training_runs import (
    NO_DROPOUT,
    evaluations,
    learning,
    run_to_end,
    run_until,
    run_with_cost,
    same_weights,
    steps,
)


def test_same_seed_gives_the_same_bits(small_training):
    first, first_events = run_to_end(small_training)
    torch.manual_seed(99)
    second, second_events = run_to_end(small_training)
    assert same_weights(first, second)
    assert evaluations(first_events) == evaluations(second_events)
    assert [learning(event) for event in steps(first_events)] == [
        learning(event) for event in steps(second_events)
    ]


def test_every_row_is_trained_on_once_an_epoch_in_another_order_each(small_training, monkeypatch):
    batches = []
    make_batch = train.__globals__["make_batch"]

    def recorded(rows, chosen, *others):
        batches.append(chosen.tolist())
        return make_batch(rows, chosen, *others)

    monkeypatch.setitem(train.__globals__, "make_batch", recorded)
    run_to_end(small_training.changed(evaluate=None))
    first, second = (list(chain.from_iterable(batches[begin : begin + 6])) for begin in (0, 6))
    assert sorted(first) == sorted(second) == list(range(len(small_training.run.rows)))
    assert first != second


def test_seed_decides_order_and_dropout(small_training):
    first, _ = run_to_end(small_training)
    other, _ = run_to_end(small_training.changed(seed=6))
    assert not same_weights(first, other)


def test_events_of_a_whole_training(small_training, tmp_path):
    training = small_training.changed(checkpoint=tmp_path)
    model, events = run_to_end(training)
    assert [event.step for event in steps(events)] == list(range(1, 13))
    assert sorted(evaluations(events)) == [4, 8, 12]
    assert [event.step for event in events if isinstance(event, Checkpoint)] == [4, 8, 12]
    assert [event.fraction for event in events if isinstance(event, Progress)][-1] == 1.0
    kinds = [event.kind for event in events]
    assert kinds[-4:] == ["step", "progress", "evaluation", "checkpoint"]
    for event in steps(events):
        assert event.epoch == pytest.approx(event.step / 6)
        assert event.loss == pytest.approx((event.soft_loss + event.hard_loss) / 2, rel=1e-5)
        assert event.examples_per_second > 0
    saved = load_checkpoint(tmp_path)
    assert (saved.place.step, saved.place.evaluated) == (12, 12)
    assert all(torch.equal(saved.model[name], value) for name, value in model.state_dict().items())


def test_stopping_at_any_event_and_resuming_changes_nothing(small_training, tmp_path):
    """Every event is tried as the last one, those right before and after an evaluation among them."""
    whole, whole_events = run_to_end(small_training.changed(checkpoint=tmp_path / "whole"))
    expected = evaluations(whole_events)
    for cut in range(1, len(whole_events) + 1):
        training = small_training.changed(checkpoint=tmp_path / str(cut))
        before = run_until(training, cut)
        torch.manual_seed(cut)
        resumed, after = run_to_end(training)
        assert same_weights(resumed, whole), f"stopped after event {cut}: {before[-1]}"
        assert evaluations(before + after) == expected
        assert not evaluations(before).keys() & evaluations(after).keys()
        done = [event.step for event in steps(before + after)]
        assert done == list(range(1, 13))


def test_stopping_again_and_again_changes_nothing(small_training, tmp_path):
    whole, _ = run_to_end(small_training)
    training = small_training.changed(checkpoint=tmp_path)
    stops = 0
    while run_until(training, 3):
        stops += 1
    assert stops > 5
    resumed, events = run_to_end(training)
    assert events == []
    assert same_weights(resumed, whole)


def test_interrupted_write_leaves_the_earlier_checkpoint(small_training, tmp_path, monkeypatch):
    whole, _ = run_to_end(small_training)
    training = small_training.changed(checkpoint=tmp_path)
    run_until(training, 5)
    earlier = (tmp_path / FILE_NAME).read_bytes()

    def half_a_save(state, file):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", half_a_save)
        with pytest.raises(OSError, match="No space"):
            run_until(training, 5)
    assert (tmp_path / f"{FILE_NAME}.part").read_bytes() == b"half of it"
    assert (tmp_path / FILE_NAME).read_bytes() == earlier
    resumed, _ = run_to_end(training)
    assert same_weights(resumed, whole)
    assert not (tmp_path / f"{FILE_NAME}.part").exists()


def test_a_killed_process_goes_on_from_its_last_checkpoint(small_training, tmp_path):
    """Without closing the generator nothing newer than the last evaluation's checkpoint is on disk."""
    whole, whole_events = run_to_end(small_training)
    training = small_training.changed(checkpoint=tmp_path)
    killed = train(training.student(), training.run)
    for event in killed:
        if isinstance(event, Step) and event.step == 7:
            break
    kept = (tmp_path / FILE_NAME).read_bytes()
    killed.close()
    (tmp_path / FILE_NAME).write_bytes(kept)
    assert load_checkpoint(tmp_path).place.step == 4
    resumed, events = run_to_end(training)
    assert same_weights(resumed, whole)
    assert steps(events)[0].step == 5
    assert evaluations(events).items() <= evaluations(whole_events).items()


def test_checkpoints_follow_the_clock(small_training, tmp_path):
    always = small_training.changed(checkpoint=tmp_path / "always", checkpoint_seconds=1e-9, evaluate=None)
    _, events = run_to_end(always)
    assert [event.step for event in events if isinstance(event, Checkpoint)] == list(range(13))
    never = small_training.changed(checkpoint=tmp_path / "never", checkpoint_seconds=1e9, evaluate=None)
    _, events = run_to_end(never)
    assert not [event for event in events if isinstance(event, Checkpoint)]


def test_without_a_folder_nothing_is_kept(small_training, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_until(small_training, 5)
    assert list(tmp_path.iterdir()) == []


def test_checkpoints_do_not_change_the_result(small_training, tmp_path):
    plain, _ = run_to_end(small_training)
    kept, _ = run_to_end(small_training.changed(checkpoint=tmp_path, checkpoint_seconds=1e-9))
    assert same_weights(plain, kept)


def test_evaluations_do_not_change_the_result(small_training):
    looked, _ = run_to_end(small_training)
    blind, _ = run_to_end(small_training.changed(evaluate=None))
    assert same_weights(looked, blind)


def test_time_is_counted_over_all_attempts(small_training, tmp_path):
    training = small_training.changed(checkpoint=tmp_path)
    run_until(training, 15)
    before = load_checkpoint(tmp_path).seconds
    assert before > 0
    _, cost = run_with_cost(training, training.student())
    assert cost["train_seconds"] > before


def test_step_events_are_means_over_their_steps(small_training, monkeypatch):
    _, single = run_to_end(small_training)
    monkeypatch.setattr("engine.distill.training.loop.REPORTS", 3)
    _, grouped = run_to_end(small_training)
    assert [event.step for event in steps(grouped)] == [4, 8, 12]
    losses = [event.loss for event in steps(single)]
    for number, event in enumerate(steps(grouped)):
        assert event.loss == pytest.approx(sum(losses[4 * number : 4 * number + 4]) / 4, rel=1e-5)


def test_speed_leaves_evaluations_out(small_training, monkeypatch):
    """A clock that only evaluations and optimiser steps move: a step takes 1 s, an evaluation 1000 s."""
    now = [0.0]
    monkeypatch.setattr("engine.distill.training.loop.time.monotonic", lambda: now[0])
    evaluate, optimise = small_training.run.evaluate, train.__globals__["_step"]

    def slow_evaluation(model):
        now[0] += 1000.0
        return evaluate(model)

    def timed_step(*arguments):
        now[0] += 1.0
        return optimise(*arguments)

    monkeypatch.setitem(train.__globals__, "_step", timed_step)
    slow = small_training.changed(evaluate=slow_evaluation)
    events, cost = run_with_cost(slow, slow.student())
    assert cost["train_seconds"] == 12.0
    assert max(event.examples_per_second for event in steps(events)) == 16.0
    assert sum(event.examples_per_second for event in steps(events)) == 2 * len(small_training.run.rows)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_non_finite_loss_is_divergence(small_training, value):
    model = small_training.student()
    with torch.no_grad():
        model.qa_outputs.bias[0] = value
    with pytest.raises(DivergenceError, match=r"step 1.*learning_rate"):
        list(train(model, small_training.run))


def test_divergence_within_a_window_is_found_at_its_end(small_training, monkeypatch):
    monkeypatch.setattr("engine.distill.training.loop.REPORTS", 1)
    hopeless = small_training.changed(learning_rate=1e30, evaluate=None)
    with pytest.raises(DivergenceError, match="step 12"):
        run_to_end(hopeless)


def test_soft_loss_needs_a_teacher(small_training):
    with pytest.raises(SettingError, match="no teacher"):
        run_to_end(small_training.changed(teacher=None))


def test_alpha_zero_is_training_without_a_teacher(small_training):
    plain, _ = run_to_end(small_training.changed(alpha=0.0, teacher=None))
    with_teacher, events = run_to_end(small_training.changed(alpha=0.0))
    assert same_weights(plain, with_teacher)
    assert all(event.loss == event.hard_loss and event.soft_loss > 0 for event in steps(events))


def test_alpha_one_does_not_look_at_answers(small_training):
    rows = small_training.run.rows
    wrong = replace(rows, start_positions=rows.start_positions * 0, end_positions=rows.end_positions * 0)
    first, _ = run_to_end(small_training.changed(alpha=1.0))
    second, _ = run_to_end(small_training.changed(alpha=1.0, rows=wrong))
    assert same_weights(first, second)


def test_a_copy_of_the_teacher_starts_with_no_soft_loss(small_training, tiny_teacher):
    from engine.distill.models.folder import load_teacher
    from engine.distill.students.build import build_student

    teacher, _ = load_teacher(tiny_teacher)
    copy = build_student(teacher, n_layers=2, n_heads=4, **NO_DROPOUT)
    first = next(train(copy, small_training.run))
    assert isinstance(first, Step)
    assert first.soft_loss == pytest.approx(0.0, abs=1e-4)
    told = small_training.run.teacher
    wrong = {"start": told["start"][::-1].copy(), "end": told["end"]}
    other = next(train(small_training.student(), small_training.changed(teacher=wrong).run))
    assert other.soft_loss > 0.1


def test_a_student_learns(small_training):
    """Trained and scored on the same questions without dropout: the loss falls and most answers come out right."""
    run = small_training.run
    part = run.evaluate.keywords["parts"]["evaluation"]
    score = partial(run.evaluate, parts={"calibration": part, "evaluation": part})
    training = small_training.changed(
        rows=part.rows,
        teacher=None,
        alpha=0.0,
        learning_rate=5e-3,
        beta_2=0.98,
        epochs=60.0,
        warm_up_steps=10,
        evaluations=2,
        evaluate=score,
    )
    model = training.student(**NO_DROPOUT)
    before = score(model).metrics
    events = list(train(model, training.run))
    after = evaluations(events)[steps(events)[-1].step].metrics
    assert steps(events)[-1].loss < 0.3 * steps(events)[0].loss
    assert after["exact"] > before["exact"] + 20
    assert after["HasAns_exact"] > 60
