"""ConversationHandler, one SQLModel row per step through AsyncSession and aiosqlite."""

from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.competitor import prepare
from tests.benchmarks.competitors.ptb import PTBConversation
from tests.benchmarks.competitors.tables import AnswerRow, RegistrationRow, as_registrations
from tests.benchmarks.edge import Edge
from tests.benchmarks.script import Registration


class PTBAsync(PTBConversation):
    """States live in memory; rows are committed step by step."""

    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        self.start_application(edge)
        self.engine = create_async_engine(f"sqlite+aiosqlite:///{directory / 'ptb.db'}")
        event.listen(self.engine.sync_engine, "connect", lambda raw, _record: prepare(raw, durable=durable))
        self.runner.run(self.create_tables())

    async def create_tables(self) -> None:
        """Make the tables that are not there yet."""
        async with self.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)

    async def save_answer(self, chat_id: int, question: str, answer: str) -> None:
        async with AsyncSession(self.engine) as session:
            session.add(AnswerRow(chat_id=chat_id, question=question, answer=answer))
            await session.commit()

    async def save_registration(self, registration: Registration) -> None:
        async with AsyncSession(self.engine) as session:
            session.add(RegistrationRow(**registration._asdict()))
            await session.commit()

    def rows(self) -> list[Registration]:
        return self.runner.run(self.read())

    async def read(self) -> list[Registration]:
        """Read the registrations."""
        async with AsyncSession(self.engine) as session:
            return as_registrations(await session.exec(select(RegistrationRow)))

    def close(self) -> None:
        self.runner.run(self.engine.dispose())
        super().close()
