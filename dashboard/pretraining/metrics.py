"""What pre-trainings are compared by, and over what."""

from __future__ import annotations

SCORE = "mlm_accuracy"
METRICS = (SCORE, "mlm_loss", "perplexity")
"""What can be compared, the usual one first."""
COSTS = ("train_flops", "train_tokens", "train_seconds")
"""What it can be compared over, beside the steps."""
