#include "http/routes/job_intake.h"

#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "app/jobs.h"
#include "http/early_stream.h"
#include "http/json_text.h"
#include "http/routes/audited.h"
#include "http/routes/record_answers.h"

/// Tested by tests/e2e/test_jobs_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::string_view kPath = "/api/v1/jobs";

Failure wrong(std::string field, std::string message) {
  return Failure::of_fields({{std::move(field), std::move(message)}});
}

/// What a job is made with.
struct IntakeDesk {
  app::Intake& intake;
  const app::ModelNames& models;
  JobDefaults defaults;
};

/// The name that was given, as workers know it.
std::optional<Failure> take_model(const app::ModelNames& models, app::TranscriptionArgs& args) {
  if (args.model.empty()) return std::nullopt;
  const auto model = models.find(args.model);
  if (!model) {
    return wrong("/options",
                 fmt::format("there is no model `{}` here; GET /v1/models lists them", args.model));
  }
  args.model = models.name_for_task(*model);
  return std::nullopt;
}

/// The options that were given, over the defaults of the server.
std::expected<app::TranscriptionArgs, Failure> options_of(const IntakeDesk& desk,
                                                          const json::object& given) {
  boost::system::error_code error;
  json::value merged = json::parse(app::to_json(desk.defaults.args), error);
  json::object options;
  if (const json::value* known = merged.as_object().if_contains("options")) {
    options = known->as_object();
  }
  for (const auto& pair : given) options[pair.key()] = pair.value();
  // One temperature stands for the ladder; both at once would contradict each other.
  if (given.contains("temperature")) options.erase("temperatures");
  auto args = app::parse_options(json_text(options));
  if (!args) return std::unexpected(wrong("/options", args.error().message));
  if (auto failure = take_model(desk.models, *args)) return std::unexpected(*std::move(failure));
  return *std::move(args);
}

std::expected<app::Recording, Failure> recording_of(const IntakeDesk& desk, const Request& request,
                                                    const json::object& body) {
  app::Recording recording;
  json::object options;
  if (const json::value* given = body.if_contains("options")) options = given->as_object();
  auto args = options_of(desk, options);
  if (!args) return std::unexpected(std::move(args).error());
  recording.args = *std::move(args);
  if (const json::value* name = body.if_contains("name")) recording.name = name->as_string();
  if (const json::value* priority = body.if_contains("priority")) {
    recording.priority = static_cast<int>(priority->to_number<std::int64_t>());
    if (const Status may = app::check_priority(request.principal, recording.priority); !may) {
      Failure failure(may.error());
      failure.fields = {{request.json ? "/priority" : "priority", may.error().message}};
      return std::unexpected(std::move(failure));
    }
  }
  const auto keep_days = number_in(body, "keep_days");
  recording.keep_for = keep_days ? app::keep_for_days(*keep_days) : desk.defaults.keep_for;
  auto tags = app::checked_tags(texts_in(body, "tags"));
  if (!tags) return std::unexpected(wrong("/tags", tags.error().message));
  recording.tags = *std::move(tags);
  recording.request_id = request.request_id;
  return recording;
}

Answer accepted(const app::Submitted& submitted) {
  const std::string location = fmt::format("{}/{}", kPath, submitted.job_id);
  Response response = native_response(
      json::object{{"job_id", submitted.job_id},
                   {"status", "queued"},
                   {"task_id", submitted.task_id},
                   {"links", {{"self", location}, {"events", location + "/events"}}}},
      "the job is in the queue", 202);
  response.headers.set("Location", location);
  return response;
}

/// A number of the form, whose shape has been checked with it.
template <typename Number>
void take_number(const Request& request, std::string_view field, json::object& body) {
  const auto text = request.form.value(field);
  if (!text) return;
  Number number = 0;
  std::from_chars(text->data(), text->data() + text->size(), number);
  body[field] = number;
}

Answer create_from_form(const IntakeDesk& desk, Request& request) {
  json::object body;
  if (const auto text = request.form.value("options"); text && !text->empty()) {
    boost::system::error_code error;
    json::value options = json::parse(*text, error);
    if (error || !options.is_object()) {
      return std::unexpected(wrong("options", "must be a JSON object"));
    }
    body["options"] = std::move(options);
  }
  if (const auto name = request.form.value("name")) body["name"] = *name;
  json::array tags;
  for (const std::string_view tag : request.form.values("tags")) tags.emplace_back(tag);
  body["tags"] = std::move(tags);
  take_number<std::int64_t>(request, "priority", body);
  take_number<double>(request, "keep_days", body);
  auto recording = recording_of(desk, request, body);
  if (!recording) return std::unexpected(std::move(recording).error());
  const UploadedFile& file = *request.form.file("file");
  if (recording->name.empty()) recording->name = file.file_name();
  recording->media_type = file.media_type();
  recording->sha256 = file.sha256;
  return accepted(KATIP_TRY(desk.intake.from_file(request.principal, file.path(), *recording, {})));
}

