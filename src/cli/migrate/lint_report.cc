#include "cli/migrate/lint_report.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli {

Result<std::vector<store::LintFinding>> lint_findings(const store::Migrations& migrations,
                                                      const std::vector<std::string>& targets,
                                                      std::optional<store::Dialect> dialect) {
  std::map<std::tuple<std::string, int, std::string>, store::LintFinding> found;
  for (const store::Dialect each : {store::Dialect::kSqlite, store::Dialect::kPostgres}) {
    if (dialect && *dialect != each) {
      continue;
    }
    auto some = KATIP_TRY(migrations.lint(targets, each));
    for (store::LintFinding& finding : some) {
      auto key = std::tuple(finding.path.string(), finding.line, finding.rule);
      found.try_emplace(std::move(key), std::move(finding));
    }
  }
  std::vector<store::LintFinding> result;
  for (auto& [key, finding] : found) {
    result.push_back(std::move(finding));
  }
  return result;
}

std::string text_of(const store::LintFinding& finding) {
  return fmt::format("{}:{}: {} ({})", finding.path.string(), finding.line, finding.message,
                     finding.rule);
}

void warn_about(const std::vector<store::LintFinding>& findings, Session& session) {
  for (const store::LintFinding& finding : findings) {
    session.terminal.say(Level::kWarning, text_of(finding));
  }
}

void warn_about_new_file(const MigrateWork& work, const std::filesystem::path& file,
                         std::optional<store::Dialect> dialect, Session& session) {
  // The folder again, now with the new file in it. It is a head, whichever branch it is on.
  const auto migrations = read_migrations(work);
  const auto heads = migrations ? migrations->heads({}, false) : Result<store::Listing>();
  if (!migrations || !heads) {
    return;  // It was right a moment ago; the next command will say what is wrong.
  }
  const auto made = std::ranges::find(heads->revisions, file, &store::RevisionInfo::path);
  if (made == heads->revisions.end()) {
    return;
  }
  if (const auto findings = lint_findings(*migrations, {made->id}, dialect)) {
    warn_about(*findings, session);
  }
}

}  // namespace katip::cli
