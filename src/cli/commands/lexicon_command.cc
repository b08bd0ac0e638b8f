#include <algorithm>
#include <charconv>
#include <filesystem>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/lexicon.h"
#include "app/lexicon_exchange.h"
#include "base/atomic_file.h"
#include "base/uuid.h"
#include "cli/accounts/command_audit.h"
#include "cli/accounts/work.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/queue/database.h"

namespace katip::cli {
namespace {

namespace json = boost::json;
using app::Term;
using app::TermStatus;

constexpr std::size_t kFileSizeMax = 64 << 20;

struct LexiconWork {
  const Arguments& arguments;
  Session& session;
  app::Lexicon& lexicon;
  CommandAudit& audit;
  const app::Principal& who;

  void say(const std::string& message) const { session.terminal.say(Level::kInfo, message); }
  [[nodiscard]] std::stop_token stop() const { return session.signals.token(); }
};

app::TermFilter filter_of(const LexiconWork& work) {
  app::TermFilter filter;
  if (work.arguments.has("--language")) filter.language = work.arguments.value("--language");
  if (work.arguments.has("--status")) {
    filter.status = app::parse_term_status(work.arguments.value("--status"));
  }
  return filter;
}

/// By its flag, else by the end of the file's name, else csv.
Result<app::LexiconFormat> format_of(const LexiconWork& work, const std::string& file) {
  if (work.arguments.has("--format")) {
    return app::parse_lexicon_format(work.arguments.value("--format"));
  }
  const std::string ending = std::filesystem::path(file).extension().string();
  return ending.empty() ? app::LexiconFormat::kCsv : app::parse_lexicon_format(ending.substr(1));
}

std::string state_of(const Term& term) {
  if (term.status == TermStatus::kActive && !term.is_active) return "off";
  return std::string(name(term.status));
}

Status list(const LexiconWork& work) {
  const auto terms = KATIP_TRY(work.lexicon.export_all(work.who, filter_of(work), work.stop()));
  if (work.arguments.has("--json")) {
    work.session.terminal.write(app::write_terms_file(terms, app::LexiconFormat::kJson));
    return {};
  }
  if (terms.empty()) {
    work.say("there are no such terms; `katip lexicon import FILE` adds some");
    return {};
  }
  std::vector<std::vector<std::string>> lines = {
      {"TERM", "LANGUAGE", "STATE", "WEIGHT", "SEEN", "CATEGORY", "ID"}};
  for (const Term& term : terms) {
    lines.push_back({term.term, term.language.empty() ? "any" : term.language, state_of(term),
                     fmt::format("{}", term.weight), std::to_string(term.frequency), term.category,
                     term.id});
  }
  work.session.terminal.write(table_text(lines));
  return {};
}

Status import(const LexiconWork& work) {
  for (const std::string& file : work.arguments.positionals) {
    const app::LexiconFormat format = KATIP_TRY(format_of(work, file));
    const std::string bytes = KATIP_TRY(read_whole_file(file, kFileSizeMax));
    auto terms = app::parse_terms_file(bytes, format, work.arguments.value("--language"));
    if (!terms) return fail(file, std::move(terms).error());
    auto counts = work.lexicon.import(work.who, *terms, work.stop());
    if (!counts) return fail(file, std::move(counts).error());
    work.audit.record({.action = "lexicon.import",
                       .target_kind = "lexicon",
                       .details = json::serialize(
                           json::object{{"added", counts->added}, {"changed", counts->changed}})});
    work.say(fmt::format("{}: {} terms added, {} changed", file, counts->added, counts->changed));
  }
  return {};
}

Status export_terms(const LexiconWork& work) {
  const std::string file = work.arguments.value("--output");
  const app::LexiconFormat format = KATIP_TRY(format_of(work, file));
  const auto terms = KATIP_TRY(work.lexicon.export_all(work.who, filter_of(work), work.stop()));
  const std::string bytes = app::write_terms_file(terms, format);
  if (file.empty()) {
    work.session.terminal.write(bytes);
    return {};
  }
  KATIP_TRY(write_file_atomically(file, bytes));
  work.say(fmt::format("{} terms are in {}", terms.size(), file));
  return {};
}

/// The id of a suggestion that is named by its id or by itself.
Result<std::string> suggestion_id(const LexiconWork& work, const std::string& named) {
  if (is_uuid(named)) return named;
  app::TermQuery query{.filter = {.status = TermStatus::kSuggested, .part = named},
                       .count_max = 200};
  std::vector<Term> terms = KATIP_TRY(work.lexicon.list(work.who, query, work.stop())).terms;
  std::erase_if(terms, [&](const Term& term) { return term.term != named; });
  if (terms.size() == 1) return terms.front().id;
  if (!terms.empty()) {
    return fail(ErrorCode::kConflict,
                fmt::format("`{}` is suggested for several languages; name it by its id", named));
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("`{}` is not suggested; `katip lexicon list --status suggested` shows "
                          "what is",
                          named));
}

template <TermStatus kTo>
Status decide(const LexiconWork& work) {
  for (const std::string& named : work.arguments.positionals) {
    const std::string id = KATIP_TRY(suggestion_id(work, named));
    const Term term =
        KATIP_TRY(kTo == TermStatus::kActive ? work.lexicon.approve(work.who, id, work.stop())
                                             : work.lexicon.reject(work.who, id, work.stop()));
    work.audit.record({.action = kTo == TermStatus::kActive ? "term.approve" : "term.reject",
                       .target_kind = "term",
                       .target_id = id});
    work.say(
        fmt::format("{} is {} now", term.term, kTo == TermStatus::kActive ? "in use" : "rejected"));
  }
  return {};
}

template <Status (*Body)(const LexiconWork&)>
int run(const Arguments& arguments, Session& session) {
  const auto work = [&]() -> Status {
    const Settings settings = KATIP_TRY(load_settings(arguments, session));
    const auto pool = KATIP_TRY(open_records(settings, session, {.connection_count_max = 2}));
    app::Lexicon lexicon(*pool, session.clock, system_rng());
    CommandAudit audit(settings, session, *pool);
    return Body({.arguments = arguments,
                 .session = session,
                 .lexicon = lexicon,
                 .audit = audit,
                 .who = audit.who()});
  };
  const Status status = work();
  return status ? kExitSuccess : report(status.error(), session);
}

Flag language_flag(std::string_view help) {
  return {.name = "--language", .value_name = "CODE", .help = help};
}
Flag format_flag() {
  return {.name = "--format",
          .value_name = "F",
          .help = "else by the end of the file's name, else csv",
          .choices = {"csv", "json", "txt"}};
}
Flag status_flag() {
  return {.name = "--status",
          .value_name = "S",
          .help = "only these",
          .choices = {"active", "suggested", "rejected"}};
}
Positional suggestions() {
  return {.name = "TERM", .help = "suggestions, or their ids", .count_min = 1, .count_max = 1'000};
}

}  // namespace

Command lexicon_command() {
  return {
      .name = "lexicon",
      .summary = "names and terms that every transcription of the server expects",
      .examples = {"katip lexicon import terms.csv --language tr",
                   "katip lexicon list --status suggested", "katip lexicon approve Kubernetes"},
      .subcommands = {
          {.name = "list",
           .summary = "show terms, the weightiest first",
           .flags = {status_flag(),
                     language_flag("only of this language"),
                     {.name = "--json", .help = "as a JSON array"}},
           .examples = {"katip lexicon list", "katip lexicon list --status suggested"},
           .run = &run<&list>},
          {.name = "import",
           .summary = "add and change terms from files",
           .details = "docs/records.md describes the formats. Nothing of a file is taken when a "
                      "line of it is wrong.",
           .flags = {format_flag(), language_flag("of terms that do not name their own")},
           .positional = {.name = "FILE",
                          .help = "csv, json or txt",
                          .count_min = 1,
                          .count_max = 100,
                          .completes = Completes::kFile},
           .examples = {"katip lexicon import terms.csv --language tr"},
           .run = &run<&import>},
          {.name = "export",
           .summary = "write terms to a file or to standard output",
           .flags = {format_flag(),
                     status_flag(),
                     language_flag("only of this language"),
                     {.name = "--output",
                      .short_name = "-o",
                      .value_name = "FILE",
                      .help = "else to standard output",
                      .completes = Completes::kFile}},
           .examples = {"katip lexicon export -o terms.csv", "katip lexicon export --format json"},
           .run = &run<&export_terms>},
          {.name = "approve",
           .summary = "use suggested terms from now on",
           .positional = suggestions(),
           .examples = {"katip lexicon approve Kubernetes"},
           .run = &run<&decide<TermStatus::kActive>>},
          {.name = "reject",
           .summary = "never suggest these terms again",
           .positional = suggestions(),
           .examples = {"katip lexicon reject Ankara"},
           .run = &run<&decide<TermStatus::kRejected>>}}};
}

}  // namespace katip::cli
