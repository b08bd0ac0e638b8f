#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "app/lexicon_exchange.h"
#include "http/routes/audited.h"
#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kTag = "lexicon";
constexpr const char* kTerms = "/api/v1/lexicon/terms";

json::object to_json(const app::Term& term) {
  return {{"id", term.id},
          {"term", term.term},
          {"normalized_term", term.normalized_term},
          {"language", term.language},
          {"category", term.category},
          {"weight", term.weight},
          {"frequency", term.frequency},
          {"alternatives", json::array(term.alternatives.begin(), term.alternatives.end())},
          {"source", name(term.source)},
          {"status", name(term.status)},
          {"is_active", term.is_active},
          {"created_by", or_null(term.created_by)},
          {"created_at", app::to_text(term.created_at)},
          {"updated_at", app::to_text(term.updated_at)}};
}

Schema term_schema(Need term_need) {
  return Schema::object(
      {{"term", Schema::string().length(1, 200), term_need},
       {"language", Schema::string().length(0, 30).described("a code; empty: every language")},
       {"category", Schema::string().length(1, 50)},
       {"weight", Schema::number().range(0.001, 5)},
       {"alternatives", Schema::array(Schema::string().length(1, 200)).length(0, 50)}});
}

Schema change_schema() {
  return Schema::object(
      {{"term", Schema::string().length(1, 200)},
       {"language", Schema::string().length(0, 30)},
       {"category", Schema::string().length(1, 50)},
       {"weight", Schema::number().range(0.001, 5)},
       {"alternatives", Schema::array(Schema::string().length(1, 200)).length(0, 50)},
       {"is_active", Schema::boolean()}});
}

app::TermFilter filter_of(const Request& request) {
  app::TermFilter filter{.language = text_of(request, "language"),
                         .category = text_of(request, "category")};
  if (const auto status = request.query_value("status")) {
    filter.status = app::parse_term_status(*status);
  }
  if (const auto source = request.query_value("source")) {
    filter.source = app::parse_term_source(*source);
  }
  if (const auto active = request.query_value("is_active")) filter.is_active = *active == "true";
  filter.part = text_of(request, "q");
  return filter;
}

std::vector<Parameter> filters() {
  return {
      {.name = "language", .schema = Schema::string().length(0, 30)},
      {.name = "category", .schema = Schema::string().length(1, 50)},
      {.name = "status", .schema = Schema::string().one_of({"active", "suggested", "rejected"})},
      {.name = "source", .schema = Schema::string().one_of({"manual", "learned", "imported"})},
      {.name = "is_active", .schema = Schema::boolean()},
      {.name = "q", .schema = Schema::string().length(1, 200).described("a part of the term")}};
}

Answer list(app::Lexicon& lexicon, const Request& request,
            std::optional<app::TermStatus> status = {}) {
  app::TermQuery query{.filter = filter_of(request),
                       .cursor = text_of(request, "cursor"),
                       .count_max = limit_of(request)};
  if (status) query.filter.status = status;
  const app::TermList page = KATIP_TRY(lexicon.list(request.principal, query, {}));
  json::array items;
  for (const app::Term& term : page.terms) items.push_back(to_json(term));
  return list_response(std::move(items), page.next_cursor, request);
}

Answer add(app::Lexicon& lexicon, const Request& request) {
  const json::object& body = request.object();
  app::TermRequest term{.term = text_in(body, "term").value_or(""),
                        .language = text_in(body, "language").value_or(""),
                        .category = text_in(body, "category").value_or("general"),
                        .weight = number_in(body, "weight").value_or(1),
                        .alternatives = texts_in(body, "alternatives")};
  const app::Term added = KATIP_TRY(lexicon.add(request.principal, term, {}));
  Response response = native_response(to_json(added), "the term is in use", 201);
  response.headers.set("Location", fmt::format("{}/{}", kTerms, added.id));
  return response;
}

