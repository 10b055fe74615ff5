"""Planted numbers as a program holds them in memory: 64-bit integers, 64-bit floats and Python's own integers.

All planted numbers lie close together, so a comparison with a lowest and a highest value leaves almost nothing to look
up, and common pointers lie outside. Values are expected at multiples of eight bytes, as allocators place them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from isolation.judge.scan.hits import Found
from isolation.record.secrets.markers import MarkerIdentity, Recognition

_WORD: Final = 8
_PYTHON_DIGIT_BITS: Final = 30


@dataclass(frozen=True, slots=True)
class _Form:
    """One binary form: the range that its values span, and which planted number each value is."""

    name: str
    lowest: np.uint64
    width: np.uint64
    places: dict[int, int]

    @classmethod
    def of(cls, name: str, values: NDArray[np.uint64]) -> _Form:
        lowest, highest = (values.min(), values.max()) if values.size else (np.uint64(0), np.uint64(0))
        return cls(name, lowest, highest - lowest, {value: place for place, value in enumerate(values.tolist())})


class BinaryNumberReader:
    """Finds planted numbers in the memory of a process."""

    def __init__(self, numbers: Mapping[int, MarkerIdentity]) -> None:
        """Prepare the three binary forms of every number."""
        ordered = sorted(numbers)
        values = np.array(ordered, dtype=np.uint64)
        low, high = values & np.uint64(2**_PYTHON_DIGIT_BITS - 1), values >> np.uint64(_PYTHON_DIGIT_BITS)
        self._owners = [numbers[value] for value in ordered]
        self._forms = (
            _Form.of("int64", values),
            _Form.of("float64", values.astype(np.float64).view(np.uint64)),
            _Form.of("python int", low | high << np.uint64(32)),
        )

    def find(self, data: bytes) -> Iterator[Found]:
        """Everything at a multiple of eight bytes that equals a planted number."""
        words = np.frombuffer(data, dtype="<u8", count=len(data) // _WORD)
        for form in self._forms if self._owners else ():
            (near,) = np.nonzero((words - form.lowest) <= form.width)
            for index in near.tolist():
                place = form.places.get(int(words[index]))
                if place is not None:
                    start = index * _WORD
                    yield Found(self._owners[place], Recognition.OWN_RUN, (form.name,), start, start + _WORD)
