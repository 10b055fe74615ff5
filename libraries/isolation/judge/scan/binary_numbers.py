"""Planted numbers as a program holds them in memory: 64-bit integers, 64-bit floats and Python's own integers.

All planted numbers lie close together, so a comparison with a lowest and a highest value leaves almost nothing to look
up, and common pointers lie outside. Values are expected at multiples of eight bytes, as allocators place them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from isolation.judge.scan.hits import Found
from isolation.record.markers import MarkerIdentity, Recognition

_WORD: Final = 8
_PYTHON_DIGIT_BITS: Final = 30


class BinaryNumberReader:
    """Finds planted numbers in the memory of a process."""

    def __init__(self, numbers: Mapping[int, MarkerIdentity]) -> None:
        """Prepare the three binary forms of every number."""
        ordered = sorted(numbers)
        values = np.array(ordered, dtype=np.uint64)
        low, high = values & np.uint64(2**_PYTHON_DIGIT_BITS - 1), values >> np.uint64(_PYTHON_DIGIT_BITS)
        self._owners = [numbers[value] for value in ordered]
        self._forms: tuple[tuple[str, NDArray[np.uint64]], ...] = (
            ("int64", values),
            ("float64", values.astype(np.float64).view(np.uint64)),
            ("python int", low | high << np.uint64(32)),
        )

    def find(self, data: bytes) -> Iterator[Found]:
        """Everything at a multiple of eight bytes that equals a planted number."""
        words = np.frombuffer(data, dtype="<u8", count=len(data) // _WORD)
        if not self._owners:
            return
        for name, forms in self._forms:
            lowest = forms.min()
            (near,) = np.nonzero((words - lowest) <= forms.max() - lowest)
            for index in near[np.isin(words[near], forms)]:
                owner = self._owners[int(np.nonzero(forms == words[index])[0][0])]
                start = int(index) * _WORD
                yield Found(owner, Recognition.OWN_RUN, (name,), start, start + _WORD)
