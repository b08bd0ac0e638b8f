"""Who may do what with a running server: keys, sessions, roles, limits, repeated requests."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Katip, program
from server import Answer, Server, serving

PASSWORD = "kedi pencerede"
ROLES = {"boss": "admin", "op": "operator", "ayse": "editor", "mehmet": "editor", "bakan": "viewer"}
NOBODY = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"


@dataclass
class Client:
    """Asks with a token, or with nothing."""

    server: Server
    token: str = ""

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers.setdefault("Content_Type", "application/json")
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return self.server.ask(method, path, data, **headers)


def log_in(server: Server, login: str, password: str = PASSWORD) -> Answer:
    return Client(server)("POST", "/api/v1/auth/login", {"login": login, "password": password})


def client_of(server: Server, login: str) -> Client:
    answer = log_in(server, login)
    assert answer.status == 200, answer.body
    return Client(server, answer.json()["data"]["token"])


def make_key(client: Client, **wanted: object) -> dict:
    answer = client("POST", "/api/v1/keys", {"name": "a key", **wanted})
    assert answer.status == 201, answer.body
    return answer.json()["data"]


def add_users(katip: Katip) -> None:
    for login, role in ROLES.items():
        done = katip("user", "create", login, "--role", role, "--password-stdin",
                     stdin=PASSWORD.encode())
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Katip:
    """A home with users in it, to be copied: each password costs a tenth of a second."""
    katip = Katip(program(), tmp_path_factory.mktemp("users"))
    add_users(katip)
    return katip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, users: Katip) -> Iterator[Server]:
    home = shutil.copytree(users.home, tmp_path_factory.mktemp("access") / "home")
    with serving(Katip(program(), home), "--workers", "off") as running:
        yield running


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory, users: Katip) -> Iterator[Server]:
    """With the same users, whose passwords are changed and guessed here."""
    home = shutil.copytree(users.home, tmp_path_factory.mktemp("rough") / "home")
    with serving(Katip(program(), home), "--workers", "off") as running:
        yield running


@pytest.fixture(scope="module")
def clients(server: Server) -> dict[str, Client]:
    return {login: client_of(server, login) for login in ROLES}


# --- An empty installation ------------------------------------------------------------------------

def test_an_empty_installation_is_open_until_there_is_an_account(katip: Katip) -> None:
    with serving(katip, "--workers", "off") as server:
        anybody = Client(server)
        assert anybody("GET", "/api/v1/auth/me").json()["data"]["kind"] == "open"
        assert Client(server, "sk-whatever")("GET", "/v1/models").status == 200
        assert any("open to everybody" in line for line in server.output().splitlines())

        rebound = anybody("GET", "/api/v1/auth/me", Host="evil.example")
        assert (rebound.status, rebound.json()["error"]["code"]) == (403, "ACCOUNTS_NEEDED")
        proxied = anybody("GET", "/api/v1/auth/me", X_Forwarded_For="203.0.113.7")
        assert (proxied.status, proxied.json()["error"]["code"]) == (403, "OPEN_BEHIND_PROXY")
        foreign = anybody("POST", "/api/v1/keys", {"name": "x", "scopes": ["all"]},
                          Origin="https://evil.example")
        assert (foreign.status, foreign.json()["error"]["code"]) == (403, "FOREIGN_PAGE")

        weak = anybody("POST", "/api/v1/keys", {"name": "x", "scopes": ["transcribe"]})
        assert (weak.status, "lock" in weak.body.decode() or "close" in weak.body.decode()) == (
            409, True)
        first = {"login": "boss", "password": PASSWORD, "role": "viewer"}
        assert anybody("POST", "/api/v1/admin/users", first).status == 409
        assert anybody("POST", "/api/v1/admin/users", {**first, "role": "admin"}).status == 201
        assert anybody("GET", "/api/v1/auth/me").status == 401
        assert Client(server, "sk-whatever")("GET", "/v1/models").status == 401
        assert client_of(server, "boss")("GET", "/api/v1/auth/me").status == 200


def test_it_closes_when_another_process_makes_an_account(katip: Katip) -> None:
    with serving(katip, "--workers", "off") as server:
        assert Client(server)("GET", "/v1/models").status == 200
        key = katip("key", "create", "--name", "a", "--scopes", "all").stdout.strip()
        end = time.monotonic() + 10
        while Client(server)("GET", "/v1/models").status == 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert Client(server, key)("GET", "/v1/models").status == 200


def test_nobody_serves_the_world_without_an_administrator(katip: Katip) -> None:
    refused = katip("serve", "--host", "0.0.0.0", "--port", "0", "--workers", "off", timeout=30)
    assert refused.returncode == 1
    assert "katip user create" in refused.stderr
    assert katip("key", "create", "--name", "weak", "--scopes", "jobs:read").returncode == 0
    assert katip("serve", "--host", "0.0.0.0", "--port", "0", "--workers", "off",
                 timeout=30).returncode == 1
    assert katip("key", "create", "--name", "strong", "--scopes", "all").returncode == 0
    with serving(katip, "--host", "0.0.0.0", "--workers", "off") as server:
        assert Client(server)("GET", "/v1/models").status == 401


# --- Logging in -----------------------------------------------------------------------------------

def test_a_session_is_a_token_and_a_cookie(server: Server) -> None:
    answer = log_in(server, "Ayse")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    data = answer.json()["data"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"katip_session={data['token']}; Path=/; Max-Age=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    me = {"kind": "user", "name": "ayse", "owner": "ayse", "sees_all": False}
    for headers in ({"Authorization": f"Bearer {data['token']}"},
                    {"Cookie": f"katip_session={data['token']}"}):
        seen = Client(server)("GET", "/api/v1/auth/me", **headers).json()["data"]
        assert seen.items() >= me.items()
    client = Client(server, data["token"])
    out = client("POST", "/api/v1/auth/logout")
    assert out.status == 200
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert client("GET", "/api/v1/auth/me").status == 401


def test_a_cookie_changes_things_only_from_a_page_of_the_server(server: Server) -> None:
    token = log_in(server, "mehmet").json()["data"]["token"]
    host = server.url.removeprefix("http://")

    def change(**headers: str) -> int:
        return Client(server)("POST", "/api/v1/keys", {"name": "x", "scopes": ["jobs:read"]},
                              Cookie=f"katip_session={token}", **headers).status

    assert change() == 403
    assert change(Origin="https://evil.example") == 403
    assert change(Origin="null") == 403
    assert change(Sec_Fetch_Site="cross-site", X_Requested_With="x") == 403
    assert change(Origin=f"http://{host}") == 201
    assert change(Sec_Fetch_Site="same-origin") == 201
    assert change(X_Requested_With="katip") == 201
    read = Client(server)("GET", "/api/v1/keys", Cookie=f"katip_session={token}",
                          Origin="https://evil.example")
    assert read.status == 200
    assert "Access-Control-Allow-Origin" not in read.headers


def test_an_old_cookie_does_not_keep_anybody_from_logging_in(server: Server) -> None:
    answer = Client(server)("POST", "/api/v1/auth/login", {"login": "ayse", "password": PASSWORD},
                            Cookie="katip_session=ks_" + "0" * 43)
    assert answer.status == 200


def test_people_see_and_end_their_own_sessions(server: Server) -> None:
    here, there = client_of(server, "bakan"), client_of(server, "bakan")
    other = client_of(server, "mehmet")
    items = here("GET", "/api/v1/auth/sessions").json()["data"]["items"]
    assert [item["is_current"] for item in items].count(True) == 1
    newest = items[0]
    assert newest["ip"] == "127.0.0.1"
    assert newest["is_current"] is False
    assert other("DELETE", f"/api/v1/auth/sessions/{newest['id']}").status == 404
    assert there("GET", "/api/v1/auth/me").status == 200
    assert here("DELETE", f"/api/v1/auth/sessions/{newest['id']}").status == 200
    assert there("GET", "/api/v1/auth/me").status == 401
    assert here("GET", "/api/v1/auth/me").status == 200


def test_a_new_password_ends_the_other_sessions(rough: Server) -> None:
    here, there = client_of(rough, "ayse"), client_of(rough, "ayse")
    wrong = {"old_password": "something else", "new_password": "bisiklet ve deniz"}
    assert here("POST", "/api/v1/auth/password", wrong).status == 400
    weak = {"old_password": PASSWORD, "new_password": "galatasaray1905"}
    assert "tried first" in here("POST", "/api/v1/auth/password", weak).body.decode()
    right = {"old_password": PASSWORD, "new_password": "bisiklet ve deniz"}
    assert here("POST", "/api/v1/auth/password", right).status == 200
    assert here("GET", "/api/v1/auth/me").status == 200
    assert there("GET", "/api/v1/auth/me").status == 401
    assert log_in(rough, "ayse").status == 401
    assert log_in(rough, "ayse", "bisiklet ve deniz").status == 200
    boss = client_of(rough, "boss")
    assert boss("PUT", "/api/v1/admin/users/ayse/password",
                {"password": "lokomotif ve vagon"}).status == 200
    assert here("GET", "/api/v1/auth/me").status == 401
    assert log_in(rough, "ayse", "lokomotif ve vagon").status == 200


def test_guessing_is_slowed_down(rough: Server) -> None:
    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(answer.status for answer in pool.map(
            lambda i: log_in(rough, "boss", f"guess number {i}"), range(100)))
    assert statuses == {401: 10, 429: 90}
    refused = log_in(rough, "boss")
    assert refused.status == 429, "also with the right password"
    assert 1 <= int(refused.headers["Retry-After"]) <= 120
    assert log_in(rough, "mehmet").status == 200, "others are not slowed down"
    rows = client_of(rough, "op"), client_of(rough, "mehmet")
    assert all(client("GET", "/api/v1/admin/audit").status == 403 for client in rows)


def test_nobody_learns_from_the_time_whether_a_login_exists(rough: Server) -> None:
    log_in(rough, "nobody", "to warm up")

    # One after the other and the fastest of each: others may use the machine meanwhile.
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    for i in range(9):
        for kind, login in (("known", "op"), ("unknown", f"nobody{i}")):
            begin = time.monotonic()
            assert log_in(rough, login, "a wrong one").status == 401
            taken[kind].append(time.monotonic() - begin)
    ratio = min(taken["known"]) / min(taken["unknown"])
    assert 0.6 < ratio < 1.7, taken


# --- Who may do what ------------------------------------------------------------------------------

def routes(server: Server) -> list[tuple[str, str, str | None, bool]]:
    """(method, path, scope or None, needs a principal) of every route there is."""
    found = []
    for path, methods in server.ask("GET", "/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            scope = re.search(r"Needs the scope `(.+?)`", operation.get("description", ""))
            found.append((method.upper(), re.sub(r"\{.+?\}", NOBODY, path),
                          scope.group(1) if scope else None,
                          operation.get("security") != []))
    return found


def test_every_route_asks_who_is_there(server: Server, clients: dict[str, Client]) -> None:
    assert server.ask("GET", "/openapi.json").json()["security"] == [{"key": []}, {"header": []}]
    known = routes(server)
    assert len(known) > 20
    public = {(method, path) for method, path, _, is_closed in known if not is_closed}
    assert {(method, path) for method, path in public if method != "OPTIONS"} <= {("POST", "/api/v1/auth/login"), ("GET", "/livez"), ("GET", "/readyz"),
                      ("GET", "/health"), ("GET", "/metrics"), ("GET", "/api/v1/metrics"),
                      ("GET", "/openapi.json"), ("GET", "/docs")} | {
                          (method, path) for method, path in public if not path.startswith("/api/v1")
                          and not path.startswith("/v1")}
    for method, path, _, is_closed in known:
        if is_closed:
            assert Client(server)(method, path).status == 401, (method, path)


def test_wrong_keys_open_nothing(server: Server) -> None:
    key = make_key(client_of(server, "boss"), scopes=["all"])["key"]
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    for token in [wrong, key[:15], "kp_", "nonsense", "ks_" + "0" * 43, "'", "x" * 5_000]:
        answer = Client(server, token)("GET", "/api/v1/auth/me")
        assert answer.status == 401, token
    theirs = Client(server, wrong)("GET", "/v1/models").json()["error"]
    assert theirs["code"] == "invalid_api_key"
    assert Client(server)("GET", "/api/v1/auth/me", X_API_Key=key).status == 200


def test_every_route_refuses_who_has_not_its_scope(
    server: Server, clients: dict[str, Client]
) -> None:
    scopes = ["transcribe", "jobs:read", "jobs:write", "lexicon:read", "lexicon:write",
              "logs:read", "logs:write", "webhooks", "operate", "admin"]
    for scope in {scope for _, _, scope, _ in routes(server) if scope}:
        others = [other for other in scopes if other != scope]
        key = make_key(clients["boss"], scopes=others)["key"]
        for method, path, needed, _ in routes(server):
            if needed == scope:
                answer = Client(server, key)(method, path)
                assert answer.status == 403, (method, path, answer.body)


@pytest.mark.parametrize(("login", "forbidden"), [
    ("bakan", {"transcribe", "jobs:write", "lexicon:write", "logs:read", "logs:write", "webhooks",
               "operate", "admin"}),
    ("ayse", {"logs:read", "logs:write", "operate", "admin"}),
    ("op", {"admin"}),
])
def test_roles_are_refused_what_they_may_not(
    server: Server, clients: dict[str, Client], login: str, forbidden: set[str]
) -> None:
    for method, path, scope, _ in routes(server):
        if scope in forbidden:
            assert clients[login](method, path).status == 403, (method, path)
    me = clients[login]("GET", "/api/v1/auth/me").json()["data"]
    assert not forbidden & set(me["scopes"])


def test_what_is_somebody_elses_is_not_there(server: Server, clients: dict[str, Client]) -> None:
    ayse, mehmet, op, boss = (clients[name] for name in ("ayse", "mehmet", "op", "boss"))
    hers = make_key(ayse, scopes=["jobs:read"])["details"]
    for other in (mehmet, op):
        for method, body in [("GET", None), ("PATCH", {"name": "mine"}), ("DELETE", None)]:
            for name in (hers["id"], hers["prefix"]):
                assert other(method, f"/api/v1/keys/{name}", body).status == 404
        listed = other("GET", "/api/v1/keys?limit=200").json()["data"]["items"]
        assert hers["id"] not in [key["id"] for key in listed]
    assert ayse("GET", f"/api/v1/keys/{hers['id']}").json()["data"]["owner"] == "ayse"
    assert boss("GET", f"/api/v1/keys/{hers['prefix']}").status == 200
    assert mehmet("POST", "/api/v1/keys",
                  {"name": "x", "scopes": ["jobs:read"], "owner": "ayse"}).status == 403
    assert mehmet("POST", "/api/v1/keys", {"name": "x", "scopes": ["admin"]}).status == 403
    program_key = Client(server, make_key(ayse, scopes=["jobs:read"])["key"])
    assert program_key("POST", "/api/v1/keys",
                       {"name": "x", "scopes": ["jobs:read"]}).status == 403
    assert program_key("GET", "/api/v1/auth/sessions").status == 403


def test_a_secret_for_a_browser_transcribes_and_nothing_else(
    server: Server, clients: dict[str, Client]
) -> None:
    made = clients["boss"]("POST", "/v1/realtime/client_secrets", {})
    assert made.status == 200, made.body
    secret = Client(server, made.json()["value"])
    assert secret("GET", "/v1/models").status == 200
    for method, path, scope, is_closed in routes(server):
        if is_closed and scope != "transcribe":
            assert secret(method, path).status == 403, (method, path)
    body = {"name": "for ever", "scopes": ["transcribe"]}
    assert secret("POST", "/api/v1/keys", body).status == 403
    maker = make_key(clients["ayse"], scopes=["transcribe"])
    made = Client(server, maker["key"])("POST", "/v1/realtime/client_secrets", {})
    secret = Client(server, made.json()["value"])
    assert secret("GET", "/v1/models").status == 200
    assert clients["ayse"]("DELETE", f"/api/v1/keys/{maker['details']['id']}").status == 200
    assert secret("GET", "/v1/models").status == 401, "it ends with the key that made it"


def test_nothing_is_changed_that_was_not_asked_for(
    server: Server, clients: dict[str, Client]
) -> None:
    key = make_key(clients["ayse"], scopes=["jobs:read"])["details"]
    for body in ({"owner": "boss"}, {"usage_count": 0}, {"id": NOBODY}, {"key_hash": "0" * 64}):
        answer = clients["ayse"]("PATCH", f"/api/v1/keys/{key['id']}", body)
        assert answer.status == 422, body
    assert clients["boss"]("PATCH", "/api/v1/admin/users/ayse", {"login": "x"}).status == 422
    assert clients["boss"]("PATCH", "/api/v1/admin/users/ayse",
                           {"password_hash": "x"}).status == 422


def test_users_are_managed_by_administrators(server: Server, clients: dict[str, Client]) -> None:
    boss = clients["boss"]
    made = boss("POST", "/api/v1/admin/users",
                {"login": "yeni", "password": PASSWORD, "role": "editor", "display_name": "Yeni"})
    assert made.status == 201
    assert "password" not in json.dumps(list(made.json()["data"])).replace("password_changed", "")
    assert made.headers["Location"].endswith(made.json()["data"]["id"])
    assert boss("POST", "/api/v1/admin/users",
                {"login": "YENI", "password": PASSWORD}).status == 409
    client = client_of(server, "yeni")
    assert boss("PATCH", "/api/v1/admin/users/yeni", {"role": "viewer"}).status == 200
    assert client("GET", "/api/v1/auth/me").json()["data"]["scopes"] == ["jobs:read", "lexicon:read"]
    assert boss("PATCH", "/api/v1/admin/users/yeni", {"is_active": False}).status == 200
    assert client("GET", "/api/v1/auth/me").status == 401
    assert boss("DELETE", "/api/v1/admin/users/yeni").status == 200
    assert boss("GET", "/api/v1/admin/users/yeni").status == 404
    assert boss("PATCH", "/api/v1/admin/users/boss", {"role": "viewer"}).status == 409
    first = boss("GET", "/api/v1/admin/users?limit=2").json()["data"]
    rest = boss("GET", f"/api/v1/admin/users?cursor={first['next_cursor']}").json()["data"]
    logins = [user["login"] for user in first["items"] + rest["items"]]
    assert logins == sorted(ROLES)
    assert not rest["has_more"]
    actions = {record["action"] for record in
               boss("GET", "/api/v1/admin/audit?target_id=yeni").json()["data"]["items"]}
    assert actions == {"user.create", "login", "user.change", "user.delete"}


# --- Limits and repeated requests -----------------------------------------------------------------

def test_limits_are_told_and_kept(server: Server, clients: dict[str, Client]) -> None:
    key = Client(server, make_key(clients["ayse"], scopes=["jobs:read"],
                                  rate_limit_per_minute=5)["key"])
    answers = [key("GET", "/api/v1/auth/me") for _ in range(7)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=5;w=60'
    assert answers[0].headers["RateLimit"] == '"default";r=4;t=60'
    assert answers[6].headers["RateLimit"].startswith('"default";r=0;')
    assert 1 <= int(answers[6].headers["Retry-After"]) <= 120
    assert answers[6].json()["error"]["code"] == "RATE_LIMITED"
    assert clients["ayse"]("GET", "/api/v1/auth/me").status == 200


def test_a_key_has_its_audio_of_a_day(server: Server, clients: dict[str, Client]) -> None:
    made = make_key(clients["ayse"], scopes=["transcribe"], daily_audio_seconds_limit=60,
                    rate_limit_per_minute=50)
    key = Client(server, made["key"])
    create = {"Tus_Resumable": "1.0.0", "Upload_Length": "10"}
    policy = '"audio";q=60;w=86400;qu="audio-seconds", "default";q=50;w=60'

    def use(seconds: float) -> None:
        with closing(sqlite3.connect(server.data / "katip.db", timeout=10)) as database:
            database.execute("insert or replace into api_key_days values (?, date('now'), ?)",
                             (made["details"]["id"], seconds))
            database.commit()

    for used, left in ((0, 60), (20.5, 39), (59.9, 0)):
        use(used)
        answer = key("POST", "/api/v1/uploads", **create)
        assert answer.status == 201
        assert answer.headers["RateLimit-Policy"] == policy
        assert re.fullmatch(rf'"audio";r={left};t=\d{{1,5}}, "default";r=\d\d;t=\d+',
                            answer.headers["RateLimit"]), answer.headers["RateLimit"]
    use(60)
    refused = key("POST", "/api/v1/uploads", **create)
    assert (refused.status, refused.json()["error"]["code"]) == (429, "QUOTA_EXCEEDED")
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_400
    assert refused.headers["RateLimit"] == f'"audio";r=0;t={refused.headers["Retry-After"]}'
    theirs = key("POST", "/v1/audio/transcriptions")
    assert theirs.json()["error"]["code"] == "insufficient_quota"
    assert theirs.headers["x-should-retry"] == "false"
    assert key("GET", "/v1/models").status == 200


def test_a_revoked_key_stops_working_in_a_running_server(
    server: Server, clients: dict[str, Client]
) -> None:
    made = make_key(clients["ayse"], scopes=["jobs:read"])
    key = Client(server, made["key"])
    assert key("GET", "/api/v1/auth/me").status == 200
    assert clients["ayse"]("PATCH", f"/api/v1/keys/{made['details']['id']}",
                           {"is_active": False}).status == 200
    assert key("GET", "/api/v1/auth/me").status == 401, "at once"
    made = make_key(clients["ayse"], scopes=["jobs:read"])
    key = Client(server, made["key"])
    assert key("GET", "/api/v1/auth/me").status == 200
    assert server.katip("key", "revoke", made["details"]["prefix"]).returncode == 0
    end = time.monotonic() + 7
    while key("GET", "/api/v1/auth/me").status == 200:
        assert time.monotonic() < end, "by another process: within five seconds"
        time.sleep(0.1)


def test_use_is_counted(server: Server, clients: dict[str, Client]) -> None:
    made = make_key(clients["ayse"], scopes=["jobs:read"])
    for _ in range(7):
        Client(server, made["key"])("GET", "/api/v1/auth/me")
    path = f"/api/v1/keys/{made['details']['id']}"
    end = time.monotonic() + 10
    while clients["ayse"]("GET", path).json()["data"]["usage_count"] != 7:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_of_two_hundred_equal_requests_one_is_done(
    server: Server, clients: dict[str, Client]
) -> None:
    key = make_key(clients["ayse"], scopes=["jobs:read"])["details"]
    path = f"/api/v1/keys/{key['id']}"

    def send(_: int) -> Answer:
        return clients["ayse"]("PATCH", path, {"name": "once"}, Idempotency_Key="change-1")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(200)))
    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) <= {200, 409}, statuses
    fresh = [a for a in answers if a.status == 200 and "Idempotent-Replayed" not in a.headers]
    assert len(fresh) == 1
    changes = clients["boss"]("GET", f"/api/v1/admin/audit?target_id={key['prefix']}"
                              "&action=key.change").json()["data"]["items"]
    assert len(changes) == 1
    again = send(0)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == fresh[0].body
    other = clients["ayse"]("PATCH", path, {"name": "twice"}, Idempotency_Key="change-1")
    assert (other.status, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    theirs = clients["mehmet"]("PATCH", path, {"name": "twice"}, Idempotency_Key="change-1")
    assert theirs.status == 404, "a key of a request belongs to who sent it"
    assert clients["ayse"]("PATCH", path, {"name": "x"}, Idempotency_Key="a b").status == 400


def test_a_key_is_made_once_and_never_shown_again(
    server: Server, clients: dict[str, Client]
) -> None:
    def send(_: int) -> Answer:
        return clients["mehmet"]("POST", "/api/v1/keys", {"name": "only one", "scopes": ["jobs:read"]},
                                 Idempotency_Key="make-1")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(200)))
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {201: 1, 409: 199}
    made = next(answer for answer in answers if answer.status == 201).json()["data"]["key"]
    keys = clients["mehmet"]("GET", "/api/v1/keys?limit=200").json()["data"]["items"]
    assert [key["name"] for key in keys].count("only one") == 1
    for file in server.data.glob("katip.db*"):
        assert made.rsplit("_", 1)[1].encode() not in file.read_bytes(), file


def form(name: str, content: bytes) -> tuple[bytes, str]:
    body = (f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
            + content + b"\r\n--b--\r\n")
    return body, "multipart/form-data; boundary=b"


def test_what_a_post_makes_is_made_once(server: Server, clients: dict[str, Client]) -> None:
    """By a form, by an upload and by an answer that comes later: 200 at once, and once again."""
    body, form_type = form("talk.wav", b"sound")
    token = clients["ayse"].token
    tus = {"Tus_Resumable": "1.0.0", "Upload_Length": "10", "Upload_Metadata": "filename YQ=="}
    user = json.dumps({"login": "once", "password": PASSWORD, "role": "viewer"}).encode()
    posts = {
        "/api/v1/jobs": (token, body, {"Content_Type": form_type}, 202),
        "/api/v1/uploads": (token, None, tus, 201),
        "/api/v1/admin/users": (clients["boss"].token, user, {"Content_Type": "application/json"},
                                201)}
    for path, (who, content, headers, status) in posts.items():
        def send(_: int, extra: dict[str, str] | None = None) -> Answer:
            return server.ask("POST", path, content, Authorization=f"Bearer {who}",
                              Idempotency_Key="make-it", **{**headers, **(extra or {})})

        with ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(send, range(200)))
        assert {a.status for a in answers} <= {status, 409}, (path, [a.body for a in answers])
        fresh = [a for a in answers if a.status == status and "Idempotent-Replayed" not in a.headers]
        assert len(fresh) == 1, path
        again = send(0)
        assert (again.status, again.headers["Idempotent-Replayed"]) == (status, "true"), path
        assert again.headers["Location"] == fresh[0].headers["Location"], path
        assert again.body == fresh[0].body, path
    other = server.ask("POST", "/api/v1/uploads", None, Authorization=f"Bearer {token}",
                       Idempotency_Key="make-it", **{**tus, "Upload_Length": "11"})
    assert (other.status, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    jobs = clients["ayse"]("GET", "/api/v1/jobs").json()["data"]["items"]
    assert len(jobs) == 1


def test_only_trusted_proxies_say_for_whom_they_ask(
    users: Katip, tmp_path: Path
) -> None:
    home = shutil.copytree(users.home, tmp_path / "home")
    far = {"X_Forwarded_For": "6.6.6.6, 203.0.113.7", "X_Forwarded_Proto": "https"}
    login = {"login": "ayse", "password": PASSWORD}
    with serving(Katip(program(), home), "--workers", "off") as server:
        answer = Client(server)("POST", "/api/v1/auth/login", login, **far)
        assert "Secure" not in answer.headers["Set-Cookie"]
        assert "203.0.113.7" not in server_log(server)
    with serving(Katip(program(), home), "--workers", "off",
                 KATIP_TRUSTED_PROXIES="127.0.0.0/8") as server:
        answer = Client(server)("POST", "/api/v1/auth/login", login, **far)
        assert answer.headers["Set-Cookie"].endswith("; Secure")
        boss = client_of(server, "boss")
        [newest, *_] = boss("GET", "/api/v1/admin/audit?actor=ayse").json()["data"]["items"]
        assert newest["ip"] == "203.0.113.7"
        for _ in range(60):
            Client(server, "kp_wrong")("GET", "/v1/models", **far)
        assert Client(server, "kp_wrong")("GET", "/v1/models", **far).status == 429
        other = {**far, "X_Forwarded_For": "203.0.114.7"}
        assert Client(server, "kp_wrong")("GET", "/v1/models", **other).status == 401
    done = Katip(program(), home)("serve", "--port", "0", env={"KATIP_TRUSTED_PROXIES": "proxy"})
    assert done.returncode == 2
    assert "server.trusted_proxies" in done.stderr


def server_log(server: Server) -> str:
    time.sleep(0.2)
    return (server.data / "logs" / "api.log").read_text()


def test_nothing_secret_is_in_the_logs(server: Server, clients: dict[str, Client]) -> None:
    made = make_key(clients["ayse"], scopes=["jobs:read"])["key"]
    Client(server, made)("GET", "/api/v1/auth/me")
    time.sleep(0.5)
    secrets = [PASSWORD, made.rsplit("_", 1)[1], clients["ayse"].token, clients["boss"].token]
    for file in [*Path(server.data / "logs").iterdir(), server.katip.home / "serve.log"]:
        text = file.read_text()
        for secret in secrets:
            assert secret not in text, file
