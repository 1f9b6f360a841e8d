"""Advice on a running or ended experiment: what it costs, whether to stop, and what is wrong with its set-up."""
