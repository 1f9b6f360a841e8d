"""Pre-trainings side by side, without widgets: their curves, and how they compare at the same cost."""
