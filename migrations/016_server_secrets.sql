-- revision: d84c1e6b07a5
-- revises: 93d0b7f41c2a
-- message: secrets that the servers of one database share
-- created: 2026-11-22 15:55:00+00:00

-- upgrade postgresql
-- What the servers of this database share and nobody else knows, when no SECRET_KEY is configured.
create table server_secrets (
  name text not null
    constraint server_secrets_name_length check (length(name) between 1 and 100),
  value text not null
    constraint server_secrets_value_length check (length(value) between 32 and 500),
  constraint server_secrets_pkey primary key (name)
);

-- upgrade sqlite
-- What the servers of this database share and nobody else knows, when no SECRET_KEY is configured.
create table server_secrets (
  name text not null
    constraint server_secrets_name_length check (length(name) between 1 and 100),
  value text not null
    constraint server_secrets_value_length check (length(value) between 32 and 500),
  constraint server_secrets_pkey primary key (name)
) strict;

-- downgrade
drop table server_secrets;
