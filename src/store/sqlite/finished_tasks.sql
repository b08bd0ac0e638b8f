-- What has ended, for figures.

-- name: list_finished_tasks
select id, kind, queue, state, attempt, run_at, claimed_at, finished_at
  from task_history
 where finished_at >= $1 and (finished_at, id) > ($1, $2)
 order by finished_at, id limit $3;

-- name: list_latest_finished_tasks
-- $1 since, $2 how many at most; the newest first.
select id, kind, queue, state, attempt, run_at, claimed_at, finished_at
  from task_history where finished_at >= $1 order by finished_at desc limit $2;
