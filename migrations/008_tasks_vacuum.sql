-- revision: 4e8b61d9a3c7
-- revises: c7a0d94e21b8
-- message: the table of tasks is vacuumed without locking claims out
-- created: 2026-11-22 00:35:00+00:00

-- upgrade postgresql
-- Cutting empty pages off the end of the file takes an exclusive lock, for which every claim waits;
-- the pages are needed again a moment later.
alter table tasks set (vacuum_truncate = false, autovacuum_vacuum_cost_delay = 0);

-- upgrade sqlite
-- Nothing to do: SQLite has no vacuum of this kind.

-- downgrade postgresql
alter table tasks reset (vacuum_truncate, autovacuum_vacuum_cost_delay);

-- downgrade sqlite
-- Nothing to undo.
