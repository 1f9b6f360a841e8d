"""The second process of a test: gradients of 2 and a loss of 0.25, added to the first's as long as it lives."""

from __future__ import annotations

import sys

import torch

from engine.distill.training.parallel import Peers, join

rank, world, port = map(int, sys.argv[2:5])
join(rank, world, port)
while True:
    model = torch.nn.Linear(2, 1)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 2.0)
    Peers(rank, world).add_up(model, [torch.tensor(0.25)])
