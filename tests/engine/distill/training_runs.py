"""Runs small trainings and reads what they say, for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import torch

from engine.distill.training.loop import train
from engine.events import Evaluation, Step

NO_DROPOUT = {"dropout": 0.0, "attention_dropout": 0.0, "qa_dropout": 0.0}


def run_to_end(training, model=None):
    """The trained model and all events."""
    model = training.student() if model is None else model
    events = list(train(model, training.run))
    return model, events


def run_until(training, count):
    """Take ``count`` events of a fresh student's training, then close it."""
    generator = train(training.student(), training.run)
    events = list(islice(generator, count))
    generator.close()
    return events


def run_with_cost(training, model):
    """The events of a training and what it says it cost."""
    costs = []

    def collected():
        costs.append((yield from train(model, training.run)))

    return list(collected()), costs[0]


def same_weights(first, second):
    one, two = first.state_dict(), second.state_dict()
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def evaluations(events):
    return {event.step: event for event in events if isinstance(event, Evaluation)}


def steps(events):
    return [event for event in events if isinstance(event, Step)]


def learning(event):
    """A step event without its speed, which the machine decides."""
    return replace(event, examples_per_second=0.0)
