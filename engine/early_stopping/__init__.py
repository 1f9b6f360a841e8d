"""Early stopping: which running trials will not reach the frontier, and why."""
