"""Strategies: which trials to run next, given the trials so far."""
