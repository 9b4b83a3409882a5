"""A picture on its way in: fetched from the platform, redrawn, and only then handed to a conversation.

What goes wrong is noted on the picture, never raised: the question that waits for it says so kindly, and the
person sends it again.
"""

import asyncio
import logging
from dataclasses import replace
from typing import Protocol

from handlers.kit.messages import Inbound, SharedPhoto
from jobs.channel import ChannelError
from models.errors import BadInput
from models.pictures import LARGEST_BYTES, redrawn

log = logging.getLogger("genting.photos")

FETCH_SECONDS = 20
"""As long as a polled batch, or a webhook's caller, may be kept waiting for a picture."""

AT_ONCE = 3
"""Pictures fetched and redrawn at the same time: each may take a hundred megabytes of memory for a moment."""


class Fetcher(Protocol):
    """A channel that can fetch what was sent to it."""

    async def fetch(self, file_id: str) -> bytes:
        """Return a file's bytes. Raises ChannelError."""
        ...


class Photos:
    """Fetches the pictures of one channel."""

    def __init__(self, channel: Fetcher) -> None:
        self._channel = channel
        self._places = asyncio.Semaphore(AT_ONCE)

    async def complete(self, inbound: Inbound) -> Inbound:
        """Return the update with its picture's content, or with why there is none."""
        photo = inbound.photo
        if photo is None or photo.content or photo.refused or not inbound.private:
            return inbound
        if photo.size > LARGEST_BYTES:
            return replace(inbound, photo=replace(photo, refused="too_big"))
        async with self._places:
            return replace(inbound, photo=await self._fetched(photo))

    async def _fetched(self, photo: SharedPhoto) -> SharedPhoto:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                raw = await self._fetch(photo.file_id)
        except (ChannelError, TimeoutError) as error:
            log.warning("photo_not_fetched", extra={"reason": str(error) or "time-out"})
            return replace(photo, refused="not_fetched")
        return await asyncio.to_thread(opened, photo, raw)

    async def _fetch(self, file_id: str) -> bytes:
        """Fetch a file; a connection that broke is tried once more before the person is troubled."""
        try:
            return await self._channel.fetch(file_id)
        except ChannelError as error:
            if error.permanent:
                raise
            log.info("photo_fetched_again", extra={"reason": error.reason})
        return await self._channel.fetch(file_id)


def opened(photo: SharedPhoto, raw: bytes) -> SharedPhoto:
    """Return a picture with its redrawn content, or with why it cannot be taken. Blocks for up to a second.

    A spreadsheet is handed on as it came: what reads it trusts nothing (`models.importing.files`).
    """
    if photo.sheet:
        return replace(photo, content=raw)
    try:
        return replace(photo, content=redrawn(raw))
    except BadInput as refused:
        log.info("photo_refused", extra={"reason": refused.code})
        return replace(photo, refused=refused.code)
