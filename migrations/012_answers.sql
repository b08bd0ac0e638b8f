-- revision: 5b1e9f04c7d3
-- revises: b3d5f0717c42
-- message: the address of what was made, in kept answers
-- created: 2026-11-22 00:45:00+00:00

-- upgrade
alter table idempotency_keys add column response_location text
  constraint idempotency_keys_response_location_length
    check (length(response_location) between 1 and 1000);

-- downgrade
alter table idempotency_keys drop column response_location;
