#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>

#include "app/recording.h"
#include "http/routes/audited.h"
#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kTag = "jobs";

json::value options_of(const app::Job& job) {
  boost::system::error_code error;
  json::value options = json::parse(job.options, error);
  return error ? json::value(json::object()) : options;
}

json::object to_json(const app::Job& job) {
  json::object object{{"job_id", job.job_id},
                      {"status", name(job.status)},
                      {"kind", job.kind},
                      {"priority", job.priority},
                      {"progress", job.progress},
                      {"name", or_null(job.source_name)},
                      {"source_url", or_null(job.source_url)},
                      {"media_type", or_null(job.media_type)},
                      {"audio_duration_s", or_null(job.audio_duration_s)},
                      {"sample_rate", or_null(job.sample_rate)},
                      {"channels", or_null(job.channels)},
                      {"language", or_null(job.language)},
                      {"detected_language", or_null(job.detected_language)},
                      {"model", or_null(job.model_name)},
                      {"engine", or_null(job.engine)},
                      {"confidence", or_null(job.confidence)},
                      {"processing_s", or_null(job.processing_s)},
                      {"queue_wait_s", or_null(job.queue_wait_s)},
                      {"realtime_factor", or_null(job.realtime_factor)},
                      {"submitted_by", or_null(job.submitted_by)},
                      {"tags", json::value_from(job.tags)},
                      {"options", options_of(job)},
                      {"created_at", app::to_text(job.created_at)},
                      {"updated_at", app::to_text(job.updated_at)},
                      {"started_at", or_null(job.started_at)},
                      {"completed_at", or_null(job.completed_at)},
                      {"expires_at", or_null(job.expires_at)}};
  object["file_size"] = job.file_size ? json::value(*job.file_size) : json::value(nullptr);
  object["error"] = nullptr;
  if (job.error_code) {
    object["error"] = {{"code", *job.error_code}, {"message", or_null(job.error_message)}};
  }
  return object;
}

Schema job_schema() {
  return Schema::object({{"job_id", Schema::string(), Need::kRequired},
                         {"status", Schema::string(), Need::kRequired},
                         {"progress", Schema::number().range(0, 1), Need::kRequired}})
      .open();
}

Schema status_schema() {
  return Schema::string().one_of({"queued", "processing", "completed", "failed", "cancelled"});
}

std::vector<Parameter> job_parameters(std::vector<Parameter> first) {
  const Schema text = Schema::string().length(1, 200);
  first.push_back({.name = "status", .schema = Schema::array(status_schema())});
  first.push_back({.name = "order", .schema = Schema::string().one_of({"newest", "oldest"})});
  for (const char* each : {"kind", "language", "model", "submitted_by", "tag"}) {
    first.push_back({.name = each, .schema = text});
  }
  for (Parameter& each : time_parameters()) first.push_back(std::move(each));
  return list_parameters(std::move(first));
}

std::expected<app::JobQuery, Failure> job_query(const Request& request) {
  app::JobQuery query{.cursor = text_of(request, "cursor"), .count_max = limit_of(request)};
  for (const std::string_view status : request.query_values("status")) {
    if (const auto known = app::parse_job_status(status)) query.filter.statuses.push_back(*known);
  }
  query.filter.kind = text_of(request, "kind");
  query.filter.language = text_of(request, "language");
  query.filter.model_name = text_of(request, "model");
  query.filter.submitted_by = text_of(request, "submitted_by");
  query.filter.search = text_of(request, "q");
  query.filter.tag = text_of(request, "tag");
  if (text_of(request, "order") == "oldest") query.order = app::JobOrder::kOldestFirst;
  const TimeSpan times = KATIP_TRY(times_of(request));
  query.filter.created_from = times.from;
  query.filter.created_before = times.before;
  return query;
}

