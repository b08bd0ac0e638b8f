-- Names and terms: see lexicon_store.h. Pieces are put behind select_terms.

-- name: insert_term
insert into lexicon_terms (id, term, normalized_term, category, language, frequency, weight, alternatives,
                           source, status, is_active, created_by, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
on conflict (normalized_term, language) do nothing;

-- name: update_term
update lexicon_terms set term = $2, normalized_term = $3, category = $4, language = $5, weight = $6,
                         alternatives = $7, status = $8, is_active = $9, updated_at = $10
 where id = $1;

-- name: delete_term
delete from lexicon_terms where id = $1;

-- name: set_term_status
update lexicon_terms set status = $2, is_active = $3, updated_at = $4
 where id = $1 and status = $5;

-- name: set_term_frequency
update lexicon_terms set frequency = $3, updated_at = $4
 where normalized_term = $1 and language = $2 and frequency < $3;

-- name: select_terms
select t.id, t.term, t.normalized_term, t.category, t.language, t.frequency, t.weight, t.alternatives,
       t.source, t.status, t.is_active, t.created_by, t.created_at, t.updated_at
  from lexicon_terms as t where true

-- name: terms_with_id
and t.id = $?

-- name: terms_with_normalized_term
and t.normalized_term = $?

-- name: terms_with_language
and t.language = $?

-- name: terms_of_language
and t.language in ($?, '')

-- name: terms_with_category
and t.category = $?

-- name: terms_with_source
and t.source = $?

-- name: terms_with_status
and t.status = $?

-- name: terms_that_are_active
and t.is_active = cast($? as boolean)

-- name: terms_with_part
and strpos(t.normalized_term, $?) > 0

-- name: terms_after
and (t.created_at, t.id) < (cast($? as timestamptz), cast($? as uuid))

-- name: terms_in_order
order by t.created_at desc, t.id desc limit $?

-- name: terms_by_use
order by t.weight desc, t.frequency desc, t.normalized_term, t.id limit $?

-- name: save_evidence
insert into lexicon_evidence (id, job_id, normalized_term, language, term, heard, occurrence_count,
                              created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
on conflict (job_id, normalized_term, language, heard) do update
   set occurrence_count = greatest(lexicon_evidence.occurrence_count, excluded.occurrence_count),
       updated_at = excluded.updated_at;

-- name: count_evidence
select cast(coalesce(sum(occurrence_count), 0) as bigint) as occurrence_count from lexicon_evidence
 where normalized_term = $1 and language = $2 and updated_at >= $3;

-- name: list_evidence
select e.job_id, j.job_id as public_job_id, j.submitted_by, e.term, e.heard, e.occurrence_count,
       e.updated_at
  from lexicon_evidence as e join jobs as j on j.id = e.job_id
 where e.normalized_term = $1 and e.language = $2 order by e.updated_at desc, e.id desc limit $3;

-- name: delete_old_evidence
delete from lexicon_evidence where updated_at < $1;
