# Builder and runtime share one base, so that the environment's interpreter is at the same path.
ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
# A worker's alone; requirements-modelling.txt adds what fit, fit-churn, backtest, features and
# backfill need, requirements-serve.txt what serve needs: --build-arg REQUIREMENTS=requirements-modelling.txt
ARG REQUIREMENTS=requirements.txt
ENV PIP_NO_CACHE_DIR=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY tools/requirements-uv.txt tools/
RUN pip install --require-hashes -r tools/requirements-uv.txt
# The requirements change seldom, the project often: two layers.
COPY ${REQUIREMENTS} ./
RUN uv venv /opt/ebbwatch \
    && VIRTUAL_ENV=/opt/ebbwatch uv pip sync --require-hashes ${REQUIREMENTS}
COPY requirements-dev.txt pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY scoring scoring
COPY streams streams
COPY modelling modelling
COPY ebbwatch ebbwatch
RUN uv build --wheel --build-constraint requirements-dev.txt --require-hashes \
    && VIRTUAL_ENV=/opt/ebbwatch uv pip install --no-deps dist/*.whl

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent ebbwatch
COPY --from=builder /opt/ebbwatch /opt/ebbwatch
ENV PATH=/opt/ebbwatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 9644
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('EBBWATCH_METRICS_PORT', '9644') + '/livez', timeout=8)"]
ENTRYPOINT ["ebbwatch"]
CMD ["worker"]
