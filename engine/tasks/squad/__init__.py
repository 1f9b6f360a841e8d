"""Extractive question answering in SQuAD form."""
