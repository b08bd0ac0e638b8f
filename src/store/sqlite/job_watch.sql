-- What somebody who waits for jobs asks again and again.

-- name: watch_jobs
select j.id, j.status, j.error_code, j.error_message,
       coalesce((select max(t.progress) from tasks as t where t.job_id = j.id), j.progress) as progress
  from json_each($1) as wanted join jobs as j on j.id = wanted.value;

-- name: watch_checkpoints
select t.job_id, c.position, c.data
  from json_each($1) as wanted
  join tasks as t on t.job_id = wanted.value ->> 'id'
  join task_checkpoints as c on c.task_id = t.id and c.position >= wanted.value ->> 'position'
 order by t.job_id, c.position;
