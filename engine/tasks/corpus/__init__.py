"""Plain text for pre-training."""
