"""What the sentence "the platform can ..." stands for, until each suite's experiment names its own needs."""

from __future__ import annotations

from isolation.target.needs import Needs
from isolation.target.words import Alert, Audit, OperatorOperation, RequestKind

_R, _O = RequestKind, OperatorOperation

CAPABILITIES: dict[str, Needs] = {
    "monitoring": Needs(operator=(_O.USAGE, _O.AGENTS), processes=True),
    "cpu quota": Needs(requests=(_R.ENDLESS_LOOP,), operator=(_O.QUOTA, _O.COUNTERS), alerts=(Alert.QUOTA,)),
    "memory quota": Needs(requests=(_R.MEMORY_PRESSURE,), operator=(_O.QUOTA, _O.COUNTERS), alerts=(Alert.QUOTA,)),
    "leak detection": Needs(requests=(_R.MEMORY_LEAK,), alerts=(Alert.MEMORY_LEAK,)),
    "runaway detection": Needs(requests=(_R.ENDLESS_LOOP,), alerts=(Alert.RUNAWAY,)),
    "noise mitigation": Needs(requests=(_R.ENDLESS_LOOP,), alerts=(Alert.NOISE,), audit=(Audit.CONTAINED,)),
    "fair shares": Needs(requests=(_R.CPU,), processes=True),
    "recovery": Needs(operator=(_O.INVENTORY, _O.RESIDUE), processes=True),
    "startup": Needs(requests=(_R.REPORT,)),
    "user context": Needs(requests=(_R.REPORT, _R.STATE_PUT)),
    "persistence": Needs(requests=(_R.STATE_PUT, _R.STATE_GET, _R.STATE_LIST, _R.HISTORY_APPEND, _R.HISTORY_READ)),
    "credentials": Needs(),
    "cancellation": Needs(requests=(_R.CANCEL,)),
    "answer cache": Needs(requests=(_R.ASK,)),
    "agent registry": Needs(
        requests=(_R.AGENT_CREATE, _R.AGENT_GET, _R.AGENT_LIST, _R.AGENT_REMOVE), operator=(_O.AGENTS,)
    ),
    "orchestration": Needs(requests=(_R.ORCHESTRATE,)),
    "subscriptions": Needs(requests=(_R.SUBSCRIBE,)),
    "session resumption": Needs(requests=(_R.SESSION_RESUME,)),
    "restart": Needs(operator=(_O.RESTART, _O.RESTART_AGENT)),
}
