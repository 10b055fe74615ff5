"""A graph that keeps a diary in its thread: no model, an entry for each run."""

from __future__ import annotations

import operator
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph


class Diary(TypedDict):
    """What a thread holds."""

    entries: Annotated[list[str], operator.add]


def count(diary: Diary) -> dict:
    """Say how many entries there are."""
    return {"entries": [f"{len(diary['entries'])} so far"]}


builder = StateGraph(Diary)
builder.add_node("count", count)
builder.add_edge(START, "count")
builder.add_edge("count", END)
graph = builder.compile()
