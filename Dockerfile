# 回执 (Huizhi). Two stages: the first makes the virtual environment, the second holds it, without pip.
# Behind a mirror: docker compose build --build-arg PIP_INDEX_URL=… ; the hashes hold all the same.
ARG BASE_IMAGE=python:3.12-slim

FROM ${BASE_IMAGE} AS packages
ARG PIP_INDEX_URL
COPY requirements.txt /tmp/requirements.txt
# Without pip inside, the environment is less than half as large.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps -r /tmp/requirements.txt

FROM ${BASE_IMAGE}
# libmagic names what a file really is, bsdtar opens .rar, antiword reads .doc; tzdata knows Asia/Shanghai.
RUN apt-get update \
    && apt-get install -y --no-install-recommends antiword libarchive-tools libmagic1 tzdata \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 huizhi \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /office --shell /usr/sbin/nologin huizhi

COPY --from=packages /venv /venv
# The program and the office's papers belong to root: the daemon writes to state/ and 交换/ only.
COPY service /app/service
COPY config /office/config
COPY mailbox_rules /office/mailbox_rules
COPY templates /office/templates

ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HUIZHI_OFFICE=/office \
    TZ=Asia/Shanghai \
    LANG=C.UTF-8

# Compiled here, since nothing can be written at run time. -P: what lies in the current folder is never code.
RUN python -m compileall -q /app/service \
    && printf '#!/bin/sh\nexec python -P -m service --office /office "$@"\n' >/usr/local/bin/huizhi \
    && chmod 0755 /usr/local/bin/huizhi \
    && install -d -o huizhi -g huizhi -m 0750 /office/state /office/交换

WORKDIR /app
USER 10001:10001
VOLUME ["/office/state"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["huizhi", "health"]
ENTRYPOINT ["huizhi"]
CMD ["run"]
