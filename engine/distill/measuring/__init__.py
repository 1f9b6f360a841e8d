"""Scores, sizes and times of models."""
