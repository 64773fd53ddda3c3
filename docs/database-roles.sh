#!/bin/sh
# Makes the two roles and the database on a new PostgreSQL (docker-compose.yml mounts it; by hand: run it as the superuser).
# cauce_owner migrates; cauce_app is the application and may change no table.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" --username "${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE cauce_owner LOGIN CREATEDB PASSWORD :'owner';
CREATE ROLE cauce_app LOGIN PASSWORD :'app';
GRANT cauce_app TO cauce_owner;
CREATE DATABASE cauce OWNER cauce_owner;
SQL
