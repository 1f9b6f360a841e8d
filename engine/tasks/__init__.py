"""Tasks a student is measured on: loading data, making features, scoring predictions."""
