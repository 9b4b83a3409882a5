"""`python -m models.migrations.new "what changes"`: draft the next migration from what the models became.

It compares a scratch database at the present head with the models, so nobody's data is touched. Read what it
writes, and add what has to happen to existing rows.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from models.keys import KeyRing
from models.migrations import configuration, upgrade
from models.sqlite import SQLite


def new(words: str) -> Path:
    """Write `versions/000N_words.py`; return its path."""
    ring, _ = KeyRing.generate()
    with tempfile.TemporaryDirectory() as folder:
        database = SQLite(Path(folder) / "scratch.db", ring)
        try:
            upgrade(database.engine)
            with database.engine.begin() as connection:
                config = configuration(connection)
                config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
                count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
                script = command.revision(config, words, autogenerate=True, rev_id=f"{count + 1:04d}")
        finally:
            database.close()
    assert script is not None  # noqa: S101 - one head, one script
    assert not isinstance(script, list)  # noqa: S101
    return Path(script.path)


if __name__ == "__main__":
    sys.stdout.write(f"{new(' '.join(sys.argv[1:]) or 'change')}\n")
