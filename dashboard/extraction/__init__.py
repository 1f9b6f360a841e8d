"""An extraction's space and what was found in it, as tables for charts."""
