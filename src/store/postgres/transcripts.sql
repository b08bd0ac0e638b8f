-- Transcripts and the edits of people: see transcript_store.h.

-- name: find_transcript_version
select coalesce(max(version), 1) as version from transcript_edits where job_id = $1;

-- name: replace_transcript
update jobs set transcript = $2, text = $3, search_text = $4, updated_at = $5
 where id = $1 and status = 'completed';

-- name: insert_transcript_edit
insert into transcript_edits (id, job_id, version, kind, restored_version, editor, created_at, changes)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: list_transcript_edits
select id, version, kind, restored_version, editor, created_at, changes
  from transcript_edits where job_id = $1 and version > $2 order by version desc limit $3;
