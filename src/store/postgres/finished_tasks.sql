-- What has ended, for figures.

-- name: list_finished_tasks
select id, kind, queue, state, attempt, run_at, claimed_at, finished_at
  from task_history
 where finished_at >= cast($1 as timestamptz) and (finished_at, id) > (cast($1 as timestamptz), cast($2 as uuid))
 order by finished_at, id limit $3;

-- name: list_latest_finished_tasks
-- $1 since, $2 how many at most; the newest first.
select id, kind, queue, state, attempt, run_at, claimed_at, finished_at
  from task_history where finished_at >= cast($1 as timestamptz) order by finished_at desc limit $2;
