# The bot alone, without the tests' tools, from pinned and hashed packages. Build: docker build -t genting .
# It runs as a user of its own and writes to /data only.
FROM python:3.13-slim AS build
COPY requirements/run.txt /build/run.txt
RUN python -m venv /opt/genting \
 && /opt/genting/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/run.txt
COPY bot /opt/genting/app/bot
COPY handlers /opt/genting/app/handlers
COPY jobs /opt/genting/app/jobs
COPY models /opt/genting/app/models
RUN /opt/genting/bin/python -m compileall -q /opt/genting/app \
 && printf '#!/bin/sh\nexec /opt/genting/bin/python -m bot.cli "$@"\n' > /opt/genting/bin/genting \
 && chmod 755 /opt/genting/bin/genting

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home genting \
 && install -d -o genting -g genting -m 700 /data
COPY --from=build /opt/genting /opt/genting
COPY programme.toml /etc/genting/programme.toml
ENV PATH=/opt/genting/bin:$PATH \
    PYTHONPATH=/opt/genting/app \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp \
    DATABASE_URL=sqlite:////data/genting.db \
    GENTING_KEY_FILE=/data/genting.keys \
    GENTING_BACKUPS=/data/backups \
    GENTING_ERASED_FILE=/data/genting.erased \
    GENTING_PROGRAMME=/etc/genting/programme.toml
USER genting
WORKDIR /data
VOLUME /data
# Telegram is asked for updates by default: no port. With webhooks (WhatsApp's too): GENTING_HOST=0.0.0.0 and port 8000.
STOPSIGNAL SIGTERM
ENTRYPOINT ["genting"]
CMD ["run"]
