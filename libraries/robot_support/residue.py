"""What is left of a removed tenant, in words."""

from __future__ import annotations


def residue_in_words(tenant: str, answer: dict[str, object] | str) -> list[str]:
    """Such as ``tenant t1: 3 files``; empty when nothing is left.

    Args:
        tenant: Its id.
        answer: What the operator's door counted, or why it could not be asked.
    """
    if isinstance(answer, str):
        return [f"tenant {tenant}: {answer}"]
    return [f"tenant {tenant}: {amount} {what}" for what, amount in _flat(answer) if amount]


def _flat(residue: dict[str, object]) -> list[tuple[str, int]]:
    flat: list[tuple[str, int]] = []
    for name, value in residue.items():
        if isinstance(value, dict):
            flat.extend((f"{name} of {inner}", int(amount)) for inner, amount in value.items())
        elif isinstance(value, int):
            flat.append((name, value))
    return flat