Answer create_from_json(const IntakeDesk& desk, Request& request) {
  const json::object& body = request.object();
  const json::value* upload = body.if_contains("upload_id");
  const json::value* url = body.if_contains("url");
  if ((upload == nullptr) == (url == nullptr)) {
    return std::unexpected(wrong("/upload_id", "say either upload_id or url"));
  }
  const auto recording = recording_of(desk, request, body);
  if (!recording) return std::unexpected(recording.error());
  if (upload != nullptr) {
    return accepted(
        KATIP_TRY(desk.intake.from_upload(request.principal, upload->as_string(), *recording, {})));
  }
  return accepted(KATIP_TRY(
      desk.intake.from_url(request.principal, std::string(url->as_string()), *recording, {})));
}

/// Those of the first job with what is given in their place; null takes one away.
json::object changed_options(const app::Job& first, const json::object& given) {
  boost::system::error_code error;
  json::value known = json::parse(first.options, error);
  json::object options = !error && known.is_object() ? known.as_object() : json::object{};
  // Each of these pairs says the same thing in two ways.
  if (given.contains("temperature")) options.erase("temperatures");
  if (given.contains("language")) options.erase("languages");
  if (given.contains("languages")) options.erase("language");
  for (const auto& pair : given) {
    if (pair.value().is_null()) {
      options.erase(pair.key());
    } else {
      options[pair.key()] = pair.value();
    }
  }
  return options;
}

Answer create_again(const IntakeDesk& desk, Request& request) {
  const std::string job_id = request.path_value("job_id");
  const app::Job first = KATIP_TRY(desk.intake.find(request.principal, job_id, {}));
  json::object body = request.object();
  const json::value* given = body.if_contains("options");
  body["options"] = changed_options(first, given == nullptr ? json::object{} : given->as_object());
  if (!body.contains("tags")) body["tags"] = json::array(first.tags.begin(), first.tags.end());
  const auto recording = recording_of(desk, request, body);
  if (!recording) return std::unexpected(recording.error());
  return accepted(KATIP_TRY(desk.intake.again(request.principal, job_id, *recording, {})));
}

std::string event(std::string_view name, const json::object& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, json_text(data));
}

std::string_view name_of(app::JobStatus status) {
  switch (status) {
    case app::JobStatus::kQueued:
      return "queued";
    case app::JobStatus::kProcessing:
      return "processing";
    case app::JobStatus::kCompleted:
      return "completed";
    case app::JobStatus::kFailed:
      return "failed";
    case app::JobStatus::kCancelled:
      break;
  }
  return "cancelled";
}

/// All that is new about the job, as events.
std::string events_of(const std::string& job_id, const app::JobNews& news) {
  std::string text;
  if (news.is_repeated) return ": still there\n\n";
  for (const auto& segment : news.segments) {
    text += event("segment", {{"start", static_cast<double>(segment.start_ms) / 1000},
                              {"end", static_cast<double>(segment.end_ms) / 1000},
                              {"text", segment.text}});
  }
  json::object state{{"job_id", job_id},
                     {"status", news.is_gone ? "deleted" : name_of(news.status)},
                     {"progress", news.progress}};
  if (!news.error_code.empty()) {
    state["error"] = {{"code", news.error_code}, {"message", news.error_message}};
  }
  return text + event(news.is_final() ? "end" : "progress", state);
}

void follow(app::Intake& intake, Request& request, const std::shared_ptr<Exchange>& exchange) {
  const auto stream = std::make_shared<EarlyStream>();
  const std::string job_id = request.path_value("job_id");
  const auto id = intake.follow(request.principal, job_id,
                                [stream, job_id](const app::JobNews& news) {
                                  std::string events = events_of(job_id, news);
                                  news.is_final() ? stream->finish(std::move(events))
                                                  : stream->write(std::move(events));
                                },
                                {});
  if (!id) return exchange->respond(std::unexpected(Failure(id.error())));
  stream->open(exchange->stream(event_stream_head()));
  exchange->on_disconnect([&watch = intake.watch(), number = *id] { watch.remove(number); });
}

