"""The machine in words, with or without a system that tells its processor's name."""

from __future__ import annotations

import platform
import re

import torch

from engine.distill.measuring import hardware


def test_the_processors_name_is_the_makers(tmp_path, monkeypatch):
    facts = tmp_path / "cpuinfo"
    facts.write_text(
        "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz: fast\n\nprocessor\t: 1\nmodel name\t: Other\n"
    )
    monkeypatch.setattr(hardware, "CPU_FACTS", facts)
    assert hardware.processor_name() == "Some CPU @ 3 GHz: fast"
    for text in ("model name\t: \n", "CPU part : 0xd0c\n"):
        facts.write_text(text)
        assert hardware.processor_name() == (platform.processor() or platform.machine())
    monkeypatch.setattr(hardware, "CPU_FACTS", tmp_path / "none")
    assert hardware.processor_name() == (platform.processor() or platform.machine())


def test_facts_are_complete():
    facts = hardware.hardware()
    assert ("accelerator" in facts) == torch.cuda.is_available()
    assert facts["torch"] == torch.__version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", facts["date"])
    assert all(facts.values())
