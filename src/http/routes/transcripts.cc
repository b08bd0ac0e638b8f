#include <charconv>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "http/routes/audited.h"
#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kTag = "transcripts";

double seconds(std::int64_t time_ms) { return static_cast<double>(time_ms) / 1000; }

json::object to_json(const app::Segment& segment, std::int64_t index) {
  json::array words;
  for (const app::Word& word : segment.words) {
    words.push_back({{"text", word.text},
                     {"start", seconds(word.start_ms)},
                     {"end", seconds(word.end_ms)},
                     {"probability", double{word.probability}}});
  }
  return {
      {"index", index},
      {"start", seconds(segment.start_ms)},
      {"end", seconds(segment.end_ms)},
      {"text", segment.text},
      {"speaker", segment.speaker.empty() ? json::value(nullptr) : json::value(segment.speaker)},
      {"words", std::move(words)}};
}

json::array to_json(const std::vector<app::Segment>& segments, std::int64_t first) {
  json::array list;
  for (const app::Segment& segment : segments) list.push_back(to_json(segment, first++));
  return list;
}

std::string tag_of(int version) { return fmt::format("\"v{}\"", version); }

Response version_response(const app::TranscriptVersion& version) {
  Response response =
      native_response(json::object{{"version", version.version},
                                   {"language", version.transcript.language},
                                   {"duration", seconds(version.transcript.duration_ms)},
                                   {"segments", to_json(version.transcript.segments, 0)}});
  response.headers.set("ETag", tag_of(version.version));
  return response;
}

/// 0: any version will do, the client said `*`.
std::expected<int, Failure> expected_version(const Request& request) {
  const auto tag = if_match(request);
  if (!tag) {
    return std::unexpected(Failure(
        428, "PRECONDITION_REQUIRED",
        "say which version you change by the header If-Match: the ETag of what you have read"));
  }
  if (*tag == "*") return 0;
  int version = 0;
  const std::string_view text = *tag;
  if (text.starts_with('v')) {
    std::from_chars(text.data() + 1, text.data() + text.size(), version);
  }
  if (version < 1) {
    return std::unexpected(outdated("If-Match is no ETag of a transcript of ours, such as \"v1\""));
  }
  return version;
}

/// A conflict of versions is a precondition that failed; other conflicts stay what they are.
Answer changed(const Result<app::TranscriptVersion>& result, app::TranscriptEdits& edits,
               const Request& request, int expected) {
  if (result) return version_response(*result);
  if (result.error().code == ErrorCode::kConflict && expected != 0) {
    const auto current = edits.read(request.principal, request.path_value("job_id"), {});
    if (current && current->version != expected) {
      Failure failure = outdated(result.error().message);
      failure.headers.set("ETag", tag_of(current->version));
      return std::unexpected(std::move(failure));
    }
  }
  return std::unexpected(Failure(result.error()));
}