Answer list_jobs(app::Jobs& jobs, const Request& request) {
  const app::JobQuery query = KATIP_TRY(job_query(request));
  const app::JobList page = KATIP_TRY(jobs.list(request.principal, query, {}));
  json::array items;
  for (const app::Job& job : page.jobs) items.push_back(to_json(job));
  return list_response(std::move(items), page.next_cursor, request);
}

Answer count_jobs(app::Jobs& jobs, const Request& request) {
  const app::JobQuery query = KATIP_TRY(job_query(request));
  const auto count = KATIP_TRY(jobs.count(request.principal, query, {}));
  if (!count) return native_response(json::object{{"count", nullptr}, {"is_more", true}});
  return native_response(json::object{{"count", count->count}, {"is_more", count->is_more}});
}

json::object to_json(const app::Snippet& snippet) {
  json::array matches;
  for (const auto& match : snippet.matches) {
    matches.push_back({{"begin", match.begin}, {"end", match.end}});
  }
  return {{"text", snippet.text},
          {"matches", std::move(matches)},
          {"is_cut_before", snippet.is_cut_before},
          {"is_cut_after", snippet.is_cut_after}};
}

Answer search(app::Jobs& jobs, const Request& request) {
  const app::JobQuery query = KATIP_TRY(job_query(request));
  const app::JobHits page = KATIP_TRY(jobs.search(request.principal, query, {}));
  json::array items;
  for (const app::JobHit& hit : page.hits) {
    json::object item{{"job", to_json(hit.job)}};
    item["snippet"] = to_json(hit.snippet);
    items.push_back(std::move(item));
  }
  return list_response(std::move(items), page.next_cursor, request);
}

Answer statistics(app::Jobs& jobs, const Request& request) {
  const TimeSpan times = KATIP_TRY(times_of(request));
  const auto list =
      KATIP_TRY(jobs.statistics(request.principal, times.from.value_or(app::Timestamp()), {}));
  json::object by_status;
  std::int64_t job_count = 0;
  double audio_duration_s = 0;
  for (const app::JobStatusFigures& figures : list) {
    by_status[name(figures.status)] = {{"job_count", figures.job_count},
                                       {"audio_duration_s", figures.audio_duration_s},
                                       {"processing_s", figures.processing_s},
                                       {"queue_wait_s", or_null(figures.queue_wait_s)}};
    job_count += figures.job_count;
    audio_duration_s += figures.audio_duration_s;
  }
  return native_response(json::object{{"job_count", job_count},
                                      {"audio_duration_s", audio_duration_s},
                                      {"by_status", std::move(by_status)}});
}

Answer audio(app::Jobs& jobs, const Request& request) {
  const app::Media media =
      KATIP_TRY(jobs.media(request.principal, request.path_value("job_id"), {}));
  Response response;
  if (media.url) {
    response.status = 307;
    response.headers.set("Location", *media.url);
    response.headers.set("Cache-Control", "no-store");  // The address ends soon.
    return response;
  }
  response.headers.set("Content-Type", media.content_type);
  response.headers.set("ETag", fmt::format("\"{}\"", media.entity_tag));
  // Foreign bytes must not become a page of ours, whatever their type says.
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = FileBody{.path = media.path};
  return response;
}

using KeepFor = std::optional<std::chrono::seconds>;

Answer change(app::Jobs& jobs, const KeepFor& keep_jobs_for, const Request& request) {
  const json::object& body = request.object();
  app::JobChange wanted{.name = text_in(body, "name")};
  if (body.contains("tags")) {
    auto tags = app::checked_tags(texts_in(body, "tags"));
    if (!tags) return std::unexpected(Failure::of_fields({{"/tags", tags.error().message}}));
    wanted.tags = *std::move(tags);
  }
  if (const json::value* days = body.if_contains("keep_days")) {
    wanted.keep_for =
        days->is_null() ? keep_jobs_for : app::keep_for_days(days->to_number<double>());
  }
  return native_response(
      to_json(KATIP_TRY(jobs.change(request.principal, request.path_value("job_id"), wanted, {}))));
}

