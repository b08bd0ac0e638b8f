-- Webhooks and their outbox.

-- name: insert_webhook
insert into webhooks (id, name, url, secret, events, api_key_id, created_by, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8);

-- name: find_webhook
select id, name, url, secret, events, api_key_id, created_by, is_active, failure_count,
       last_success_at, disabled_at, disabled_reason, created_at, updated_at
  from webhooks where id = $1;

-- name: lock_webhook
select id, name, url, secret, events, api_key_id, created_by, is_active, failure_count,
       last_success_at, disabled_at, disabled_reason, created_at, updated_at
  from webhooks where id = $1;

-- name: list_webhooks
-- $1 owner or null, $2 how many at most.
select id, name, url, secret, events, api_key_id, created_by, is_active, failure_count,
       last_success_at, disabled_at, disabled_reason, created_at, updated_at
  from webhooks where ($1 is null or created_by = $1)
 order by created_at desc, id desc limit $2;

-- name: list_webhooks_of
-- The active ones that are told of records of this owner.
select id, name, url, secret, events, api_key_id, created_by, is_active, failure_count,
       last_success_at, disabled_at, disabled_reason, created_at, updated_at
  from webhooks where is_active and (created_by is null or created_by = $1);

-- name: update_webhook
update webhooks set name = $2, url = $3, secret = $4, events = $5, is_active = $6,
       failure_count = $7, last_success_at = $8, disabled_at = $9, disabled_reason = $10,
       updated_at = $11
 where id = $1;

-- name: delete_webhook
delete from webhooks where id = $1;

-- name: insert_delivery
insert into webhook_deliveries (id, webhook_id, event_id, event_type, next_attempt_at, job_id,
                                request_id, created_at, payload)
values ($1, $2, $3, $4, $5, $6, $7, $5, $8)
on conflict (webhook_id, event_id) do nothing;

-- name: find_delivery
select id, webhook_id, event_id, event_type, status, attempt_count, next_attempt_at,
       response_status, error, job_id, request_id, created_at, delivered_at, payload
  from webhook_deliveries where id = $1;

-- name: list_deliveries
-- $1 webhook, $2 status or null, $3 id of the last one before or null, $4 how many at most.
select d.id, d.webhook_id, d.event_id, d.event_type, d.status, d.attempt_count, d.next_attempt_at,
       d.response_status, d.error, d.job_id, d.request_id, d.created_at, d.delivered_at,
       '' as payload
  from webhook_deliveries as d
 where d.webhook_id = $1 and ($2 is null or d.status = $2)
   and ($3 is null or (d.created_at, d.id) < (
         select l.created_at, l.id from webhook_deliveries as l where l.id = $3))
 order by d.created_at desc, d.id desc limit $4;

-- name: record_attempt
-- The number of the attempt fits only once. $1 id, $2 attempt, $3 status, $4 next, $5 response,
-- $6 error, $7 now.
update webhook_deliveries set attempt_count = $2, status = $3, next_attempt_at = $4,
       response_status = coalesce($5, response_status), error = $6,
       delivered_at = case when $3 = 'delivered' then $7 end
 where id = $1 and status = 'pending' and attempt_count = $2 - 1;

-- name: replay_delivery
update webhook_deliveries set status = 'pending', attempt_count = 0, next_attempt_at = $2,
       delivered_at = null, error = null
 where id = $1 and status <> 'pending';

-- name: list_overdue_deliveries
select id, webhook_id, event_id, event_type, status, attempt_count, next_attempt_at,
       response_status, error, job_id, request_id, created_at, delivered_at, '' as payload
  from webhook_deliveries where status = 'pending' and next_attempt_at < $1
 order by next_attempt_at limit $2;

-- name: prune_deliveries
delete from webhook_deliveries
 where id in (select id from webhook_deliveries where status in ('delivered', 'failed')
                 and created_at < $1
               order by created_at limit $2);

-- name: find_request_of_job
select request_id from tasks where job_id = $1 and request_id is not null
union all
select request_id from task_history where job_id = $1 and request_id is not null
 limit 1;
