"""A starter file for a new target: commented, loadable as it is, with every place marked that has to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Connection = Literal["websocket", "http", "socketio"]
Users = Literal["jwt", "login", "admin", "given"]
Travel = Literal["header", "query", "cookie", "subprotocol", "first-message"]
Answers = Literal["echoed", "assigned", "stream", "order"]


@dataclass(frozen=True, slots=True)
class Starter:
    """What is known of a platform before its file is written.

    Attributes:
        name: For the report.
        connection: What a session is.
        users: Where users and their credentials come from.
        travel: How the credential travels.
        answers: How an answer is tied to its request.
        launch: Whether the suite starts the platform.
        operator: Whether there is an interface for whoever runs it.
    """

    name: str = "my platform"
    connection: Connection = "websocket"
    users: Users = "jwt"
    travel: Travel = "header"
    answers: Answers = "echoed"
    launch: bool = False
    operator: bool = False

    def contradiction(self) -> str:
        """Why these choices cannot go together; empty when they can."""
        if self.connection == "http" and self.travel in ("subprotocol", "first-message"):
            return f"an HTTP call has no {self.travel}: the credential travels in a header, a cookie or the query"
        if self.connection == "http" and self.answers != "stream":
            return "an HTTP answer is tied to its request by the connection itself: choose 'stream'"
        if self.connection != "http" and self.answers == "stream":
            return "only an HTTP answer comes in a stream of its own: choose 'echoed', 'assigned' or 'order'"
        if self.connection == "socketio" and self.travel == "subprotocol":
            return "socket.io has no subprotocols: the credential travels in 'auth', a header, a cookie or the query"
        return ""

    def text(self) -> str:
        """The file."""
        parts = [
            _HEAD.replace("NAME", self.name.replace('"', "'")),
            _LAUNCH if self.launch else _RUNS,
            "",
            _secrets(self),
            _USERS[self.users].replace("BAD", _BAD[self.connection == "http"]),
            _session(self),
            _CORRELATION[self.answers],
            _FRAMES_HTTP if self.connection == "http" else _FRAMES_EMIT if self.connection == "socketio" else _FRAMES,
            _requests(self),
            _REST,
            _OPERATOR if self.operator else _NO_OPERATOR,
            _TAIL,
        ]
        parts[2] = _doors("\n".join(line.partition("#")[0] for part in parts for line in part.split("\n")))
        return "\n".join(part.strip("\n") + "\n" for part in parts)


QUESTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "connection": ("What is a session of your platform?", get_args(Connection)),
    "users": (
        "Where do users come from? (jwt: the suite signs tokens; login: password; admin: an API makes them; given: a list)",
        get_args(Users),
    ),
    "travel": ("How does the credential travel?", get_args(Travel)),
    "answers": (
        "How is an answer tied to its request? (echoed: our id comes back; assigned: the server gives an id; stream; order)",
        get_args(Answers),
    ),
}


def _doors(used: str) -> str:
    lines = [
        "doors:                             # addresses by name; {base} and {ws} stand for them in the other sections"
    ]
    lines += ['  base: "http://127.0.0.1:8000"    # CHANGE'] if "{base}" in used else []
    lines += ['  ws: "ws://127.0.0.1:8000/ws"     # CHANGE'] if "{ws}" in used else []
    return "\n".join(lines)


def _secrets(starter: Starter) -> str:
    words = {
        "jwt": "  key: MY_SIGNING_KEY             # the key that signs tokens (for RS256, ES256: PEM text, JWKS text, or a path)",
        "login": "",
        "admin": "  admin: MY_ADMIN_TOKEN           # what the API asks for that makes users",
        "given": "",
    }
    entries = [words[starter.users], "  operator_token: MY_OPERATOR_TOKEN" if starter.operator else ""]
    lines = [entry for entry in entries if entry]
    if not lines:
        return "secrets: {}                        # word: NAME of an environment variable or of an entry of the credentials file"
    return (
        "secrets:                           # word: NAME of an environment variable or of an entry of the credentials file; never the secret itself\n"
        + "\n".join(lines)
    )


def _session(starter: Starter) -> str:
    if starter.connection == "http":
        return _SESSION_HTTP
    ways = {
        "header": 'headers: {Authorization: "Bearer {token}"}',
        "query": 'query: {token: "{token}"}',
        "cookie": 'cookies: {session: "{token}"}',
        "subprotocol": 'subprotocols: [agents.v1, "jwt.{token}"]',
        "first-message": "",
    }
    way = ways[starter.travel]
    if starter.connection == "socketio":
        way = 'auth: {token: "{token}"}' if starter.travel == "header" else way
        connect = f'{{socketio: "{{base}}"{", " + way if way else ""}}}'
    else:
        connect = f'{{websocket: "{{ws}}"{", " + way if way else ""}}}'
    first = (
        '  first:                           # sent right after connecting\n    - {type: authenticate, token: "{token}"}\n'
        if not way
        else ""
    )
    return _SESSION.replace("CONNECT", connect).replace("FIRST\n", first)


def _requests(starter: Starter) -> str:
    if starter.connection == "http":
        base = {
            "header": 'request_base: {headers: {Authorization: "Bearer {token}"}}       # merged below every request',
            "query": 'request_base: {query: {token: "{token}"}}                         # merged below every request',
            "cookie": 'request_base: {headers: {Cookie: "session={token}"}}              # merged below every request',
        }
        return f"{base[starter.travel]}\n\n{_REQUESTS_HTTP}"
    if starter.connection == "socketio":
        return _REQUESTS_EMIT
    base_line = 'request_base: {id: "{id}"}          # merged below every request; {id} is the request\'s own id\n\n'
    return (base_line if starter.answers == "echoed" else "") + _REQUESTS


_HEAD = """
# yaml-language-server: $schema=target.schema.json
# A target file: how the tenant-isolation suite talks to one platform. Every line marked CHANGE is a guess.
# resources/targets/README.md explains every section; 'python -m isolation.target check THIS_FILE' tries it step by step.
version: 2
name: "NAME"
"""
_RUNS = """
# launch: {command: [...], ready: {http: URL, status: 200}, within: 60 s}    # when the suite shall start the platform itself
"""
_LAUNCH = """
launch:                            # the suite starts the platform and ends it with SIGTERM
  command: [my-server, --port, "8000"]                        # CHANGE
  ready: {http: "http://127.0.0.1:8000/health", status: 200}   # CHANGE; or {port: 8000}, or {line: json}
  within: 60 s
