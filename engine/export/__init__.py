"""Exported models: what is added to a trial's model so that others can use, check and reproduce it."""
