"""The what-if page without its widgets: questions as addresses, steps of sliders, answers as tables."""
