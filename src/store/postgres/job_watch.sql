-- What somebody who waits for jobs asks again and again.

-- name: watch_jobs
select j.id, j.status, j.error_code, j.error_message,
       coalesce((select max(t.progress) from tasks as t where t.job_id = j.id), j.progress) as progress
  from jsonb_array_elements_text(cast($1 as jsonb)) as wanted (id)
  join jobs as j on j.id = cast(wanted.id as uuid);

-- name: watch_checkpoints
select t.job_id, c.position, c.data
  from jsonb_array_elements(cast($1 as jsonb)) as wanted (item)
  join tasks as t on t.job_id = cast(wanted.item ->> 'id' as uuid)
  join task_checkpoints as c
    on c.task_id = t.id and c.position >= cast(wanted.item ->> 'position' as integer)
 order by t.job_id, c.position;
