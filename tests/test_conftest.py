"""The test client refuses every host but this machine."""

import socket

import httpx
import pytest

from tests.conftest import LeftTheMachine


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "0.0.0.0", "api.telegram.org"])  # noqa: S104
def test_no_test_reaches_another_host(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as outgoing:
        for connect in (outgoing.connect, outgoing.connect_ex):
            with pytest.raises(LeftTheMachine):
                connect((host, 443))


def test_a_library_that_catches_everything_does_not_hide_it() -> None:
    with httpx.Client(trust_env=False) as client, pytest.raises(LeftTheMachine):
        client.get("http://192.0.2.1/")


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as outgoing:
            assert outgoing.getpeername() == server.getsockname()
        server.accept()[0].close()
