-- revision: 7d20b94ce3a8
-- revises: 91d7b3f05e6a
-- message: edits of transcripts, evidence of terms, owners of converted sounds
-- created: 2026-11-21 20:30:00+00:00

-- upgrade postgresql
-- Every change that somebody made to a transcript. Its first version is what the machine wrote; each
-- row leads to the next one. Segments stand in `changes` as they were and as they became.
create table transcript_edits (
  id uuid constraint transcript_edits_pkey primary key,
  job_id uuid not null
    constraint transcript_edits_job_id_fkey references jobs (id) on delete cascade,
  version integer not null constraint transcript_edits_version_range check (version >= 2),
  kind text not null default 'edit'
    constraint transcript_edits_kind_known check (kind in ('edit', 'undo')),
  restored_version integer
    constraint transcript_edits_restored_version_range check (restored_version >= 1),
  editor text constraint transcript_edits_editor_length check (length(editor) between 1 and 200),
  created_at timestamptz(3) not null default now(),
  changes jsonb not null default '[]'
    constraint transcript_edits_changes_json check (jsonb_typeof(changes) = 'array'),
  constraint transcript_edits_undo_names_version
    check ((kind = 'undo') = (restored_version is not null))
);
create unique index transcript_edits_job_id_version on transcript_edits (job_id, version);

-- What reviewers corrected and may be terms: one row for each recording, term and what was heard
-- in its place.
create table lexicon_evidence (
  id uuid constraint lexicon_evidence_pkey primary key,
  job_id uuid not null
    constraint lexicon_evidence_job_id_fkey references jobs (id) on delete cascade,
  normalized_term text not null
    constraint lexicon_evidence_normalized_term_length
      check (length(normalized_term) between 1 and 200),
  language text not null default ''
    constraint lexicon_evidence_language_length check (length(language) <= 16),
  term text not null constraint lexicon_evidence_term_length check (length(term) between 1 and 200),
  heard text not null
    constraint lexicon_evidence_heard_length check (length(heard) between 1 and 200),
  occurrence_count integer not null default 1
    constraint lexicon_evidence_occurrence_count_range check (occurrence_count >= 1),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index lexicon_evidence_job_id_term
  on lexicon_evidence (job_id, normalized_term, language, heard);
create index lexicon_evidence_normalized_term_language
  on lexicon_evidence (normalized_term, language);

-- upgrade sqlite
-- Every change that somebody made to a transcript. Its first version is what the machine wrote; each
-- row leads to the next one. Segments stand in `changes` as they were and as they became.
create table transcript_edits (
  id text not null constraint transcript_edits_pkey primary key,
  job_id text not null
    constraint transcript_edits_job_id_fkey references jobs (id) on delete cascade,
  version integer not null constraint transcript_edits_version_range check (version >= 2),
  kind text not null default 'edit'
    constraint transcript_edits_kind_known check (kind in ('edit', 'undo')),
  restored_version integer
    constraint transcript_edits_restored_version_range check (restored_version >= 1),
  editor text constraint transcript_edits_editor_length check (length(editor) between 1 and 200),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  changes text not null default '[]'
    constraint transcript_edits_changes_json
      check (json_valid(changes) and json_type(changes) = 'array'),
  constraint transcript_edits_undo_names_version
    check ((kind = 'undo') = (restored_version is not null)),
  constraint transcript_edits_ids
    check (id glob '????????-????-????-????-????????????' and
      job_id glob '????????-????-????-????-????????????'),
  constraint transcript_edits_times check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;
create unique index transcript_edits_job_id_version on transcript_edits (job_id, version);

-- What reviewers corrected and may be terms: one row for each recording, term and what was heard
-- in its place.
create table lexicon_evidence (
  id text not null constraint lexicon_evidence_pkey primary key,
  job_id text not null
    constraint lexicon_evidence_job_id_fkey references jobs (id) on delete cascade,
  normalized_term text not null
    constraint lexicon_evidence_normalized_term_length
      check (length(normalized_term) between 1 and 200),
  language text not null default ''
    constraint lexicon_evidence_language_length check (length(language) <= 16),
  term text not null constraint lexicon_evidence_term_length check (length(term) between 1 and 200),
  heard text not null
    constraint lexicon_evidence_heard_length check (length(heard) between 1 and 200),
  occurrence_count integer not null default 1
    constraint lexicon_evidence_occurrence_count_range check (occurrence_count >= 1),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  constraint lexicon_evidence_ids
    check (id glob '????????-????-????-????-????????????' and
      job_id glob '????????-????-????-????-????????????'),
  constraint lexicon_evidence_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;
create unique index lexicon_evidence_job_id_term
  on lexicon_evidence (job_id, normalized_term, language, heard);
create index lexicon_evidence_normalized_term_language
  on lexicon_evidence (normalized_term, language);

-- upgrade
alter table converted_sounds add column submitted_by text
    constraint converted_sounds_submitted_by_length check (length(submitted_by) between 1 and 200);
-- Every row has a null here, which is read in a moment; all or nothing is worth more.
-- katip: allow index-without-concurrently
create index converted_sounds_submitted_by on converted_sounds (submitted_by);

-- downgrade
drop index converted_sounds_submitted_by;
alter table converted_sounds drop column submitted_by;
drop table lexicon_evidence;
drop table transcript_edits;