/// An address may hold a password, so that it is not named.
json::object origin_of(const Request& request) {
  if (!request.json) return {{"from", "file"}};
  return {{"from", request.object().contains("url") ? "address" : "upload"}};
}

Schema accepted_schema() {
  const Schema text = Schema::string();
  return envelope(Schema::object({{"job_id", text, Need::kRequired},
                                  {"status", text, Need::kRequired},
                                  {"task_id", text, Need::kRequired},
                                  {"links", Schema::object({}).open(), Need::kRequired}}));
}

std::vector<AnswerSpec> creation_answers() {
  return {{202, "It is in the queue; Location says where to look", accepted_schema()},
          {403, "A priority above 7 needs the scope operate"},
          {404, "There is no such upload"},
          {409, "The upload is not complete, or used already"},
          {413, "The file is too large"}};
}

Schema name_schema() { return Schema::string().length(1, 500).described("what people call it"); }

Schema priority_schema() {
  return Schema::integer().range(0, 10).described(
      "10 is first; more than 7 needs the scope operate");
}

Schema keep_days_schema() {
  return Schema::number()
      .range(0, app::kKeepDaysMax)
      .described("days until it is deleted; 0: it stays for ever");
}

Schema options_schema() {
  return Schema::object({}).open().described(
      "model, language, languages, task, word_times, lexicon, prompt, beam_size and the like");
}

void add_again_route(RouteTable& table, app::Audit& audit,
                     const std::shared_ptr<const IntakeDesk>& desk) {
  table.add(audited(
      audit, {.action = "job.again", .target_kind = "job", .target = "job_id"},
      {.method = Method::kPost,
       .path = std::string(kPath) + "/{job_id}/again",
       .operation = "transcribe_again",
       .summary = "Another job for the recording of one that has ended, with other options",
       .tag = "jobs",
       .permission = app::Permission::kTranscribe,
       .body_kind = BodyKind::kJson,
       .body = Schema::object({{"name", name_schema()},
                               {"priority", priority_schema()},
                               {"keep_days", keep_days_schema()},
                               {"tags", tags_schema()},
                               {"options", options_schema()}}),
       .answers = {{202, "It is in the queue; Location says where to look", accepted_schema()},
                   {403, "A priority above 7 needs the scope operate"},
                   {404, "There is no such job, or its recording is gone"},
                   {409, "It has not ended yet"}},
       .handle = [desk](Request& request) { return create_again(*desk, request); }}));
}

}  // namespace

void add_job_intake_routes(RouteTable& table, app::Intake& intake, const app::ModelNames& models,
                           const JobDefaults& defaults, app::Audit& audit) {
  const auto desk = std::make_shared<const IntakeDesk>(
      IntakeDesk{.intake = intake, .models = models, .defaults = defaults});
  table.add(audited(
      audit, {.action = "job.create", .target_kind = "job", .details = &origin_of},
      {.method = Method::kPost,
       .path = std::string(kPath),
       .operation = "create_job",
       .summary = "A job from a recording: in the form, or as JSON from an upload or an address",
       .tag = "jobs",
       .permission = app::Permission::kTranscribe,
       .body_kind = BodyKind::kFormOrJson,
       .body = Schema::object({{"file", Schema::binary(), Need::kRequired},
                               {"name", name_schema()},
                               {"priority", priority_schema()},
                               {"keep_days", keep_days_schema()},
                               {"tags", tags_schema()},
                               {"options", Schema::string().described("a JSON object")}}),
       .json_body = Schema::object({{"upload_id", Schema::string().format("uuid")},
                                    {"url", Schema::string().length(1, 2'048).format("uri")},
                                    {"name", name_schema()},
                                    {"priority", priority_schema()},
                                    {"keep_days", keep_days_schema()},
                                    {"tags", tags_schema()},
                                    {"options", options_schema()}}),
       .body_size_max = 0,
       .answers = creation_answers(),
       .handle = [desk](Request& request) {
         return request.json ? create_from_json(*desk, request) : create_from_form(*desk, request);
       }}));
  add_again_route(table, audit, desk);
  table.add({.path = "/api/v1/jobs/{job_id}/events",
             .operation = "follow_job",
             .summary = "Progress and text while it is made, as server-sent events",
             .tag = "jobs",
             .permission = app::Permission::kReadJobs,
             .answers = {{.status = 200,
                          .description = "progress, segment and end",
                          .media_type = "text/event-stream"},
                         {404, "There is no such job"}},
             .handle_later = [&intake](Request& request, std::shared_ptr<Exchange> exchange) {
               follow(intake, request, exchange);
             }});
}

}  // namespace katip::http
