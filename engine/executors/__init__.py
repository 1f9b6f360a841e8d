"""Executors: where and how trial processes run."""
