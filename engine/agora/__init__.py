"""Agora: fine-tuning by data that grow from the student's mistakes, labelled by the teacher. Pure, without models."""