Answer change(app::Lexicon& lexicon, const Request& request) {
  const json::object& body = request.object();
  app::TermChange change{.term = text_in(body, "term"),
                         .language = text_in(body, "language"),
                         .category = text_in(body, "category"),
                         .weight = number_in(body, "weight")};
  if (body.contains("alternatives")) change.alternatives = texts_in(body, "alternatives");
  if (const json::value* active = body.if_contains("is_active"))
    change.is_active = active->as_bool();
  return native_response(
      to_json(KATIP_TRY(lexicon.change(request.principal, request.path_value("id"), change, {}))));
}

Answer evidence(app::Lexicon& lexicon, const Request& request) {
  json::array items;
  for (const app::TermEvidence& each :
       KATIP_TRY(lexicon.evidence(request.principal, request.path_value("id"), {}))) {
    items.push_back({{"job_id", or_null(each.job_id)},
                     {"heard", each.heard},
                     {"occurrence_count", each.occurrence_count},
                     {"updated_at", app::to_text(each.updated_at)}});
  }
  return native_response(json::object{{"items", std::move(items)}});
}

Answer import(app::Lexicon& lexicon, app::Audit& audit, const Request& request) {
  const auto format = KATIP_TRY(app::parse_lexicon_format(*request.query_value("format")));
  const auto terms = KATIP_TRY(
      app::parse_terms_file(request.body, format, text_of(request, "language").value_or("")));
  const app::ImportCounts counts = KATIP_TRY(lexicon.import(request.principal, terms, {}));
  json::object answer{{"added", counts.added}, {"changed", counts.changed}};
  note(audit, request, {.action = "lexicon.import", .target_kind = "lexicon"}, "", answer);
  return native_response(answer);
}

Answer export_terms(app::Lexicon& lexicon, const Request& request) {
  const auto format =
      KATIP_TRY(app::parse_lexicon_format(request.query_value("format").value_or("csv")));
  const auto terms = KATIP_TRY(lexicon.export_all(request.principal, filter_of(request), {}));
  Response response =
      text_response(app::write_terms_file(terms, format), std::string(app::content_type(format)));
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"lexicon.{}\"",
                                                          app::file_extension(format)));
  return response;
}

Route route(Method method, std::string path, std::string operation, std::string summary,
            app::Permission permission) {
  return {.method = method,
          .path = std::move(path),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = kTag,
          .permission = permission,
          .answers = {{200, "What there is", envelope(Schema::any())}, {404, "There is none"}}};
}

void add_read_routes(RouteTable& table, app::Lexicon& lexicon) {
  const auto reads = app::Permission::kReadLexicon;
  Route all = route(Method::kGet, kTerms, "list_terms", "Terms, newest first", reads);
  all.parameters = list_parameters(filters());
  all.handle = [&lexicon](Request& request) { return list(lexicon, request); };
  table.add(std::move(all));
  Route suggested = route(Method::kGet, "/api/v1/lexicon/suggestions", "list_suggestions",
                          "Terms that corrections speak for", reads);
  suggested.parameters = list_parameters({{.name = "language", .schema = Schema::string()}});
  suggested.handle = [&lexicon](Request& request) {
    return list(lexicon, request, app::TermStatus::kSuggested);
  };
  table.add(std::move(suggested));
  Route one = route(Method::kGet, fmt::format("{}/{{id}}", kTerms), "get_term", "One term", reads);
  one.handle = [&lexicon](Request& request) -> Answer {
    return native_response(
        to_json(KATIP_TRY(lexicon.get(request.principal, request.path_value("id"), {}))));
  };
  table.add(std::move(one));
  Route why = route(Method::kGet, fmt::format("{}/{{id}}/evidence", kTerms), "get_term_evidence",
                    "What was heard in its place, and where", reads);
  why.handle = [&lexicon](Request& request) { return evidence(lexicon, request); };
  table.add(std::move(why));
  Route out =
      route(Method::kGet, "/api/v1/lexicon/export", "export_lexicon", "A file of all terms", reads);
  out.parameters = filters();
  out.parameters.push_back(
      {.name = "format", .schema = Schema::string().one_of({"csv", "json", "txt"})});
  out.answers = {{200, "The file", Schema::any()},
                 {.status = 200, .media_type = "text/csv"},
                 {.status = 200, .media_type = "text/plain"}};
  out.handle = [&lexicon](Request& request) { return export_terms(lexicon, request); };
  table.add(std::move(out));
}

