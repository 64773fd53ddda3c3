# The portal as an image: web, worker and beat run from it with the commands of docker-compose.yml.
FROM python:3.13.14-slim

# Pango is the only system library (PDF).
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/cauce

COPY requirements.lock ./
# Without the servers that bin/up brings along: compose runs its own.
RUN pip install --no-deps --require-hashes --only-binary :all: -r requirements.lock

COPY manage.py pyproject.toml ./
COPY config ./config
COPY portal ./portal
COPY billing ./billing
COPY claims ./claims
COPY memberships ./memberships
COPY templates ./templates
COPY static ./static

# /static holds the collected files, /data the encrypted ones: both are volumes that this user owns.
RUN useradd --system --uid 999 --no-create-home --shell /usr/sbin/nologin cauce \
    && mkdir -p /data /static static_build \
    && chown -R cauce:cauce /data /static static_build
USER cauce

EXPOSE 8000
CMD ["python", "manage.py", "check"]
