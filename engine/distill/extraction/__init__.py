"""Trials of an extraction: the maximum point, what it tells, and candidates that learn it for a few steps."""
