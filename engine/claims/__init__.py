"""What may be said of an experiment's trials against its baseline, with intervals that hold for the trial chosen."""
