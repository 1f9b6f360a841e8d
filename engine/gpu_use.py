"""How busy the graphics cards of a process are, asked of NVIDIA's management library; nothing where there is none."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

MEGABYTE = 1e6
LIBRARY = "libnvidia-ml.so.1"


class _Utilisation(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class GpuUse:
    """The cards that torch sees in this process.

    Nothing is asked before torch has started CUDA: a look must never be what starts it. Figures are those of whole
    cards, other processes on them included.
    """

    def __init__(self) -> None:
        self._library: Any = None
        self._handles: list[ctypes.c_void_p] | None = None

    def look(self) -> tuple[float | None, float | None]:
        """Mean of how busy the cards are in percent, and memory in use on all of them in megabytes (10^6 bytes).

        Returns:
            None for what is not known.
        """
        if self._handles is None:
            self._find()
        if not self._handles:
            return None, None
        busy, used = [], 0.0
        for handle in self._handles:
            utilisation, memory = _Utilisation(), _Memory()
            if self._library.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(utilisation)) == 0:
                busy.append(float(utilisation.gpu))
            if self._library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0:
                used += memory.used / MEGABYTE
        return (sum(busy) / len(busy) if busy else None), (used or None)

    def _find(self) -> None:
        torch = sys.modules.get("torch")
        if torch is None or not torch.cuda.is_initialized():
            return
        self._handles = []
        try:
            self._library = ctypes.CDLL(LIBRARY)
        except OSError:
            return
        if self._library.nvmlInit_v2() != 0:
            return
        for number in range(torch.cuda.device_count()):
            handle = ctypes.c_void_p()
            # By their own names: CUDA may number cards in another order.
            name = f"GPU-{torch.cuda.get_device_properties(number).uuid}".encode()
            if self._library.nvmlDeviceGetHandleByUUID(name, ctypes.byref(handle)) == 0:
                self._handles.append(handle)
