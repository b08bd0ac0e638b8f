#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "http/routes/audited.h"
#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kTag = "feedback";

json::value parsed(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  boost::system::error_code error;
  json::value value = json::parse(*text, error);
  return error ? json::value(nullptr) : value;
}

json::object to_json(const app::Feedback& feedback) {
  return {{"id", feedback.id},
          {"job_id", feedback.public_job_id},
          {"feedback_type", feedback.feedback_type},
          {"reviewer", or_null(feedback.reviewer)},
          {"comment", or_null(feedback.comment)},
          {"accuracy_score", or_null(feedback.accuracy_score)},
          {"difference", parsed(feedback.diff_data)},
          {"terms", parsed(feedback.extracted_terms)},
          {"is_processed", feedback.is_processed},
          {"created_at", app::to_text(feedback.created_at)}};
}

Answer submit(app::FeedbackDesk& desk, const Request& request) {
  const json::object& body = request.object();
  app::FeedbackRequest feedback{.corrected_text = text_in(body, "corrected_text"),
                                .reviewer = text_in(body, "reviewer"),
                                .comment = text_in(body, "comment")};
  if (const json::value* segments = body.if_contains("corrected_segments")) {
    for (const json::value& item : segments->as_array()) {
      feedback.corrected_segments.push_back(
          {.index = integer_in(item.as_object(), "index").value_or(-1),
           .text = text_in(item.as_object(), "text").value_or("")});
    }
  }
  const app::FeedbackResult result =
      KATIP_TRY(desk.submit(request.principal, request.path_value("job_id"), feedback, {}));
  Response response = native_response(to_json(result.feedback), "thank you", 201);
  response.headers.set("Location", "/api/v1/feedback/" + result.feedback.id);
  return response;
}

Answer list(app::FeedbackDesk& desk, const Request& request, std::optional<std::string> job_id) {
  app::FeedbackQuery query{.cursor = text_of(request, "cursor"), .count_max = limit_of(request)};
  query.filter.job_id = std::move(job_id);
  query.filter.reviewer = text_of(request, "reviewer");
  query.filter.feedback_type = text_of(request, "feedback_type");
  if (const auto processed = request.query_value("is_processed")) {
    query.filter.is_processed = *processed == "true";
  }
  const TimeSpan times = KATIP_TRY(times_of(request));
  query.filter.created_from = times.from;
  query.filter.created_before = times.before;
  const app::FeedbackList page = KATIP_TRY(desk.list(request.principal, query, {}));
  json::array items;
  for (const app::Feedback& feedback : page.rows) items.push_back(to_json(feedback));
  return list_response(std::move(items), page.next_cursor, request);
}

Answer reviewers(app::FeedbackDesk& desk, const Request& request) {
  const TimeSpan times = KATIP_TRY(times_of(request));
  json::array items;
  for (const app::ReviewerFigures& figures :
       KATIP_TRY(desk.reviewers(request.principal, times.from.value_or(app::Timestamp()), {}))) {
    items.push_back({{"reviewer", or_null(figures.reviewer)},
                     {"feedback_count", figures.feedback_count},
                     {"accuracy_score_mean", or_null(figures.accuracy_score_mean)},
                     {"accuracy_score_min", or_null(figures.accuracy_score_min)},
                     {"accuracy_score_max", or_null(figures.accuracy_score_max)},
                     {"last_at", app::to_text(figures.last_at)}});
  }
  return native_response(json::object{{"items", std::move(items)}});
}

Schema feedback_schema() {
  const Schema segment =
      Schema::object({{"index", Schema::integer().range(0, 1e9), Need::kRequired},
                      {"text", Schema::string().length(0, 20'000), Need::kRequired}});
  return Schema::object({{"corrected_text", Schema::string().length(0, 4'000'000)},
                         {"corrected_segments", Schema::array(segment).length(1, 10'000)},
                         {"reviewer", Schema::string().length(1, 200)},
                         {"comment", Schema::string().length(0, 10'000)}});
}

Route read_route(std::string path, std::string operation, std::string summary) {
  return {.path = std::move(path),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = kTag,
          .permission = app::Permission::kReadJobs,
          .answers = {{200, "What there is", envelope(Schema::any())}, {404, "There is none"}}};
}

std::vector<Parameter> filters() {
  std::vector<Parameter> parameters = time_parameters();
  parameters.push_back({.name = "reviewer", .schema = Schema::string().length(1, 200)});
  parameters.push_back({.name = "feedback_type", .schema = Schema::string().length(1, 50)});
  parameters.push_back({.name = "is_processed", .schema = Schema::boolean()});
  return list_parameters(std::move(parameters));
}

}  // namespace

void add_feedback_routes(RouteTable& table, app::FeedbackDesk& desk, app::Audit& audit) {
  table.add(audited(audit,
                    {.action = "feedback.create",
                     .target_kind = "feedback",
                     .details = [](const Request& request) -> json::object {
                       return {{"job_id", request.path_value("job_id")}};
                     }},
                    {.method = Method::kPost,
                     .path = "/api/v1/jobs/{job_id}/feedback",
                     .operation = "submit_feedback",
                     .summary = "Says what was said really; gives accuracy and differences",
                     .tag = kTag,
                     .permission = app::Permission::kWriteJobs,
                     .body_kind = BodyKind::kJson,
                     .body = feedback_schema(),
                     .body_size_max = 16 << 20,
                     .answers = {{201, "The feedback", envelope(Schema::any())},
                                 {404, "There is no such job"},
                                 {409, "It has no transcript"}},
                     .handle = [&desk](Request& request) { return submit(desk, request); }}));
  Route of_job = read_route("/api/v1/jobs/{job_id}/feedback", "list_job_feedback",
                            "Feedback on one job, newest first");
  of_job.parameters = filters();
  of_job.handle = [&desk](Request& request) {
    return list(desk, request, request.path_value("job_id"));
  };
  table.add(std::move(of_job));
  Route all = read_route("/api/v1/feedback", "list_feedback", "All feedback, newest first");
  all.parameters = filters();
  all.parameters.push_back({.name = "job_id", .schema = Schema::string().length(1, 64)});
  all.handle = [&desk](Request& request) {
    return list(desk, request, text_of(request, "job_id"));
  };
  table.add(std::move(all));
  Route figures = read_route("/api/v1/feedback/reviewers", "list_reviewers",
                             "How much each reviewer did, and what it said");
  figures.parameters = {time_parameters().front()};
  figures.handle = [&desk](Request& request) { return reviewers(desk, request); };
  table.add(std::move(figures));
  Route one = read_route("/api/v1/feedback/{id}", "get_feedback", "One feedback");
  one.handle = [&desk](Request& request) -> Answer {
    return native_response(
        to_json(KATIP_TRY(desk.get(request.principal, request.path_value("id"), {}))));
  };
  table.add(std::move(one));
}

}  // namespace katip::http
