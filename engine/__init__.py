"""Experiments, strategies, distillation and the runner that brings them together."""