Answer list_tags(app::Jobs& jobs, const Request& request) {
  json::array items;
  for (const app::TagFigures& figures : KATIP_TRY(jobs.tags(request.principal, {}))) {
    items.push_back({{"tag", figures.tag}, {"job_count", figures.job_count}});
  }
  return native_response(json::object{{"items", std::move(items)}});
}

Answer waveform(app::Waveforms& waveforms, const Request& request) {
  const auto found = KATIP_TRY(waveforms.of(request.principal, request.path_value("job_id"), {}));
  json::array peaks;
  peaks.reserve(found->peaks.size());
  for (const std::uint8_t peak : found->peaks) peaks.emplace_back(peak);
  Response response = native_response(json::object{{"duration", found->duration_s},
                                                   {"peaks_per_second", found->peaks_per_second},
                                                   {"peaks", std::move(peaks)}});
  // A recording does not change; it is one person's, so that no proxy may keep it.
  response.headers.set("Cache-Control", "private, max-age=86400");
  return response;
}

using Change = Result<app::Job> (app::Jobs::*)(const app::Principal&, std::string_view,
                                               std::stop_token);

AuditMark mark_of(const std::string& verb) {
  return {.action = "job." + verb, .target_kind = "job", .target = "job_id"};
}

Route change_route(app::Jobs& jobs, std::string verb, std::string summary, Change change) {
  return {.method = Method::kPost,
          .path = "/api/v1/jobs/{job_id}/" + verb,
          .operation = verb + "_job",
          .summary = std::move(summary),
          .tag = kTag,
          .permission = app::Permission::kWriteJobs,
          .answers = {{200, "The job", envelope(job_schema())},
                      {404, "There is none"},
                      {409, "It is not in a state for this"}},
          .handle = [&jobs, change](Request& request) -> Answer {
            return native_response(to_json(
                KATIP_TRY((jobs.*change)(request.principal, request.path_value("job_id"), {}))));
          }};
}

Route read_route(std::string path, std::string operation, std::string summary, Schema data,
                 std::function<Answer(Request&)> handle) {
  return {.path = std::move(path),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = kTag,
          .permission = app::Permission::kReadJobs,
          .answers = {{200, "What there is", envelope(std::move(data))}, {404, "There is none"}},
          .handle = std::move(handle)};
}

void add_lists(RouteTable& table, app::Jobs& jobs) {
  Route list = read_route("/api/v1/jobs", "list_jobs", "Jobs, newest first or as `order` says",
                          list_schema(job_schema()),
                          [&jobs](Request& request) { return list_jobs(jobs, request); });
  list.parameters = job_parameters(
      {{.name = "q",
        .schema = Schema::string().length(1, 1000).described("words of the name or the text")}});
  Route count = read_route(
      "/api/v1/jobs/count", "count_jobs", "How many jobs fit, up to 10,000",
      Schema::object(
          {{"count", Schema::integer().nullable().described("null: counting takes too long"),
            Need::kRequired},
           {"is_more", Schema::boolean().described("there are more than these"), Need::kRequired}}),
      [&jobs](Request& request) { return count_jobs(jobs, request); });
  for (const Parameter& each : list.parameters) {
    const bool is_of_page = each.name == "limit" || each.name == "cursor" || each.name == "order";
    if (!is_of_page) count.parameters.push_back(each);
  }
  table.add(std::move(list));
  table.add(std::move(count));
  Route found = read_route("/api/v1/search", "search", "Jobs by what was said, with the place",
                           list_schema(Schema::any()),
                           [&jobs](Request& request) { return search(jobs, request); });
  found.parameters = job_parameters(
      {{.name = "q",
        .schema = Schema::string().length(1, 1000).described("words, \"phrases\", beginn*, -not"),
        .need = Need::kRequired}});
  table.add(std::move(found));
  table.add(read_route("/api/v1/tags", "list_tags",
                       "What jobs are tagged with, the most used first", Schema::any(),
                       [&jobs](Request& request) { return list_tags(jobs, request); }));
  Route figures =
      read_route("/api/v1/jobs/statistics", "job_statistics", "Figures of all jobs", Schema::any(),
                 [&jobs](Request& request) { return statistics(jobs, request); });
  figures.parameters = {time_parameters().front()};
  table.add(std::move(figures));
}

