"""The Graph API as we call it: sharded connections, a bearer token, and every refusal as a `ChannelError`."""

import itertools
from typing import Any

import httpx

from bot.channels.whatsapp.errors import refusal, unanswered
from jobs.delivery import IN_FLIGHT

CONNECTIONS_EACH = 5
"""A client with many connections looks through all of them for each request; several small ones do not."""
CLIENTS = -(-(IN_FLIGHT + 4) // CONNECTIONS_EACH)


class Graph:
    """Calls under `api`, like `https://graph.facebook.com/v26.0`. Every call raises ChannelError."""

    def __init__(self, token: str, api: str) -> None:
        self.api = api.rstrip("/")
        limits = httpx.Limits(max_connections=CONNECTIONS_EACH)
        timeout = httpx.Timeout(20, connect=10, pool=20)
        headers = {"Authorization": f"Bearer {token}"}
        self._clients = [
            httpx.AsyncClient(limits=limits, timeout=timeout, headers=headers) for _ in range(CLIENTS)
        ]
        self._next = itertools.cycle(self._clients)

    async def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients:
            await client.aclose()

    async def get(self, path: str, **query: str) -> Any:
        """Read something."""
        return (await self._call("GET", f"{self.api}/{path}", params=query)).json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Do something."""
        return (await self._call("POST", f"{self.api}/{path}", json=body)).json()

    async def upload(self, path: str, data: bytes, name: str, mime_type: str) -> str:
        """Hand over a file; return its media id (Cloud API, media)."""
        fields = {"messaging_product": "whatsapp", "type": mime_type}
        files = {"file": (name, data, mime_type)}
        answer = await self._call("POST", f"{self.api}/{path}", data=fields, files=files)
        return str(answer.json()["id"])

    async def download(self, url: str) -> bytes:
        """Fetch a file by the address that its media id led to (it lives five minutes, and wants the token)."""
        return (await self._call("GET", url)).content

    async def _call(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            response = await next(self._next).request(method, url, **options)
        except httpx.HTTPError as error:
            raise unanswered(error) from None
        if not response.is_success:
            raise refusal(response)
        return response