Answer read_file(app::Jobs& jobs, const Request& request) {
  const app::Format format =
      KATIP_TRY(app::parse_format(request.query_value("format").value_or("json")));
  app::WriteOptions options;
  const auto shown = [&](std::string_view parameter) {
    return request.query_value(parameter) == "false" ? app::Shown::kNo : app::Shown::kYes;
  };
  options.speakers = shown("speakers");
  options.times = shown("times");
  options.words = shown("words");
  const app::TranscriptFile file = KATIP_TRY(
      jobs.transcript(request.principal, request.path_value("job_id"), format, options, {}));
  Response response = text_response(file.bytes, file.content_type);
  if (request.query_value("download") == "true") {
    // A name in ASCII for old clients, and the real one as RFC 6266 has it.
    std::string encoded;
    for (const char c : file.file_name) {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    response.headers.set("Content-Disposition",
                         fmt::format("attachment; filename=\"transcript.{}\"; filename*=UTF-8''{}",
                                     file.extension, encoded));
  }
  response.headers.set("X-Transcript-Version", std::to_string(file.version));
  return response;
}

Answer edit(app::TranscriptEdits& edits, const Request& request) {
  const int version = KATIP_TRY(expected_version(request));
  std::vector<app::SegmentEdit> changes;
  for (const json::value& item : request.object().at("segments").as_array()) {
    const json::object& object = item.as_object();
    app::SegmentEdit change{.index = integer_in(object, "index").value_or(-1)};
    change.text = text_in(object, "text");
    change.speaker = text_in(object, "speaker");
    const auto milliseconds = [&](std::string_view key) {
      const auto number = number_in(object, key);
      return number ? std::optional(static_cast<std::int64_t>(*number * 1000 + 0.5))
                    : std::optional<std::int64_t>();
    };
    change.start_ms = milliseconds("start");
    change.end_ms = milliseconds("end");
    changes.push_back(std::move(change));
  }
  return changed(edits.edit(request.principal, request.path_value("job_id"), changes, version, {}),
                 edits, request, version);
}

Answer split(app::TranscriptEdits& edits, const Request& request) {
  const int version = KATIP_TRY(expected_version(request));
  const app::SegmentCut cut{
      .index = integer_in(request.object(), "index").value_or(-1),
      .at = static_cast<std::size_t>(integer_in(request.object(), "at").value_or(0))};
  return changed(edits.split(request.principal, request.path_value("job_id"), cut, version, {}),
                 edits, request, version);
}

Answer merge(app::TranscriptEdits& edits, const Request& request) {
  const int version = KATIP_TRY(expected_version(request));
  const std::int64_t index = integer_in(request.object(), "index").value_or(-1);
  return changed(edits.merge(request.principal, request.path_value("job_id"), index, version, {}),
                 edits, request, version);
}

Answer restore(app::TranscriptEdits& edits, const Request& request) {
  const int expected = KATIP_TRY(expected_version(request));
  const auto version = static_cast<int>(integer_in(request.object(), "version").value_or(0));
  return changed(
      edits.restore(request.principal, request.path_value("job_id"), version, expected, {}), edits,
      request, expected);
}

Answer history(app::TranscriptEdits& edits, const Request& request) {
  json::array items;
  for (const app::EditRecord& record : KATIP_TRY(
           edits.history(request.principal, request.path_value("job_id"), limit_of(request), {}))) {
    json::array changes;
    for (const app::SegmentChange& change : record.changes) {
      changes.push_back({{"index", change.index},
                         {"before", to_json(change.before, change.index)},
                         {"after", to_json(change.after, change.index)}});
    }
    items.push_back({{"version", record.version},
                     {"kind", record.kind == app::EditKind::kUndo ? "undo" : "edit"},
                     {"restored_version", or_null(record.restored_version)},
                     {"editor", or_null(record.editor)},
                     {"created_at", app::to_text(record.created_at)},
                     {"changes", std::move(changes)}});
  }
  return native_response(json::object{{"items", std::move(items)}});
}

Schema edit_schema() {
  const Schema time = Schema::number().range(0, 3.6e9).described("seconds");
  const Schema segment = Schema::object(
      {{"index", Schema::integer().range(0, 1e9), Need::kRequired},
       {"text",
        Schema::string().length(0, 20'000).described("an empty one takes the segment away")},
       {"speaker", Schema::string().length(0, 200)},
       {"start", time},
       {"end", time}});
  return Schema::object({{"segments", Schema::array(segment).length(1, 10'000), Need::kRequired}});
}

Route change_route(Method method, std::string path, std::string operation, std::string summary,
                   Schema body) {
  return {.method = method,
          .path = "/api/v1/jobs/{job_id}/" + path,
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = kTag,
          .permission = app::Permission::kWriteJobs,
          .parameters = {if_match_parameter("the ETag of the segments that were read, or *")},
          .body_kind = BodyKind::kJson,
          .body = std::move(body),
          .body_size_max = 8 << 20,
          .answers = {{200, "The transcript as it is now", envelope(Schema::any())},
                      {404, "There is none"},
                      {412, "Somebody else has changed it"},
                      {428, "Without If-Match"}}};
}

/// Those that make a new version.
void add_change_routes(RouteTable& table, app::TranscriptEdits& edits, app::Audit& audit) {
  Route change = change_route(Method::kPatch, "segments", "edit_segments",
                              "Changes segments: all of them or none", edit_schema());
  change.handle = [&edits](Request& request) { return edit(edits, request); };
  table.add(audited(audit,
                    {.action = "transcript.edit",
                     .target_kind = "job",
                     .target = "job_id",
                     .details = [](const Request& request) -> json::object {
                       return {
                           {"segment_count", request.object().at("segments").as_array().size()}};
                     }},
                    std::move(change)));
  Route undo = change_route(
      Method::kPost, "restore", "restore_transcript", "Goes back to an earlier version",
      Schema::object({{"version", Schema::integer().range(1, 1e9), Need::kRequired}}));
  undo.handle = [&edits](Request& request) { return restore(edits, request); };
  table.add(audited(audit,
                    {.action = "transcript.restore",
                     .target_kind = "job",
                     .target = "job_id",
                     .details = [](const Request& request) -> json::object {
                       return {{"version", request.object().at("version")}};
                     }},
                    std::move(undo)));
  const Schema index = Schema::integer().range(0, 1e9);
  const auto add_shape = [&](const std::string& verb, std::string summary, const Schema& body,
                             auto handler) {
    Route route = change_route(Method::kPost, "segments/" + verb, verb + "_segments",
                               std::move(summary), body);
    route.handle = [&edits, handler](Request& request) { return handler(edits, request); };
    table.add(audited(audit,
                      {.action = "transcript." + verb,
                       .target_kind = "job",
                       .target = "job_id",
                       .details = [](const Request& request) -> json::object {
                         return {{"index", request.object().at("index")}};
                       }},
                      std::move(route)));
  };
  add_shape("split", "One segment becomes two",
            Schema::object({{"index", index, Need::kRequired},
                            {"at",
                             Schema::integer().range(1, 20'000).described(
                                 "bytes of its text in UTF-8 that stay in the first one"),
                             Need::kRequired}}),
            split);
  add_shape("merge", "A segment and the one behind it become one",
            Schema::object({{"index", index, Need::kRequired}}), merge);
}

}  // namespace

void add_transcript_routes(RouteTable& table, app::Jobs& jobs, app::TranscriptEdits& edits,
                           app::Audit& audit) {
  const Schema flag = Schema::boolean();
  table.add({.path = "/api/v1/jobs/{job_id}/transcript",
             .operation = "get_transcript",
             .summary = "The transcript as a file",
             .tag = kTag,
             .permission = app::Permission::kReadJobs,
             .parameters = {{.name = "format",
                             .schema = Schema::string().one_of(
                                 {"json", "txt", "srt", "vtt", "tsv", "lrc", "md", "docx"})},
                            {.name = "speakers", .schema = flag},
                            {.name = "times", .schema = flag},
                            {.name = "words", .schema = flag},
                            {.name = "download", .schema = flag}},
             .answers = {{200, "The file", Schema::any()},
                         {.status = 200, .media_type = "text/plain"},
                         {.status = 200, .media_type = "text/vtt"},
                         {.status = 200, .media_type = "text/markdown"},
                         {.status = 200, .media_type = "text/tab-separated-values"},
                         {.status = 200, .media_type = "application/x-subrip"},
                         {.status = 200,
                          .media_type = "application/vnd.openxmlformats-officedocument."
                                        "wordprocessingml.document"},
                         {404, "There is no such job"},
                         {409, "It has no transcript yet"}},
             .handle = [&jobs](Request& request) { return read_file(jobs, request); }});
  table.add({.path = "/api/v1/jobs/{job_id}/segments",
             .operation = "get_segments",
             .summary = "The segments with their words, for editing",
             .tag = kTag,
             .permission = app::Permission::kReadJobs,
             .answers = {{200, "Version and segments", envelope(Schema::any())}, {404, "None"}},
             .handle = [&edits](Request& request) -> Answer {
               return version_response(
                   KATIP_TRY(edits.read(request.principal, request.path_value("job_id"), {})));
             }});
  add_change_routes(table, edits, audit);
  table.add({.path = "/api/v1/jobs/{job_id}/history",
             .operation = "get_history",
             .summary = "Who changed the transcript, when and how",
             .tag = kTag,
             .permission = app::Permission::kReadJobs,
             .parameters = {{.name = "limit", .schema = Schema::integer().range(1, 200)}},
             .answers = {{200, "The last edits first", envelope(Schema::any())}, {404, "None"}},
             .handle = [&edits](Request& request) { return history(edits, request); }});
}

}  // namespace katip::http
