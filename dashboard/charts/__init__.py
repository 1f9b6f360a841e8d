"""Charts: pure functions from data frames to figures."""
