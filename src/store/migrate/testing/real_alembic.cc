#include "store/migrate/testing/real_alembic.h"

#include <chrono>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/atomic_file.h"
#include "base/subprocess.h"

namespace katip::store::migrate::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kFileSizeMax = std::size_t{256} << 20;

Status run(const std::vector<std::string>& arguments, std::chrono::milliseconds time_max) {
  const SubprocessResult result = KATIP_TRY(run_subprocess(arguments, time_max, {}));
  if (result.exit_code == 0) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("{} ended with {}: {}", arguments.front(),
                                                   result.exit_code, result.output));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// The line ALEMBIC_VERSION=… of the one file that names versions.
Result<std::string> pinned_version() {
  const std::string text = KATIP_TRY(
      read_whole_file(fs::path(KATIP_SOURCE_DIR) / "tools" / "versions.env", kFileSizeMax));
  const std::string key = "ALEMBIC_VERSION=";
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with(key)) return line.substr(key.size());
  }
  return fail(ErrorCode::kNotFound, "tools/versions.env has no ALEMBIC_VERSION");
}

std::string text_of(const std::vector<Scenario>& scenarios) {
  std::string text;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    text += fmt::format("graph\t{}\n", i);
    for (const RevisionFile& file : scenarios[i].files) {
      text += fmt::format("rev\t{}\t{}\t{}\t{}\n", file.id, fmt::join(file.revises, ","),
                          fmt::join(file.depends_on, ","), fmt::join(file.branch_labels, ","));
    }
    for (const auto& command : scenarios[i].commands) {
      text += fmt::format("run\t{}\n", fmt::join(command, "\t"));
    }
  }
  return text;
}

Verdict verdict_of(const std::string& word) {
  if (word == "ok") return Verdict::kOk;
  return word == "failed" ? Verdict::kFailed : Verdict::kCrashed;
}

std::vector<std::vector<Outcome>> parse_results(const std::string& text) {
  std::vector<std::vector<Outcome>> results;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t tab = line.find('\t');
    const std::string kind = line.substr(0, tab);
    const std::string rest = tab == std::string::npos ? "" : line.substr(tab + 1);
    if (kind == "graph") results.emplace_back();
    if (kind == "run") {
      const std::size_t end = rest.find('\t');
      Outcome outcome;
      outcome.verdict = verdict_of(rest.substr(0, end));
      outcome.message = rest.substr(end + 1);
      results.back().push_back(std::move(outcome));
    }
    if (kind == "step") results.back().back().steps.push_back(rest);
    if (kind == "out") results.back().back().output.push_back(rest);
    if (kind == "rows") results.back().back().rows = split(rest, ',');
  }
  return results;
}

}  // namespace

Result<RealAlembic> RealAlembic::install() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorCode::kInternal, "cannot find the test program's own folder");
  const std::string version = KATIP_TRY(pinned_version());
  const fs::path folder = program.parent_path() / fmt::format("alembic-{}", version);
  const fs::path python = folder / "bin" / "python";
  const fs::path done = folder / "installed";
  if (fs::exists(done, error)) return RealAlembic(python);
  KATIP_TRY(
      ::katip::store::migrate::testing::run({"python3", "-m", "venv", folder.string()}, 2min));
  KATIP_TRY(::katip::store::migrate::testing::run(
      {python.string(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
       "--retries", "1", "--timeout", "20", fmt::format("alembic=={}", version)},
      5min));
  KATIP_TRY(write_file_atomically(done, version));
  return RealAlembic(python);
}

Result<std::vector<std::vector<Outcome>>> RealAlembic::run(const std::vector<Scenario>& scenarios,
                                                           const fs::path& folder) const {
  const fs::path driver =
      fs::path(KATIP_SOURCE_DIR) / "src" / "store" / "migrate" / "testing" / "alembic_driver.py";
  const fs::path questions = folder / "scenarios";
  const fs::path answers = folder / "results";
  KATIP_TRY(write_file_atomically(questions, text_of(scenarios)));
  KATIP_TRY(::katip::store::migrate::testing::run(
      {python_.string(), driver.string(), questions.string(), answers.string(), folder.string()},
      20min));
  auto results = parse_results(KATIP_TRY(read_whole_file(answers, kFileSizeMax)));
  if (results.size() != scenarios.size()) {
    return fail(ErrorCode::kInternal, "the driver did not answer for every graph");
  }
  return results;
}

}  // namespace katip::store::migrate::testing
