"""The floor: the writes and sends of this bot by hand, no library but `sqlite3` and `json`.

What a bot must write to be right after a kill, with nothing around it: the update's number (so that it counts
once), the state, the reply, and the row at the end, in one transaction; then the reply's mark.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.benchmarks.competitor import Competitor, in_batches, prepare
from tests.benchmarks.edge import Edge
from tests.benchmarks.script import (
    ASK_CONFIRM,
    ASK_CONSENT,
    ASK_KIND,
    ASK_NAME,
    ASK_NIP,
    ASK_ORGANISATION,
    DONE,
    Prompt,
    Registration,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (update_id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS state (chat_id INTEGER PRIMARY KEY, pending TEXT NOT NULL, answers TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, method TEXT NOT NULL, request TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (id) WHERE sent = 0;
CREATE TABLE IF NOT EXISTS registration (
    id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    nip TEXT NOT NULL, organisation TEXT NOT NULL
);
"""

NEXT = {
    "consent": ("kind", ASK_KIND),
    "kind": ("name", ASK_NAME),
    "name": ("nip", ASK_NIP),
    "nip": ("organisation", ASK_ORGANISATION),
    "organisation": ("confirm", ASK_CONFIRM),
}
BUTTONS = {"consent", "kind", "organisation", "confirm"}


class RawSQLite(Competitor):
    """One transaction per update."""

    per_commit = 1
    """So many updates share a commit."""

    marks = 16
    """So many sends are marked by one commit."""

    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        self.edge = edge
        self.db = sqlite3.connect(directory / "raw.db", isolation_level=None)
        prepare(self.db, durable=durable)
        self.db.executescript(SCHEMA)
        self.deliver()

    def run(self, updates: list[bytes]) -> None:
        for start in range(0, len(updates), self.marks):
            group = updates[start : start + self.marks]
            for first in range(0, len(group), self.per_commit):
                self.db.execute("BEGIN IMMEDIATE")
                for raw in group[first : first + self.per_commit]:
                    self.handle(json.loads(raw))
                self.db.execute("COMMIT")
            self.deliver()

    def handle(self, update: dict[str, Any]) -> None:
        """Write all that an update brings about, in the transaction that is open."""
        if not self.db.execute(
            "INSERT INTO inbox VALUES (?) ON CONFLICT DO NOTHING", (update["update_id"],)
        ).rowcount:
            return
        tap = update.get("callback_query")
        if tap:
            self.queue("answerCallbackQuery", {"callback_query_id": tap["id"]})
        message = tap["message"] if tap else update["message"]
        chat_id = message["chat"]["id"]
        prompt = self.advance(chat_id, tap["data"] if tap else message["text"], tapped=bool(tap))
        if prompt:
            keyboard = [[{"text": label, "callback_data": data}] for label, data in prompt.buttons]
            markup = {"inline_keyboard": keyboard} if keyboard else None
            self.queue("sendMessage", {"chat_id": chat_id, "text": prompt.text, "reply_markup": markup})

    def advance(self, chat_id: int, said: str, *, tapped: bool) -> Prompt | None:
        """Take an answer; return what to say, nothing when it was no answer to what was asked."""
        if said == "/daftar":
            return self.keep(chat_id, "consent", {}, ASK_CONSENT)
        row = self.db.execute("SELECT pending, answers FROM state WHERE chat_id = ?", (chat_id,)).fetchone()
        if not row or tapped != (row[0] in BUTTONS):
            return None
        pending, answers = row[0], json.loads(row[1])
        key, _, choice = said.partition(":")
        if (tapped and key != pending) or (pending == "nip" and not (said.isdigit() and len(said) == 18)):
            return None
        answers[pending] = choice if tapped else said
        if pending != "confirm":
            return self.keep(chat_id, NEXT[pending][0], answers, NEXT[pending][1])
        self.db.execute(
            "INSERT INTO registration (chat_id, kind, name, nip, organisation) VALUES (?, ?, ?, ?, ?)",
            (chat_id, answers["kind"], answers["name"], answers["nip"], answers["organisation"]),
        )
        self.db.execute("DELETE FROM state WHERE chat_id = ?", (chat_id,))
        return DONE

    def keep(self, chat_id: int, pending: str, answers: dict[str, str], prompt: Prompt) -> Prompt:
        """Store the state of a chat."""
        self.db.execute(
            "INSERT INTO state VALUES (?, ?, ?) ON CONFLICT (chat_id)"
            " DO UPDATE SET pending = excluded.pending, answers = excluded.answers",
            (chat_id, pending, json.dumps(answers)),
        )
        return prompt

    def queue(self, method: str, request: dict[str, Any]) -> None:
        """Put a request into the outbox."""
        self.db.execute("INSERT INTO outbox (method, request) VALUES (?, ?)", (method, json.dumps(request)))

    def deliver(self) -> None:
        """Send what waits in the outbox; mark it."""
        waiting = self.db.execute(
            "SELECT id, method, request FROM outbox WHERE sent = 0 ORDER BY id"
        ).fetchall()
        for _, method, request in waiting:
            json.loads(self.call(method, json.loads(request)))
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("UPDATE outbox SET sent = 1 WHERE id = ?", ((row[0],) for row in waiting))
        self.db.execute("COMMIT")

    def call(self, method: str, request: dict[str, Any]) -> bytes:
        """Hand a request to the network."""
        if method == "sendMessage":
            return self.edge.send_message(request["chat_id"], request["text"], request["reply_markup"])
        return self.edge.answer_anything_else(method)

    def rows(self) -> list[Registration]:
        found = self.db.execute("SELECT chat_id, kind, name, nip, organisation FROM registration")
        return [Registration(*row) for row in found]

    def close(self) -> None:
        self.db.close()

    def seed(self, chats: Iterable[int]) -> None:
        for batch in in_batches(chats, 1_000):
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany(
                "INSERT INTO state VALUES (?, 'name', ?)",
                ((chat_id, json.dumps({"consent": "yes", "kind": "asn"})) for chat_id in batch),
            )
            self.db.execute("COMMIT")


class RawSQLiteBatched(RawSQLite):
    """The same with sixteen waiting updates per commit: the ceiling."""

    per_commit = 16