void add_waveform(RouteTable& table, app::Waveforms& waveforms) {
  Route route = read_route("/api/v1/jobs/{job_id}/waveform", "get_job_waveform",
                           "How loud the recording is all along it, for drawing", Schema::any(),
                           [&waveforms](Request& request) { return waveform(waveforms, request); });
  route.answers.push_back({422, "The recording cannot be read"});
  table.add(std::move(route));
}

}  // namespace

void add_job_routes(RouteTable& table, app::Jobs& jobs, app::Waveforms& waveforms,
                    std::optional<std::chrono::seconds> keep_jobs_for, app::Audit& audit) {
  add_lists(table, jobs);
  add_waveform(table, waveforms);
  AuditMark changes = mark_of("change");
  changes.details = &changed_fields;
  table.add(audited(
      audit, std::move(changes),
      {.method = Method::kPatch,
       .path = "/api/v1/jobs/{job_id}",
       .operation = "change_job",
       .summary = "Another name, other tags, another time to stay",
       .tag = kTag,
       .permission = app::Permission::kWriteJobs,
       .body_kind = BodyKind::kJson,
       .body = Schema::object(
           {{"name", Schema::string().length(1, 500)},
            {"tags", tags_schema()},
            {"keep_days",
             Schema::number()
                 .range(0, app::kKeepDaysMax)
                 .nullable()
                 .described("days from when it came until it is deleted; 0: it stays for ever; "
                            "null: as the server keeps jobs that do not say it")}}),
       .answers = {{200, "The job", envelope(job_schema())}, {404, "There is none"}},
       .handle = [&jobs, keep_jobs_for](Request& request) {
         return change(jobs, keep_jobs_for, request);
       }}));
  table.add(read_route("/api/v1/jobs/{job_id}", "get_job", "One job, without its transcript",
                       job_schema(), [&jobs](Request& request) -> Answer {
                         return native_response(to_json(KATIP_TRY(
                             jobs.get(request.principal, request.path_value("job_id"), {}))));
                       }));
  table.add(audited(
      audit, mark_of("cancel"),
      change_route(jobs, "cancel", "Ends a job that waits or is processed", &app::Jobs::cancel)));
  table.add(audited(
      audit, mark_of("retry"),
      change_route(jobs, "retry", "Begins a failed or cancelled job anew", &app::Jobs::retry)));
  table.add(
      audited(audit, mark_of("delete"),
              {.method = Method::kDelete,
               .path = "/api/v1/jobs/{job_id}",
               .operation = "delete_job",
               .summary = "Deletes a job with its recording and transcript",
               .tag = kTag,
               .permission = app::Permission::kWriteJobs,
               .answers = {{.status = 204, .description = "It is gone"}, {404, "There is none"}},
               .handle = [&jobs](Request& request) -> Answer {
                 KATIP_TRY(jobs.remove(request.principal, request.path_value("job_id"), {}));
                 return empty_response();
               }}));
  table.add({.path = "/api/v1/jobs/{job_id}/audio",
             .operation = "get_job_audio",
             .summary = "The recording; Range gives parts of it",
             .tag = kTag,
             .permission = app::Permission::kReadJobs,
             // Sound, video, or whatever somebody has sent.
             .answers = {{.status = 200, .description = "The file", .media_type = "*/*"},
                         {.status = 206, .description = "A part", .media_type = "*/*"},
                         {.status = 307,
                          .description = "To the bucket that it lies in, for some minutes",
                          .media_type = "text/plain"},
                         {404, "There is none (any more)"},
                         {416, "The file is shorter"}},
             .handle = [&jobs](Request& request) { return audio(jobs, request); }});
}

}  // namespace katip::http
