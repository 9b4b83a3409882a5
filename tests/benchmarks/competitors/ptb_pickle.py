"""ConversationHandler and SQLModel rows, with PicklePersistence written after every update.

By default it writes once a minute; here it is asked for what it can do to survive: one flush an update.
"""

from collections.abc import Iterable
from pathlib import Path

from telegram.ext import PicklePersistence

from tests.benchmarks.competitors.ptb import NAME
from tests.benchmarks.competitors.ptb_sync import PTBSync
from tests.benchmarks.edge import Edge


class PTBPickle(PTBSync):
    """States and user data survive in one file."""

    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        self.directory, self.durable = directory, durable
        self.persistence = PicklePersistence(directory / "conversations.pickle", on_flush=True)
        super().setup(directory, edge, durable=durable)

    async def after_update(self) -> None:
        await self.application.update_persistence()
        if self.persistence:
            await self.persistence.flush()

    def seed(self, chats: Iterable[int]) -> None:
        self.runner.run(self.write(chats))
        self.close()
        self.setup(self.directory, self.edge, durable=self.durable)

    async def write(self, chats: Iterable[int]) -> None:
        """Leave chats in the middle of the dialog, by the persistence's own interface."""
        if self.persistence is None:
            raise TypeError("nothing to write to")
        for chat_id in chats:
            await self.persistence.update_conversation(self.name, (chat_id, chat_id), NAME)
            await self.persistence.update_user_data(chat_id, {"consent": "yes", "kind": "asn"})
        await self.persistence.flush()
