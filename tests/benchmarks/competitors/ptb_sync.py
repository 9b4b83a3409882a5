"""ConversationHandler, one SQLModel row per step through a synchronous session."""

from pathlib import Path

from sqlalchemy import event
from sqlmodel import Session, SQLModel, create_engine, select

from tests.benchmarks.competitor import prepare
from tests.benchmarks.competitors.ptb import PTBConversation
from tests.benchmarks.competitors.tables import AnswerRow, RegistrationRow, as_registrations
from tests.benchmarks.edge import Edge
from tests.benchmarks.script import Registration


class PTBSync(PTBConversation):
    """States live in memory; rows are committed step by step."""

    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        self.engine = create_engine(f"sqlite:///{directory / 'ptb.db'}")
        event.listen(self.engine, "connect", lambda raw, _record: prepare(raw, durable=durable))
        SQLModel.metadata.create_all(self.engine)
        self.start_application(edge)

    async def save_answer(self, chat_id: int, question: str, answer: str) -> None:
        with Session(self.engine) as session:
            session.add(AnswerRow(chat_id=chat_id, question=question, answer=answer))
            session.commit()

    async def save_registration(self, registration: Registration) -> None:
        with Session(self.engine) as session:
            session.add(RegistrationRow(**registration._asdict()))
            session.commit()

    def rows(self) -> list[Registration]:
        with Session(self.engine) as session:
            return as_registrations(session.exec(select(RegistrationRow)))

    def close(self) -> None:
        super().close()
        self.engine.dispose()
