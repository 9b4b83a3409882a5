"""What Alembic runs: the steps, on the connection that `models.migrations` hands over, in its transaction.

There is no offline mode and no `alembic.ini`: the database is always the one that the program has open.
"""

from alembic import context

from models.migrations.rendering import plain_type
from models.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=plain_type,
    # SQLite undoes DDL as well as PostgreSQL does, once the driver leaves transactions alone.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
