"""How a downloaded model is used, as a few lines of Python for each head."""

from __future__ import annotations

from engine.tasks.interface import Head

_SPAN = """from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("{folder}")
model = AutoModelForQuestionAnswering.from_pretrained("{folder}")
inputs = tokenizer("question", "context", return_tensors="pt")
output = model(**inputs)
start, end = output.start_logits.argmax(), output.end_logits.argmax()
print(tokenizer.decode(inputs["input_ids"][0, start : end + 1]))"""
_SEQUENCE = """from transformers import pipeline

classify = pipeline("text-classification", model="{folder}")
classify({{"text": "first text", "text_pair": "second text, if there are two"}})"""
_MASKED_LM = """from transformers import pipeline

fill = pipeline("fill-mask", model="{folder}")
fill(f"Paris is the {{fill.tokenizer.mask_token}} of France.")"""
_LINES: dict[Head, str] = {"span": _SPAN, "sequence": _SEQUENCE, "masked_lm": _MASKED_LM}


def usage(head: Head, folder: str) -> str:
    """Python that loads the model in a folder and asks it something."""
    return _LINES[head].format(folder=folder)