AuditMark mark_of(std::string action) {
  return {.action = std::move(action), .target_kind = "term", .target = "id"};
}

void add_term_routes(RouteTable& table, app::Lexicon& lexicon, app::Audit& audit) {
  const auto writes = app::Permission::kWriteLexicon;
  Route create = route(Method::kPost, kTerms, "add_term", "Adds a term", writes);
  create.body_kind = BodyKind::kJson;
  create.body = term_schema(Need::kRequired);
  create.answers = {{201, "The term", envelope(Schema::any())}, {409, "It is there already"}};
  create.handle = [&lexicon](Request& request) { return add(lexicon, request); };
  table.add(audited(audit, {.action = "term.create", .target_kind = "term"}, std::move(create)));
  Route update = route(Method::kPatch, fmt::format("{}/{{id}}", kTerms), "change_term",
                       "Changes a term, switches it on or off", writes);
  update.body_kind = BodyKind::kJson;
  update.body = change_schema();
  update.handle = [&lexicon](Request& request) { return change(lexicon, request); };
  AuditMark changes = mark_of("term.change");
  changes.details = &changed_fields;
  table.add(audited(audit, std::move(changes), std::move(update)));
  Route remove = route(Method::kDelete, fmt::format("{}/{{id}}", kTerms), "delete_term",
                       "Deletes a term", writes);
  remove.answers = {{.status = 204, .description = "It is gone"}, {404, "There is none"}};
  remove.handle = [&lexicon](Request& request) -> Answer {
    KATIP_TRY(lexicon.remove(request.principal, request.path_value("id"), {}));
    return empty_response();
  };
  table.add(audited(audit, mark_of("term.delete"), std::move(remove)));
}

void add_suggestion_routes(RouteTable& table, app::Lexicon& lexicon, app::Audit& audit) {
  for (const bool approves : {true, false}) {
    const std::string verb = approves ? "approve" : "reject";
    Route decide =
        route(Method::kPost, "/api/v1/lexicon/suggestions/{id}/" + verb, verb + "_suggestion",
              approves ? "Uses a suggested term from now on" : "Never suggests it again",
              app::Permission::kWriteLexicon);
    decide.answers.push_back({409, "It is no suggestion"});
    decide.handle = [&lexicon, approves](Request& request) -> Answer {
      const std::string& id = request.path_value("id");
      return native_response(
          to_json(KATIP_TRY(approves ? lexicon.approve(request.principal, id, {})
                                     : lexicon.reject(request.principal, id, {}))));
    };
    table.add(audited(audit, mark_of("term." + verb), std::move(decide)));
  }
}

void add_import_route(RouteTable& table, app::Lexicon& lexicon, app::Audit& audit) {
  Route in = route(Method::kPost, "/api/v1/lexicon/import", "import_lexicon",
                   "Adds and changes the terms of a file", app::Permission::kWriteLexicon);
  in.parameters = {
      {.name = "format",
       .schema = Schema::string().one_of({"csv", "json", "txt"}),
       .need = Need::kRequired},
      {.name = "language",
       .schema = Schema::string().length(0, 30).described("of terms that do not name their own")}};
  in.body_kind = BodyKind::kText;
  in.body_size_max = 32 << 20;
  in.answers = {{200, "How many were added and changed", envelope(Schema::any())},
                {400, "What is wrong, and in which line"}};
  in.handle = [&lexicon, &audit](Request& request) { return import(lexicon, audit, request); };
  table.add(std::move(in));
}

}  // namespace

void add_lexicon_routes(RouteTable& table, app::Lexicon& lexicon, app::Audit& audit) {
  add_read_routes(table, lexicon);
  add_term_routes(table, lexicon, audit);
  add_suggestion_routes(table, lexicon, audit);
  add_import_route(table, lexicon, audit);
}

}  // namespace katip::http