"""
_USERS = {
    "jwt": """
tenants:                           # {tenant} and {user} are ids that the suite makes up; steps may add words with 'keep'
  make:
    - jwt:                         # gives the word {token}; iat, nbf, exp and jti are added
        algorithm: HS256           # CHANGE: HS, RS, PS, ES 256 to 512, EdDSA
        key: "{key}"
        claims: {sub: "{user}", tenant: "{tenant}", iss: my-issuer, aud: my-platform}    # CHANGE
  # remove: [STEP, ...]            # how a user is removed again
  # revoke: [STEP, ...]            # how a user's rights are taken away while a session is open
  # most: 6                        # how many users the platform bears at a time
  # roles: {standard: user, admin: admin}                      # absent: the platform has no roles
credential: {kind: jwt, required: [sub, exp], leeway: 60 s, BAD}      # CHANGE; required: claims without which a token must be refused
""",
    "login": """
tenants:                           # {tenant} and {user} are ids that the suite makes up; steps may add words with 'keep'
  make:
    - {http: POST, url: "{base}/register", json: {name: "{user}", password: "pw-{user}", organisation: "{tenant}"}, expect: [200, 201, 409]}    # CHANGE
    - {http: POST, url: "{base}/login", json: {name: "{user}", password: "pw-{user}"}, keep: {token: access_token}}      # CHANGE; a cookie: $cookies.NAME
  # remove: [STEP, ...]            # how a user is removed again
  # most: 6                        # how many users the platform bears at a time
credential: {kind: opaque, BAD}      # CHANGE: how a bad one is refused
""",
    "admin": """
tenants:                           # {tenant} and {user} are ids that the suite makes up; steps may add words with 'keep'
  make:
    - {http: POST, url: "{base}/admin/users/{user}", headers: {Authorization: "Bearer {admin}"}, json: {organisation: "{tenant}"}, expect: [200, 201, 409]}    # CHANGE
    - {http: POST, url: "{base}/admin/users/{user}/tokens", headers: {Authorization: "Bearer {admin}"}, keep: {token: token}}     # CHANGE
  remove:
    - {http: DELETE, url: "{base}/admin/users/{user}", headers: {Authorization: "Bearer {admin}"}, expect: [200, 204, 404]}       # CHANGE
  # most: 6                        # how many users the platform bears at a time
credential: {kind: opaque, BAD}      # CHANGE: how a bad one is refused
""",
    "given": """
tenants:
  from: users.json                 # CHANGE: [{"tenant": ..., "user": ..., "token": ...}, ...]; every field is a word
credential: {kind: opaque, BAD}      # CHANGE: how a bad one is refused
""",
}
_BAD = {
    True: "bad: {http: 401}",
    False: "bad: {http: 401, close: [1008, 4401]}",
}
"""How a bad credential is refused: by HTTP calls only, or by a connection too."""
_SESSION = """
session:
  # open: [STEP, ...]              # before connecting, such as making a thread: keep: {thread: id}
  connect: CONNECT
FIRST
  ready: connected                 # or 'frame' (a rule below means ready), or 'answered' (the request ping was answered)
  # beat: {every: 20 s, send: {type: heartbeat}}               # when the client has to keep the session alive
  # close: [STEP, ...]
