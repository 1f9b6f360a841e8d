"""A specification to test with: like the preset demo, but it stays as it is."""

from __future__ import annotations

SAMPLE = """\
name = "sample"
description = "Embedded data: find a smaller student of the embedded teacher."
seed = 1

[task]
name = "squad_v2"
dataset = "embedded"
train_samples = 1600
max_length = 128
doc_stride = 64
max_query_length = 32

[teacher]
model = "embedded"

[training]
evaluations = 3
latency_length = 128

[strategy]
name = "nehvi"
initial_trials = 6

[budget]
trials = 12

[baseline]
n_layers = 4
n_heads = 4
learning_rate = 5e-4
temperature = 2.0

[fixed]
epochs = 3.0
train_batch_size = 32
eval_batch_size = 64
beta_2 = 0.98
dropout = 0.0
attention_dropout = 0.0
qa_dropout = 0.0

[parameters.n_layers]
type = "int"
low = 1
high = 4

[parameters.n_heads]
type = "int"
low = 1
high = 4

[parameters.learning_rate]
type = "float"
low = 1e-4
high = 5e-3
log = true

[parameters.alpha]
type = "float"
low = 0.0
high = 1.0

[parameters.temperature]
type = "float"
low = 1.0
high = 6.0

[[metrics]]
name = "exact"
role = "optimize"
direction = "maximize"
threshold = 38.0

[[metrics]]
name = "num_parameters"
role = "optimize"
direction = "minimize"

[[metrics]]
name = "latency_ms"
role = "store"
direction = "minimize"
"""
