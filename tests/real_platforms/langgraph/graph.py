"""A graph that answers with its message: no model."""

from __future__ import annotations

import time
from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class Talk(TypedDict, total=False):
    """What a run takes and gives."""

    message: str
    answer: str


def answer(talk: Talk) -> Talk:
    """Repeat the message; ``cpu 20`` calculates for so many milliseconds."""
    words = talk["message"].split()
    if words[:1] == ["cpu"]:
        end = time.thread_time() + float(words[1]) / 1000
        while time.thread_time() < end:
            pass
    return {"answer": talk["message"]}


builder = StateGraph(Talk)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
builder.add_edge("answer", END)
graph = builder.compile()
