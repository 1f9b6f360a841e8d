"""The HTTP interface under ``/api``: JSON, CSV, Parquet and Arrow for programs, errors as JSON too."""
