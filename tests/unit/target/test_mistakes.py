"""Mutilated target files: each mistake is said with its line, with what is wrong and with what would be right."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import yaml

from isolation.target.model import Target
from isolation.target.reading.file import TargetFileError, parse_target

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "targets"
FILES = Path(__file__).parent / "files"
GOOD = """\
version: 2
name: small
launch:
  command: [server, "{leaks.sustained}"]
  ready: {line: json}
  within: 10 s
doors:
  base: "http://127.0.0.1:8000"
  ws: "ws://{line.host}"
secrets:
  key: SMALL_KEY
  database: SMALL_DATABASE
tenants:
  make:
    - {http: POST, url: "{base}/users/{user}", json: {in: "{tenant}"}, keep: {number: id}}
    - jwt:
        algorithm: HS256
        key: "{key}"
        lifetime: 1 h
        claims: {sub: "{user}", org: "{tenant}", number: "{number}"}
credential: {kind: jwt, required: [sub, exp], leeway: 5 s, bad: {close: 4401}}
session:
  open:
    - {http: POST, url: "{base}/threads", keep: {thread: id}}
  connect: {websocket: "{ws}", headers: {Authorization: "Bearer {token}"}}
  ready: frame
correlation: {by: echoed, read: id, owner: user, is: user}
frames:
  - {when: {type: welcome}, means: ready}
  - {when: {type: done, ok: true}, means: answered, keep: {answer: text}}
  - {when: {type: done}, means: refused, code: error}
request_base: {id: "{id}"}
requests:
  ping: {type: ping}
  noop: {type: noop}
  cpu: {type: cpu, milliseconds: "{milliseconds}"}
  report: {type: say, text: "{text}", thread: "{thread}"}
  thread_get: {type: get, thread: "{thread}"}
  users: {http: GET, url: "{base}/users/{of}"}
things:
  thread: {id: thread, made_by: session.open, look: thread_get, reach: [report, users]}
words: {alerts: {noise: loud}, codes: {absent: gone}}
processes: {operator: yes}
operator_base: {headers: {Authorization: "token {key}"}}
operator:
  alerts: {http: GET, url: "{base}/alerts?after={after}", list: rows, keep: {kind: kind, tenant: org}}
  agents: {http: GET, url: "{base}/agents", list: "", keep: {user: name, pid: pid}}
  quota: {http: PUT, url: "{base}/quota/{tenant}", json: {cpu: "{cpu_percent}"}}
