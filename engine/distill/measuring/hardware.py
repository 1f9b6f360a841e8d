"""What a measurement ran on, in words: processor, accelerator, versions and date."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import torch

CPU_FACTS = Path("/proc/cpuinfo")


def hardware() -> dict[str, str]:
    """Facts about this machine, by name, in the order they are shown."""
    facts = {"processor": processor_name()}
    if torch.cuda.is_available():
        facts["accelerator"] = torch.cuda.get_device_name()
    return facts | {
        "system": f"{platform.system()} {platform.machine()}",
        "torch": torch.__version__,
        "transformers": metadata.version("transformers"),
        "date": datetime.now(UTC).date().isoformat(),
    }


def processor_name() -> str:
    """The processor as its maker calls it, or what the system calls it where it does not say."""
    try:
        for line in CPU_FACTS.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
