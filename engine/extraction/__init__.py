"""Optimal subarchitecture extraction: the algorithm behind the strategy ``extract``, without models or storage."""
