"""Who may ask: every pair of Host, Origin and token, with the status that it must have."""

import itertools

import pytest

from imagier.errors import ImagierError, UsageError
from imagier.server.http_errors import status_of
from imagier.server.request_guard import RequestGuard, host_parts
from imagier.server.settings import ServerSettings, is_loopback, read_tokens

TOKEN = "a-token-of-some-length"
HOSTS = {
    "127.0.0.1:8000": True,
    "localhost": True,
    "LOCALHOST:8000": True,
    "[::1]:8000": True,
    "models.example": True,
    "models.example:99": True,
    "one.example:8443": True,
    "one.example:8444": False,
    "evil.example": False,
    "127.0.0.1.evil.example": False,
    "localhost@evil.example": False,
    "localhost/evil": False,
    "": False,
    None: False,
}
ORIGINS = {
    None: True,
    "own": True,
    "https://page.example": True,
    "http://page.example": False,
    "https://page.example.evil": False,
    "null": False,
    "http://evil.example": False,
    "": False,
}
TOKENS = {f"Bearer {TOKEN}": True, f"bearer {TOKEN}": True, "Bearer ": False, TOKEN: False}
TOKENS |= {None: False, f"Basic {TOKEN}": False, f"Bearer {TOKEN}x": False, "Bearer \xe9": False}


def guard(tokens=None):
    settings = ServerSettings(
        hosts=("models.example", "one.example:8443"),
        origins=("https://page.example/",),
        tokens=tokens or {},
    )
    return RequestGuard.of(settings)


def status(one, headers, path="/predict"):
    found = {
        name: [value.encode("latin-1")] for name, value in headers.items() if value is not None
    }
    try:
        one.check_sender(found)
        one.check_token(path, found)
    except ImagierError as error:
        return status_of(error)
    return 200


def expected(host, origin, token):
    if not HOSTS[host]:
        return 400
    if not ORIGINS[origin]:
        return 403
    return 200 if TOKENS[token] else 401


CASES = list(itertools.product(HOSTS, ORIGINS, TOKENS))


def test_there_are_many_cases():
    assert len(CASES) > 500


def test_the_whole_table():
    one, wrong = guard({"1": TOKEN}), []
    for host, origin, token in CASES:
        shown = f"http://{host}".lower() if origin == "own" and host else origin
        if origin == "own" and not host:
            continue
        headers = {b"host": host, b"origin": shown, b"authorization": token}
        if status(one, headers) != expected(host, origin, token):
            wrong.append((host, origin, token, status(one, headers)))
    assert wrong == []


@pytest.mark.parametrize("path", ["/health", "/docs", "/docs/page.js", "/openapi.json"])
def test_what_tells_nothing_needs_no_token(path):
    assert status(guard({"1": TOKEN}), {b"host": "localhost"}, path) == 200


@pytest.mark.parametrize("path", ["/metrics", "/models", "/docsx", "/health/x", "/predict"])
def test_all_else_does(path):
    assert status(guard({"1": TOKEN}), {b"host": "localhost"}, path) == 401


def test_two_hosts_or_origins_are_none():
    one = guard()
    for name in (b"host", b"origin"):
        headers = {b"host": [b"localhost"], name: [b"localhost", b"localhost"]}
        with pytest.raises(UsageError):
            one.check_sender(headers)


def test_the_name_of_a_token_is_given():
    one = guard({"shop": TOKEN, "post": "another-token-of-length"})
    headers = {b"authorization": [b"Bearer another-token-of-length"]}
    assert one.check_token("/predict", headers) == "post"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org", ""])  # noqa: S104
def test_others_are_answered_with_a_token_alone(host):
    with pytest.raises(UsageError, match="token"):
        ServerSettings(host=host)
    assert ServerSettings(host=host, tokens={"1": TOKEN}).host == host


@pytest.mark.parametrize(
    ("host", "answer"), [("127.8.9.1", True), ("localhost", True), ("x", False)]
)
def test_what_is_this_machine(host, answer):
    assert is_loopback(host) is answer


def test_tokens_of_a_file(tmp_path, monkeypatch):
    file = tmp_path / "tokens"
    file.write_text(f"shop {TOKEN}\n\n{TOKEN}2\n")
    assert dict(read_tokens(file=str(file))) == {"shop": TOKEN, "3": f"{TOKEN}2"}
    monkeypatch.setenv("TOKENS", TOKEN)
    assert dict(read_tokens(variable="TOKENS")) == {"1": TOKEN}


@pytest.mark.parametrize("text", ["", "\n\n", "short", f"a b {TOKEN}", "é" * 20, "x" * 15])
def test_tokens_that_protect_nothing(tmp_path, text):
    file = tmp_path / "tokens"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_tokens(file=str(file))
    assert caught.value.code in {"token_weak", "token_absent"}
    if text.strip():
        assert text.split()[-1] not in caught.value.message


@pytest.mark.parametrize("host", ["a b", "a,b", "[::1", "a:b", "a:999999", "ä.example"])
def test_hosts_that_are_none(host):
    assert host_parts(host) is None