stores: {postgresql: {address: database, tables: [a, b]}}
limits: {requests_per_minute: 60, answer_within: 5 s, dispatch: 100 ms}
"""


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def complaint(text: str) -> TargetFileError:
    with pytest.raises(TargetFileError) as caught:
        parse_target(text, "mine.yaml")
    said = str(caught.value)
    assert said.startswith("mine.yaml")
    assert "\n" not in said
    assert len(said) < 900
    return caught.value


def test_the_good_file_is_good() -> None:
    assert parse_target(GOOD).name == "small"


TABLE: list[tuple[str, str, list[str]]] = [
    # what stands there, what is written instead, what the sentence says (the line is that of the change)
    ("version: 2", "version: 1", ["version", "1", "2"]),
    ("name: small", "name: ''", ["name", "must not be empty"]),
    ("name: small", "name: '  '", ["name", "must not be empty"]),
    ("name: small", "nam: small", ["'nam' is not known here", "did you mean 'name'"]),
    ("  within: 10 s", "  within: 10", ["launch.within", "with a unit"]),
    ("  within: 10 s", "  within: 0 s", ["launch.within", "greater than 0"]),
    ("  within: 10 s", "  within: -5 s", ["launch.within", "negative"]),
    ("  within: 10 s", "  within: 3 days", ["launch.within", "not a duration"]),
    ("  within: 10 s", "  within: 48 h", ["launch.within", "86400"]),
    ("  within: 10 s", "  withn: 10 s", ["withn", "did you mean 'within'", "command"]),
    ("  ready: {line: json}", "  ready: {line: json, port: 5}", ["launch.ready", "one sign"]),
    ("  ready: {line: json}", "  ready: {port: 99999}", ["launch.ready.port", "65535"]),
    ("{leaks.sustained}", "{leaks.sustaind}", ["{leaks.sustaind}", "did you mean 'leaks.sustained'"]),
    ("http://127.0.0.1:8000", "http://127.0.0.1:99999", ["doors.base", "port"]),
    ("http://127.0.0.1:8000", "http://127.0.0.1:0", ["doors.base", "port"]),
    ("http://127.0.0.1:8000", "127.0.0.1:8000", ["doors.base", "scheme"]),
    ("http://127.0.0.1:8000", "http://", ["doors.base", "host"]),
    ("http://127.0.0.1:8000", "http://a b/", ["doors.base", "blank"]),
    ("{line.host}", "{lin.host}", ["doors.ws", "{line.NAME}"]),
    ("  key: SMALL_KEY", "  key: SMALL_KEY\n  other: OTHER", ["secrets.other", "used by nothing"]),
    ("  key: SMALL_KEY", "  tenant: SMALL_KEY", ["secrets.tenant", "choose another"]),
    ("{http: POST, url: \"{base}/users/{user}\"", "{htp: POST, url: \"{base}/users/{user}\"", ["a step is an object with one of http, command"]),
    ("{http: POST, url: \"{base}/users/{user}\"", "{http: SEND, url: \"{base}/users/{user}\"", ["tenants.make.0.http", "'SEND'", "'GET'"]),
    ("{base}/users/{user}\"", "{base}/users/{usr}\"", ["{usr}", "did you mean 'user'"]),
    ("{base}/users/{user}\"", "{base}/users/{user\"", ["{user", "half a placeholder"]),
    ("{base}/users/{user}\"", "{base}/users/user}\"", ["user}", "half a placeholder"]),
    ("{base}/users/{user}\"", "{base}/users/{ user }\"", ["tenants.make.0.url", "no blank"]),
    ("{base}/users/{user}\"", "{base}/users/{token}\"", ["{token}", "nothing fills here"]),
    ("{base}/users/{user}\"", "{base}/users/{role}\"", ["{role}", "tenants.roles"]),
    ("keep: {number: id}", "keep: {numbr: id}", ["tenants.make.0.keep.numbr", "used by nothing"]),
    ("keep: {number: id}", "keep: {number: 'rows[0].id'}", ["tenants.make.0.keep.number", "no '[...]'"]),
    ("keep: {number: id}", "keep: {number: 'rows.*.id'}", ["tenants.make.0.keep.number", "no '*'"]),
    ("keep: {number: id}", "keep: {Number: id}", ["tenants.make.0.keep.Number", "small letters"]),
    ("        algorithm: HS256", "        algorithm: none", ["jwt.algorithm", "'none'", "'HS256'"]),
    ("        lifetime: 1 h", "        lifetime: 1 s", ["jwt.lifetime", "60 s"]),
    ("{sub: \"{user}\", org: \"{tenant}\", number: \"{number}\"}", "{sub: fixed, number: \"{number}\"}", ["claims", "{user}"]),
    ("required: [sub, exp]", "required: [sub, role]", ["credential.required.1", "'role'"]),
    ("kind: jwt", "kind: token", ["credential.kind", "'token'", "'opaque'"]),
    ("kind: jwt", "kind: opaque", ["credential.required", "kind: jwt"]),
    ("leeway: 5 s", "leeway: 5", ["credential.leeway", "with a unit"]),
    ("bad: {close: 4401}", "bad: {}", ["credential.bad", "'http' (status)"]),
    ("bad: {close: 4401}", "bad: {close: bad}", ["credential.bad.close"]),
    ("{Authorization: \"Bearer {token}\"}", "{\"Autho rization\": \"Bearer {token}\"}", ["connect.headers", "letters, digits and hyphens"]),
    ("{Authorization: \"Bearer {token}\"}", "{\"X\\r\\nY\": \"Bearer {token}\"}", ["connect.headers", "letters, digits and hyphens"]),
    ("{Authorization: \"Bearer {token}\"}", "{\"\": \"Bearer {token}\"}", ["connect.headers", "letters, digits and hyphens"]),
    ("{Authorization: \"Bearer {token}\"}", "{Authorization: \"Bearer {token}\\nX: y\"}", ["connect.headers.Authorization", "one line"]),
    ("{Authorization: \"Bearer {token}\"}", "{Authorization: \"Bearer {tokn}\"}", ["{tokn}", "did you mean 'token'"]),
    ("connect: {websocket: \"{ws}\",", "connect: {websocket: \"{ws}\", socketio: \"{ws}\",", ["session.connect", "either by"]),
    ("  ready: frame", "  ready: answer", ["session.ready", "'answer'", "'answered'"]),
    ("{by: echoed, read: id, owner: user, is: user}", "{by: echoed, owner: user, is: user}", ["correlation", "'read'"]),
    ("{by: echoed, read: id, owner: user, is: user}", "{by: echoed, read: id, owner: user}", ["correlation", "go together"]),
    ("{by: echoed, read: id, owner: user, is: user}", "{by: guessed, read: id}", ["correlation.by", "'guessed'", "'stream'"]),
    ("{when: {type: welcome}, means: ready}", "{when: {type: welcome}, means: redy}", ["frames.0.means", "'redy'", "'ready'"]),
    ("{when: {type: welcome}, means: ready}", "{when: {}, means: ready}", ["frames.0.when", "hold something"]),
    ("{when: {type: welcome}, means: ready}", "{when: {data: {type: x}}, means: ready}", ["frames.0.when.data", "with dots"]),
    ("{when: {type: welcome}, means: ready}", "{when: {type: welcome, id: a}, means: ready}", ["frames.0.when", "correlation.read"]),
    ("{when: {type: welcome}, means: ready}", "{when: {type: \"{user}\"}, means: ready}", ["frames.0.when.type", "nothing is filled in"]),
    ("{when: {type: welcome}, means: ready}", "{when: {type: welcome}, means: part, part: x}", ["frames.0.part", "'complete' does not wait"]),
    ("keep: {answer: text}", "keep: {anser: text}", ["frames.1.keep.anser", "did you mean 'answer'"]),
    ("means: answered, keep: {answer: text}", "means: answered, code: x", ["frames.1.code", "refusal"]),
    ("  - {when: {type: done}, means: refused, code: error}", "  - {when: {type: done, ok: true, x: 1}, means: refused, code: error}", ["frames.2", "rule 2 comes first"]),
    ("  noop: {type: noop}", "  nop: {type: noop}", ["requests.nop", "did you mean 'noop'"]),
    ("  noop: {type: noop}", "  memory_hunger: {type: noop}", ["requests.memory_hunger", "asked for by nothing"]),
    ("{type: cpu, milliseconds: \"{milliseconds}\"}", "{type: cpu, milliseconds: \"{seconds}\"}", ["requests.cpu.milliseconds", "{seconds}"]),
    ("{http: GET, url: \"{base}/users/{of}\"}", "{http: GET, url: \"{base}/users/{of}\", answr: sse}", ["requests.users.answr", "did you mean 'answer'"]),
    ("{http: GET, url: \"{base}/users/{of}\"}", "{http: GET, url: \"{base}/users/{of}\", answer: events}", ["requests.users.answer", "session.events"]),
    ("look: thread_get", "look: thread_gt", ["things.thread.look", "did you mean 'thread_get'"]),
    ("look: thread_get", "look: noop", ["things.thread.look", "neither '{thread}' nor '{of}'"]),
    ("reach: [report, users]", "reach: [report, user]", ["things.thread.reach.1", "did you mean 'users'"]),
    ("made_by: session.open, look", "look", ["things.thread", "'make'"]),
    ("{id: thread, made_by", "{id: thred, made_by", ["things.thread.id", "nothing gives"]),
    ("alerts: {noise: loud}", "alerts: {noisy: loud}", ["words.alerts", "noisy", "'noise'"]),
    ("codes: {absent: gone}", "codes: {absent: []}", ["words.codes.absent", "hold something"]),
    ("processes: {operator: yes}", "processes: {operator: yes, title: x}", ["processes", "one way"]),
    ("processes: {operator: yes}", "processes: {operator: maybe}", ["processes.operator", "yes or no"]),
    ("processes: {operator: yes}", "processes: {pid_from: pid, keep: pid}", ["processes.pid_from", "'requests' does not have"]),
    ("processes: {operator: yes}", "processes: {environment: {A: \"{usr}\"}}", ["processes.environment.A", "did you mean 'user'"]),
    ("  alerts: {http: GET", "  alert: {http: GET", ["operator.alert", "'alerts'"]),
    ("list: rows, keep: {kind: kind, tenant: org}", "keep: {kind: kind, tenant: org}", ["operator.alerts", "'list'"]),
    ("list: rows, keep: {kind: kind, tenant: org}", "list: rows, keep: {kind: kind}", ["operator.alerts", "tenant"]),
    ("list: rows, keep: {kind: kind, tenant: org}", "list: rows, keep: {kind: kind, tennant: org}", ["operator.alerts.keep.tennant", "did you mean 'tenant'"]),
    ("keep: {user: name, pid: pid}", "keep: {user: name}", ["'operator.agents'"]),
    ("{base}/quota/{tenant}", "{base}/quota/all", ["operator.quota", "{tenant}"]),
    ("json: {cpu: \"{cpu_percent}\"}", "json: {cpu: \"{cpu}\"}", ["operator.quota", "{cpu}"]),
    ("{postgresql: {address: database, tables: [a, b]}}", "{mysql: {address: database}}", ["stores.mysql", "postgresql"]),
    ("{postgresql: {address: database, tables: [a, b]}}", "{postgresql: {address: databse}}", ["stores.postgresql.address", "'databse'"]),
    ("requests_per_minute: 60", "requests_per_minute: 0", ["limits.requests_per_minute", "greater than or equal to 1"]),
    ("requests_per_minute: 60", "requests_per_minute: many", ["limits.requests_per_minute", "whole number"]),
    ("dispatch: 100 ms", "dispatch: 10 s", ["limits.dispatch", "answer_within"]),
    ("  alerts: {http: GET, url: \"{base}/alerts?after={after}\", list: rows,", "  alerts: {file: x.log, lines: \"(\",", ["operator.alerts.lines", "no regular expression"]),
    ("  alerts: {http: GET, url: \"{base}/alerts?after={after}\", list: rows,", "  alerts: {file: x.log, lines: \"noisy (.*)\",", ["operator.alerts.lines", "named groups"]),
    ("processes: {operator: yes}", "processes: {title: \"[\"}", ["processes.title", "no regular expression"]),
    ("request_base: {id: \"{id}\"}", "request_base: {type: x}", ["does not send its id", "correlation.by: echoed"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), TABLE, ids=[f"{new[:60]}" for _, new, _ in TABLE])
def test_a_mistake_is_said_with_its_line(old: str, new: str, words: list[str]) -> None:
    assert GOOD.count(old) == 1, "the change has to be unambiguous"
    text = GOOD.replace(old, new)
    error = complaint(text)
    all_sentences = "; ".join(problem.sentence for problem in error.problems)
    for word in words:
        assert word in all_sentences
    change = line_of(GOOD, old)
    last = change + new.count("\n")
    assert any(change <= problem.line <= last for problem in error.problems) or words[0] in (
        "'operator.agents'", "does not send its id",
    ), [problem.line for problem in error.problems]  # fmt: skip


@pytest.mark.parametrize("section", ["version", "name", "tenants", "session", "correlation", "requests"])
def test_a_section_that_is_missing_is_named_with_what_it_is_for(section: str) -> None:
    data = yaml.safe_load(GOOD)
    del data[section]
    assert any(f"'{section}' is missing" in problem.sentence for problem in complaint(yaml.safe_dump(data)).problems)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD + "limits: {}\n", GOOD.count("\n") + 1, ["'limits' stands twice", "first in line"]),
        (GOOD.replace("  noop: {type: noop}", "  noop: {type: noop}\n  noop: {type: other}"), 0, ["'noop' stands twice"]),
        ("version: 2\nname: [\n", 3, ["not readable YAML"]),
        ("version: 2\n\tname: x\n", 2, ["not readable YAML"]),
        ("", 1, ["empty"]),
        ("# only a comment\n", 1, ["empty"]),
        ("- a list\n", 1, ["version: 2"]),
        ("just text\n", 1, ["version: 2"]),
        ("version: 2\nname: !!python/object:os.system x\n", 2, ["tags"]),
        ("version: 2\nname: !mine x\n", 2, ["tags"]),
        ("version: 2\nname: {user}: x\n", 2, ["not readable YAML"]),
        ("version: 2\n? {a: b}\n: x\n", 2, ["a key is a text"]),
        ("version: 2\nbase: &b {x: 1}\nmore: {<<: *b}\n", 3, ["merging"]),
        ("version: 2\nname: " + "[" * 100 + "]" * 100 + "\n", 2, ["nested deeper"]),
        ("version: 2\na: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)), 0, ["more than 50,000 values"]),
        ("version: 2\nname: \"\x07\"\n", 2, ["not readable YAML", "character"]),
    ],
)  # fmt: skip
def test_what_is_no_target_file_at_all(text: str, line: int, words: list[str]) -> None:
    error = complaint(text)
    for word in words:
        assert word in str(error)
    if line:
        assert error.problems[0].line == line


def test_a_huge_file_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    file.write_bytes(b"a: b\n" * 10_000_000)
    began = time.monotonic()
    with pytest.raises(TargetFileError, match=r"larger than 1,048,576 bytes"):
        Target.load(FOLDER, str(file))
    assert time.monotonic() - began < 5


def test_a_deeply_nested_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text("a: " + "[" * 100_000)
    with pytest.raises(TargetFileError):
        Target.load(FOLDER, str(file))


def test_a_file_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"version: 2\nname: M\xfcnchen\n")
    with pytest.raises(TargetFileError, match="line 2: the file is not UTF-8"):
        Target.load(FOLDER, str(file))
    with pytest.raises(TargetFileError, match="there is no target 'platfrom'"):
        Target.load(FOLDER, "platfrom")
    with pytest.raises(TargetFileError):
        Target.load(FOLDER, str(tmp_path / "gone.yaml"))


SECRETS = [
    "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRg==", "0123456789abcdef0123456789abcdef01234567", "hunter2 is my password",
    "postgresql://boss:hunter2@db.example/prod", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAAAAAAAA",
    "sk-proj-abcdefghijklmnop1234", "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBg",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "old",
    ["SMALL_KEY", '{key}"\n        lifetime', "Bearer {token}", "token {key}"],
    ids=["secrets", "jwt key", "header", "operator"],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(secret: str, old: str) -> None:
    new = f'{secret}"\n        lifetime' if "lifetime" in old else f'"{secret}"' if old == "SMALL_KEY" else secret
    text = GOOD.replace(old, new, 1)
    error = complaint(text)
    assert error.problems[0].line == line_of(GOOD, old)
    shown = " ".join([str(error), *(problem.sentence for problem in error.problems)])
    assert secret not in shown
    assert secret[:12] not in shown
    assert "secret" in shown


@pytest.mark.parametrize("name", ["password", "api_key", "client_secret", "X-Api-Key"])
def test_a_password_in_a_body_or_header_is_refused_and_never_repeated(name: str) -> None:
    section = "headers" if name.startswith("X-") else "json"
    text = GOOD.replace(
        '{http: POST, url: "{base}/threads"', f'{{http: POST, url: "{{base}}/threads", {section}: {{{name}: hunter22}}'
    )
    error = complaint(text)
    assert "hunter22" not in str(error)
    assert name in str(error)
    assert parse_target(text.replace("hunter22", '"pw-{user}"'))


@pytest.mark.parametrize("seed", range(60))
def test_no_mutilated_file_ends_in_anything_but_one_sentence_or_a_target(seed: str) -> None:
    """Random damage: lines removed, doubled, swapped, indented, signs changed; the reader never fails otherwise."""
    rng = random.Random(seed)
    for source in (GOOD, *(file.read_text() for file in FILES.glob("*.yaml"))):
        lines = source.split("\n")
        for _ in range(rng.randint(1, 3)):
            number = rng.randrange(len(lines))
            damage = rng.randrange(6)
            if damage == 0:
                del lines[number]
            elif damage == 1:
                lines.insert(number, lines[rng.randrange(len(lines))])
            elif damage == 2:
                lines[number] = "  " + lines[number]
            elif damage == 3 and lines[number]:
                place = rng.randrange(len(lines[number]))
                lines[number] = lines[number][:place] + rng.choice("{}[]:,'\"x0 \t!&*%@") + lines[number][place + 1 :]
            elif damage == 4:
                lines[number] = lines[number].replace("{", "[", 1).replace("}", "]", 1)
            else:
                other = rng.randrange(len(lines))
                lines[number], lines[other] = lines[other], lines[number]
        try:
            parse_target("\n".join(lines), "damaged.yaml")
        except TargetFileError as error:
            assert "\n" not in str(error)
            assert all(0 <= problem.line <= len(lines) + 1 for problem in error.problems)
