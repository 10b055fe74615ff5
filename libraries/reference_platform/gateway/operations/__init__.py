"""The handlers of all operations, by subject."""

from reference_platform.gateway.dispatch import Handler
from reference_platform.gateway.operations import agents, execute, metrics, orchestrate, sessions, state, topics

HANDLERS: dict[str, Handler] = {
    "ping": sessions.ping,
    "cancel": sessions.cancel,
    "session_info": sessions.session_info,
    "session_resume": sessions.session_resume,
    "session_end": sessions.session_end,
    "logout": sessions.logout,
    "subscribe": topics.subscribe,
    "unsubscribe": topics.unsubscribe,
    "execute": execute.execute,
    "orchestrate": orchestrate.orchestrate,
    "agent_create": agents.agent_create,
    "agent_get": agents.agent_get,
    "agent_list": agents.agent_list,
    "agent_stop": agents.agent_stop,
    "agent_reset": agents.agent_reset,
    "agent_remove": agents.agent_remove,
    "agent_health": agents.agent_health,
    "state_put": state.state_put,
    "state_get": state.state_get,
    "state_list": state.state_list,
    "state_delete": state.state_delete,
    "history_append": state.history_append,
    "history_read": state.history_read,
    "metrics": metrics.metrics,
}
