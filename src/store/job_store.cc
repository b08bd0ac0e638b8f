#include "store/job_store.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <boost/json.hpp>

#include "base/utf8.h"
#include "base/uuid.h"
#include "store/pieces/select.h"
#include "store/queries.h"
#include "store/row_fields.h"
#include "store/search/folded_words.h"
#include "store/search/search_query.h"

/// The statements are in sqlite/jobs.sql and postgres/jobs.sql.
///
/// Tested by conformance/jobs_test.cc on both databases.
namespace katip::store {
namespace {

constexpr std::size_t kErrorCodeSizeMax = 64;
constexpr std::size_t kErrorMessageSizeMax = 4'000;
constexpr std::array<std::string_view, 5> kStatusNames = {"queued", "processing", "completed",
                                                          "failed", "cancelled"};

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

Value optional_time(const std::optional<Timestamp>& time) {
  return time ? Value(to_text(*time)) : Value();
}

/// What of a job is searched.
std::string job_search_text(const std::optional<std::string>& source_name, std::string_view text) {
  return search_text(source_name.value_or("") + "\n" + std::string(text));
}

/// At most `size` bytes, cut between characters.
std::string cut(std::string_view text, std::size_t size) {
  return std::string(text.substr(0, cut_size(text, size)));
}

/// Whether a statement that names one row changed it. An id that is none names no row; PostgreSQL
/// would call it an error.
Result<bool> change_one(Connection& sql, std::string_view statement, std::string_view id,
                        std::initializer_list<Value> parameters) {
  if (!is_uuid(id)) return false;
  return KATIP_TRY(sql.query(query(sql, statement), parameters)).affected_count() > 0;
}

Status read_texts(const Row& row, JobRecord& job) {
  using Text = std::optional<std::string>;
  const std::pair<const char*, Text JobRecord::*> columns[] = {
      {"api_key_id", &JobRecord::api_key_id},
      {"submitted_by", &JobRecord::submitted_by},
      {"language", &JobRecord::language},
      {"detected_language", &JobRecord::detected_language},
      {"model_name", &JobRecord::model_name},
      {"engine", &JobRecord::engine},
      {"source_name", &JobRecord::source_name},
      {"source_url", &JobRecord::source_url},
      {"media_key", &JobRecord::media_key},
      {"media_type", &JobRecord::media_type},
      {"media_sha256", &JobRecord::media_sha256},
      {"error_code", &JobRecord::error_code},
      {"error_message", &JobRecord::error_message}};
  for (const auto& [column, member] : columns) job.*member = KATIP_TRY(row.get<Text>(column));
  return {};
}

Status read_numbers(const Row& row, JobRecord& job) {
  using Number = std::optional<double>;
  const std::pair<const char*, Number JobRecord::*> columns[] = {
      {"audio_duration_s", &JobRecord::audio_duration_s},
      {"processing_s", &JobRecord::processing_s},
      {"queue_wait_s", &JobRecord::queue_wait_s},
      {"realtime_factor", &JobRecord::realtime_factor},
      {"confidence", &JobRecord::confidence}};
  for (const auto& [column, member] : columns) job.*member = KATIP_TRY(row.get<Number>(column));
  job.priority = static_cast<int>(KATIP_TRY(row.get<std::int64_t>("priority")));
  job.progress = KATIP_TRY(row.get<double>("progress"));
  job.sample_rate = KATIP_TRY(optional_int_of(row, "sample_rate"));
  job.channels = KATIP_TRY(optional_int_of(row, "channels"));
  job.file_size = KATIP_TRY(row.get<std::optional<std::int64_t>>("file_size"));
  return {};
}

Status read_tags(const Row& row, JobRecord& job) {
  boost::system::error_code error;
  const auto tags = boost::json::parse(KATIP_TRY(row.get<std::string>("tags")), error);
  if (error || !tags.is_array()) {
    return fail(ErrorCode::kCorruptData, "the tags of job " + job.id + " cannot be read");
  }
  for (const auto& tag : tags.get_array()) job.tags.emplace_back(tag.as_string());
  return {};
}

Result<JobRecord> to_record(const Row& row) {
  JobRecord job;
  job.id = KATIP_TRY(row.get<std::string>("id"));
  job.job_id = KATIP_TRY(row.get<std::string>("job_id"));
  const auto status = parse_job_status(KATIP_TRY(row.get<std::string>("status")));
  if (!status) return fail(ErrorCode::kCorruptData, "job " + job.id + " has an unknown status");
  job.status = *status;
  job.kind = KATIP_TRY(row.get<std::string>("kind"));
  job.options = KATIP_TRY(row.get<std::string>("options"));
  KATIP_TRY(read_texts(row, job));
  KATIP_TRY(read_numbers(row, job));
  KATIP_TRY(read_tags(row, job));
  job.created_at = KATIP_TRY(time_of(row, "created_at"));
  job.updated_at = KATIP_TRY(time_of(row, "updated_at"));
  job.started_at = KATIP_TRY(optional_time_of(row, "started_at"));
  job.completed_at = KATIP_TRY(optional_time_of(row, "completed_at"));
  job.expires_at = KATIP_TRY(optional_time_of(row, "expires_at"));
  return job;
}

Result<std::vector<JobRecord>> run(Select& select) {
  const Rows rows = KATIP_TRY(select.run());
  std::vector<JobRecord> jobs;
  jobs.reserve(rows.size());
  for (const Row row : rows) jobs.push_back(KATIP_TRY(to_record(row)));
  return jobs;
}

Result<std::optional<JobRecord>> find_one(Select& select) {
  std::vector<JobRecord> jobs = KATIP_TRY(run(select));
  return jobs.empty() ? std::optional<JobRecord>() : std::optional(std::move(jobs.front()));
}

void add_statuses(Select& select, const std::vector<JobStatus>& statuses) {
  if (statuses.size() == 1) {
    select.add("jobs_with_status", {name(statuses.front())});
  } else if (!statuses.empty()) {
    boost::json::array names;
    for (const JobStatus status : statuses) names.emplace_back(name(status));
    const bool is_under_way = std::ranges::all_of(statuses, [](JobStatus status) {
      return status == JobStatus::kQueued || status == JobStatus::kProcessing;
    });
    select.add(is_under_way ? "jobs_under_way" : "jobs_with_statuses",
               {boost::json::serialize(names)});
  }
}

/// `lately`: of the newest jobs with the words only, up to this number.
Status add_filter(Select& select, const JobFilter& filter, std::optional<std::int64_t> lately) {
  if (filter.api_key_id && !is_uuid(*filter.api_key_id)) {
    return fail(ErrorCode::kInvalidArgument, "the id of an API key is a uuid");
  }
  add_statuses(select, filter.statuses);
  select.add_if("jobs_with_kind", filter.kind);
  select.add_if("jobs_with_language", filter.language);
  select.add_if("jobs_with_model_name", filter.model_name);
  select.add_if("jobs_with_api_key", filter.api_key_id);
  select.add_if("jobs_with_submitter", filter.submitted_by);
  if (filter.created_from) select.add("jobs_created_from", {to_text(*filter.created_from)});
  if (filter.created_before) select.add("jobs_created_before", {to_text(*filter.created_before)});
  if (!lately) return select.add_search("jobs_with_words", filter.search);
  const SearchQuery words = KATIP_TRY(SearchQuery::parse(*filter.search));
  select.add("jobs_with_words_lately", {words.fts5(), *lately});
  return {};
}

/// The number up to which jobs are searched first; nothing: they are searched as a whole.
Result<std::optional<std::int64_t>> latest_number(Connection& sql, const JobFilter& filter,
                                                  const std::optional<PageCursor>& after,
                                                  JobOrder order) {
  // PostgreSQL's planner has figures for words, and walks by time where they are of every day.
  const bool can = sql.dialect() == Dialect::kSqlite && order == JobOrder::kNewestFirst;
  if (!can || !filter.search) return std::optional<std::int64_t>();
  if (!after) return std::optional(std::numeric_limits<std::int64_t>::max());
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_job_number"), {after->id}));
  if (rows.empty()) return std::optional<std::int64_t>();
  // Clocks of several servers differ: somebody who came a little later may bear an earlier time.
  constexpr std::int64_t kSlack = 1'000;
  return std::optional(KATIP_TRY(rows[0].get<std::int64_t>("search_id")) + kSlack);
}

/// Whether older jobs may have the words too.
Result<bool> has_older(Connection& sql, const JobFilter& filter, std::int64_t lately) {
  constexpr std::int64_t kLookedAt = 10'000;  // As jobs_with_words_lately says.
  const SearchQuery words = KATIP_TRY(SearchQuery::parse(*filter.search));
  const Rows rows =
      KATIP_TRY(sql.query(query(sql, "count_jobs_with_words_lately"), {words.fts5(), lately}));
  return KATIP_TRY(rows[0].get<std::int64_t>("job_count")) >= kLookedAt;
}

/// Of a rare tag its jobs are looked up and put in order; of a common one the newest jobs are
/// looked through until enough have it. Either way for the other kind takes half a second of a
/// million.
Result<std::string_view> tag_piece(Connection& sql, const std::string& tag) {
  constexpr std::int64_t kCommonFrom = 20'000;
  const Rows rows = KATIP_TRY(sql.query(query(sql, "count_tag_uses"), {tag, kCommonFrom}));
  const bool is_common = KATIP_TRY(rows[0].get<std::int64_t>("use_count")) >= kCommonFrom;
  return is_common ? "jobs_with_common_tag" : "jobs_with_tag";
}

struct PageRequest {
  std::optional<PageCursor> after;
  int count_max = 0;
  JobOrder order = JobOrder::kNewestFirst;
  std::optional<std::int64_t> lately = {};
};

Result<JobPage> read_page(Connection& sql, const JobFilter& filter, const PageRequest& wanted) {
  const bool is_upwards = wanted.order == JobOrder::kOldestFirst;
  Select select(sql, "select_jobs");
  KATIP_TRY(add_filter(select, filter, wanted.lately));
  if (filter.tag) {
    const std::string_view piece = KATIP_TRY(tag_piece(sql, *filter.tag));
    select.add(piece, {*filter.tag});
  }
  if (wanted.after) {
    select.add(is_upwards ? "jobs_after_upwards" : "jobs_after",
               {to_text(wanted.after->time), wanted.after->id});
  }
  // One more than asked for tells whether there is another page.
  select.add(is_upwards ? "jobs_in_order_upwards" : "jobs_in_order", {wanted.count_max + 1});
  JobPage page{.jobs = KATIP_TRY(run(select)), .next = std::nullopt};
  if (page.jobs.size() > static_cast<std::size_t>(wanted.count_max)) {
    page.jobs.pop_back();
    page.next = PageCursor{page.jobs.back().created_at, page.jobs.back().id};
  }
  return page;
}

}  // namespace

std::string_view name(JobStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }

std::optional<JobStatus> parse_job_status(std::string_view text) {
  const auto found = std::ranges::find(kStatusNames, text);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<JobStatus>(found - kStatusNames.begin());
}

Status insert_job(Connection& sql, const NewJob& job) {
  KATIP_TRY(sql.query(query(sql, "insert_job"), {job.id,
                                                 job.job_id,
                                                 job.kind,
                                                 job.priority,
                                                 job.options,
                                                 job.api_key_id,
                                                 job.submitted_by,
                                                 job.language,
                                                 job.model_name,
                                                 job.source_name,
                                                 job.source_url,
                                                 job.media_key,
                                                 job.media_type,
                                                 job.media_sha256,
                                                 job.audio_duration_s,
                                                 job.sample_rate,
                                                 job.channels,
                                                 job.file_size,
                                                 to_text(job.created_at),
                                                 optional_time(job.expires_at),
                                                 job_search_text(job.source_name, "")}));
  return {};
}

Result<std::optional<JobRecord>> find_job(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<JobRecord>();
  Select select(sql, "select_jobs");
  select.add("jobs_with_id", {id});
  return find_one(select);
}

Result<std::optional<JobRecord>> find_job_by_job_id(Connection& sql, std::string_view job_id) {
  Select select(sql, "select_jobs");
  select.add("jobs_with_job_id", {job_id});
  return find_one(select);
}

Result<std::optional<JobTranscript>> find_transcript(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<JobTranscript>();
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_transcript"), {id}));
  if (rows.empty()) return std::optional<JobTranscript>();
  JobTranscript found;
  found.transcript = KATIP_TRY(rows[0].get<std::string>("transcript"));
  found.text = KATIP_TRY(rows[0].get<std::optional<std::string>>("text")).value_or("");
  return std::optional(std::move(found));
}

Result<bool> start_job(Connection& sql, std::string_view id, double queue_wait_s, Timestamp now) {
  return change_one(sql, "start_job", id, {id, to_text(now), std::max(queue_wait_s, 0.0)});
}

Result<bool> set_job_progress(Connection& sql, std::string_view id, double progress,
                              Timestamp now) {
  return change_one(sql, "set_job_progress", id,
                    {id, std::clamp(progress, 0.0, 1.0), to_text(now)});
}

Result<bool> complete_job(Connection& sql, std::string_view id, const JobResult& result,
                          Timestamp now) {
  if (!is_uuid(id)) return false;
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_job_names"), {id}));
  if (rows.empty()) return false;
  const auto source_name = KATIP_TRY(rows[0].get<std::optional<std::string>>("source_name"));
  return change_one(
      sql, "complete_job", id,
      {id, to_text(now), result.transcript, result.text, job_search_text(source_name, result.text),
       result.detected_language, result.model_name, result.engine, result.audio_duration_s,
       result.processing_s, result.realtime_factor, result.confidence});
}

Result<bool> fail_job(Connection& sql, std::string_view id, std::string_view error_code,
                      std::string_view error_message, Timestamp now) {
  return change_one(sql, "fail_job", id,
                    {id, cut(error_code, kErrorCodeSizeMax),
                     cut(error_message, kErrorMessageSizeMax), to_text(now)});
}

Result<bool> cancel_job(Connection& sql, std::string_view id, Timestamp now) {
  return change_one(sql, "cancel_job", id, {id, to_text(now)});
}

Result<bool> set_job_media(Connection& sql, std::string_view id, const JobMedia& media,
                           Timestamp now) {
  return change_one(
      sql, "set_job_media", id,
      {id, media.media_key, media.media_type, media.media_sha256, media.file_size, to_text(now)});
}

Result<bool> requeue_job(Connection& sql, std::string_view id, Timestamp now) {
  return change_one(sql, "requeue_job", id, {id, to_text(now)});
}

Result<bool> hold_job(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return false;
  return !KATIP_TRY(sql.query(query(sql, "hold_job"), {id})).empty();
}

Result<bool> is_media_used(Connection& sql, std::string_view media_key) {
  const Rows rows = KATIP_TRY(sql.query(query(sql, "count_media_uses"), {media_key}));
  return KATIP_TRY(rows[0].get<std::int64_t>("use_count")) > 0;
}

Result<bool> delete_job(Connection& sql, std::string_view id) {
  return change_one(sql, "delete_job", id, {id});
}

Result<std::vector<DeletedJob>> delete_expired_jobs(Connection& sql, Timestamp now, int count_max) {
  const Rows rows =
      KATIP_TRY(sql.query(query(sql, "delete_expired_jobs"), {to_text(now), count_max}));
  std::vector<DeletedJob> jobs;
  for (const Row row : rows) {
    DeletedJob job;
    job.id = KATIP_TRY(row.get<std::string>("id"));
    job.media_key = KATIP_TRY(row.get<std::optional<std::string>>("media_key"));
    if (job.media_key && KATIP_TRY(is_media_used(sql, *job.media_key))) job.media_key.reset();
    jobs.push_back(std::move(job));
  }
  return jobs;
}

Result<JobPage> list_jobs(Connection& sql, const JobFilter& filter,
                          const std::optional<PageCursor>& after, int count_max, JobOrder order) {
  KATIP_TRY(check_page_size(count_max));
  PageRequest wanted{.after = after, .count_max = count_max, .order = order};
  wanted.lately = KATIP_TRY(latest_number(sql, filter, after, order));
  if (wanted.lately) {
    JobPage page = KATIP_TRY(read_page(sql, filter, wanted));
    if (page.next || !KATIP_TRY(has_older(sql, filter, *wanted.lately))) return page;
    wanted.lately.reset();
  }
  return read_page(sql, filter, wanted);
}

Result<std::optional<JobCount>> count_jobs(Connection& sql, const JobFilter& filter,
                                           std::int64_t count_max,
                                           std::chrono::milliseconds time_max) {
  // Of a word of every day only the newest jobs that have it are looked at: they are enough.
  const auto lately = KATIP_TRY(latest_number(sql, filter, {}, JobOrder::kNewestFirst));
  Select select(sql, "count_jobs");
  KATIP_TRY(add_filter(select, filter, lately));
  if (filter.tag) select.add(KATIP_TRY(tag_piece(sql, *filter.tag)), {*filter.tag});
  select.add("count_jobs_up_to", {count_max + 1});
  const auto usual = sql.options().statement_timeout;
  KATIP_TRY(sql.set_statement_timeout(time_max));
  const Result<Rows> rows = select.run();
  KATIP_TRY(sql.set_statement_timeout(usual));
  if (!rows && rows.error().code == ErrorCode::kTimeout) return std::optional<JobCount>();
  KATIP_TRY(rows);
  const auto found = KATIP_TRY((*rows)[0].get<std::int64_t>("job_count"));
  JobCount count{.count = std::min(found, count_max), .is_more = found > count_max};
  if (lately && !count.is_more) count.is_more = KATIP_TRY(has_older(sql, filter, *lately));
  return std::optional(count);
}

Result<bool> rename_job(Connection& sql, std::string_view id, const std::string& name,
                        Timestamp now) {
  if (!is_uuid(id)) return false;
  const auto transcript = KATIP_TRY(find_transcript(sql, id));
  return change_one(
      sql, "rename_job", id,
      {id, name, job_search_text(name, transcript ? transcript->text : ""), to_text(now)});
}

Result<bool> set_job_expiry(Connection& sql, std::string_view id,
                            std::optional<Timestamp> expires_at, Timestamp now) {
  return change_one(sql, "set_job_expiry", id, {id, optional_time_value(expires_at), to_text(now)});
}

Status set_job_tags(Connection& sql, std::string_view id, std::span<const std::string> tags) {
  boost::json::array list;
  for (const std::string& tag : tags) list.emplace_back(tag);
  KATIP_TRY(sql.query(query(sql, "delete_job_tags"), {id}));
  if (tags.empty()) return {};
  KATIP_TRY(sql.query(query(sql, "insert_job_tags"), {id, boost::json::serialize(list)}));
  return {};
}

Result<std::vector<TagFigures>> list_tags(Connection& sql,
                                          const std::optional<std::string>& submitted_by,
                                          int count_max) {
  const Rows rows = KATIP_TRY(sql.query(query(sql, "list_tags"), {submitted_by, count_max}));
  std::vector<TagFigures> tags;
  for (const Row row : rows) {
    tags.push_back({.tag = KATIP_TRY(row.get<std::string>("tag")),
                    .job_count = KATIP_TRY(row.get<std::int64_t>("job_count"))});
  }
  return tags;
}

Result<std::vector<JobStatusFigures>> job_statistics(
    Connection& sql, Timestamp since, const std::optional<std::string>& submitted_by) {
  const Rows rows =
      KATIP_TRY(sql.query(query(sql, "job_statistics"), {to_text(since), submitted_by}));
  std::vector<JobStatusFigures> list;
  for (const Row row : rows) {
    JobStatusFigures figures;
    const auto status = parse_job_status(KATIP_TRY(row.get<std::string>("status")));
    if (!status) return fail(ErrorCode::kCorruptData, "a job has an unknown status");
    figures.status = *status;
    figures.job_count = KATIP_TRY(row.get<std::int64_t>("job_count"));
    figures.audio_duration_s = KATIP_TRY(row.get<double>("audio_duration_s"));
    figures.processing_s = KATIP_TRY(row.get<double>("processing_s"));
    figures.queue_wait_s = KATIP_TRY(row.get<std::optional<double>>("queue_wait_s"));
    list.push_back(figures);
  }
  return list;
}

Result<std::optional<Snippet>> find_snippet(Connection& sql, std::string_view id,
                                            std::string_view typed) {
  if (!is_uuid(id)) return std::optional<Snippet>();
  const SearchQuery words = KATIP_TRY(SearchQuery::parse(typed));
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_job_text"), {id}));
  if (rows.empty()) return std::optional<Snippet>();
  return std::optional(make_snippet(KATIP_TRY(rows[0].get<std::string>("text")), words));
}

}  // namespace katip::store