"""
_SESSION_HTTP = """
session:                           # every request is an HTTP call
  # open: [{http: POST, url: "{base}/threads", headers: {Authorization: "Bearer {token}"}, keep: {thread: thread_id}}]
  ready: connected
"""
_CORRELATION = {
    "echoed": "correlation: {by: echoed, read: id}            # CHANGE: where the request's own id comes back; add 'owner: PATH, is: user' when a frame names its user",
    "assigned": "correlation: {by: assigned, read: run_id, owner: user_id, is: user}     # CHANGE: without an owner (or a nonce) nothing proves whose an answer is",
    "stream": "correlation: {by: stream}           # an answer comes in the request's own HTTP answer",
    "order": "correlation: {by: order, owner: user_id, is: user}     # CHANGE: without an owner (or a nonce) nothing proves whose an answer is",
}
_FRAMES = """
frames:                            # the first rule that fits decides; CHANGE all of them
  - {when: {type: started}, means: accepted}
  - {when: {type: progress}, means: progress}
  - {when: {type: completed}, means: answered, keep: {answer: data.text}}
  - {when: {type: error}, means: refused, code: [data.code, data.message]}
  - {when: {type: pong}, means: pong}
"""
_FRAMES_EMIT = """
frames:                            # of a socket.io event: {event, data}; the first rule that fits decides; CHANGE all of them
  - {when: {event: started}, means: accepted}
  - {when: {event: completed}, means: answered, keep: {answer: data.text}}
  - {when: {event: error}, means: refused, code: data.code}
  - {when: {event: pong}, means: pong}
"""
_FRAMES_HTTP = """
frames:                            # of an answer: {$status, body}; of a server-sent event: {event, data, id}; of its end: {$end: STATUS}; CHANGE
  - {when: {event: message}, means: progress, append: {answer: data.text}}
  - {when: {event: error}, means: refused, code: data.code}
  - {when: {$status: 200, body.error: present}, means: refused, code: body.error}    # an error inside of HTTP 200
  - {when: {$status: 200}, means: answered, keep: {answer: body.text}}
  - {when: {$end: 200}, means: answered}
"""
_REQUESTS = """
requests:                          # what the suite asks for; leave out what the platform cannot do: CHANGE
  ping: {type: ping}
  noop: {type: message, text: hello}                          # the cheapest piece of work
  report: {type: message, text: "{text}"}                     # a text that comes back in the answer
  # cpu: {type: message, text: "burn {milliseconds}"}         # work that uses that much processor time
"""
_REQUESTS_EMIT = """
requests:                          # what the suite asks for; leave out what the platform cannot do: CHANGE
  ping: {emit: ping, data: {id: "{id}"}}
  noop: {emit: message, data: {id: "{id}", text: hello}}      # the cheapest piece of work
  report: {emit: message, data: {id: "{id}", text: "{text}"}} # a text that comes back in the answer
"""
_REQUESTS_HTTP = """
requests:                          # what the suite asks for; leave out what the platform cannot do: CHANGE
  ping: {http: GET, url: "{base}/me"}
  noop: {http: POST, url: "{base}/messages", json: {text: hello}}                    # the cheapest piece of work
  report: {http: POST, url: "{base}/messages", json: {text: "{text}"}}               # a text that comes back in the answer
  # stream: add 'answer: sse' where the answer is always a stream of events
"""
_REST = """
# things:                          # what belongs to somebody: the heart of the data checks
#   thread: {id: thread, make: thread_make, look: thread_get, remove: thread_remove, reach: [thread_get, report]}
# words: {codes: {absent: not_found, forbidden: forbidden}}    # how the platform calls its refusals, alerts, audit entries
processes: none                    # or {environment: {NAME: "{user}"}}, {cgroup: PATTERN}, {title: REGEX}, {container_label: {..}}, {pod_selector: ..}, {operator: yes}
"""
_OPERATOR = """
operator:                          # what whoever runs the platform can see and do; each may be left out: CHANGE
  sessions: {http: GET, url: "{base}/admin/sessions", headers: {Authorization: "Bearer {operator_token}"}, list: sessions, keep: {user: user, tenant: tenant}}
  usage: {prometheus: "{base}/metrics", headers: {Authorization: "Bearer {operator_token}"}, by: [tenant], keep: {tenant: tenant, cpu_seconds: my_cpu_seconds_total}}
"""
_NO_OPERATOR = "# operator: {usage: STEP, alerts: STEP, sessions: STEP, quota: STEP, restart: STEP}      # what whoever runs the platform can see and do"
_TAIL = """
# stores: {postgresql: {address: database, writes: no, tables: ["*"]}}       # 'database' is a word of 'secrets'
limits: {answer_within: 10 s}      # and requests_per_minute, sessions_per_user, message_bytes, dispatch
"""
