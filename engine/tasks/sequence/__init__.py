"""Text classification, regression and multiple choice."""
