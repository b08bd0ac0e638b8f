#include "store/migrate/files/file_text.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

/// Tested by new_revision_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kDefault = R"(-- revision: ${revision}
-- revises: ${revises}
-- message: ${message}
-- created: ${created}
-- branch_labels: ${branch_labels}
-- depends_on: ${depends_on}

-- upgrade
${upgrade}
-- downgrade
${downgrade})";

/// Takes the line `-- upgrade` away where `-- upgrade sqlite` follows at once: empty, it would say
/// that there is nothing to do on the other database.
std::string without_empty_sections(std::string text) {
  for (const Direction direction : {Direction::kUpgrade, Direction::kDowngrade}) {
    const std::string line = fmt::format("-- {}\n", name(direction));
    const std::string twice = fmt::format("{}-- {} ", line, name(direction));
    for (std::size_t at = text.find(twice); at != text.npos; at = text.find(twice, at)) {
      text.erase(at, line.size());
    }
  }
  return text;
}

/// The SQL of one direction; parts for one dialect with their section line.
std::string sql_of(const RevisionFile& file, Direction direction) {
  std::string text;
  for (const Section& section : file.sections) {
    if (section.direction != direction) continue;
    if (section.dialect) {
      text += fmt::format("-- {} {}\n", name(direction), store::name(*section.dialect));
    }
    text += section.sql;
  }
  return text;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

std::string_view default_script_template() { return kDefault; }

Result<std::string> fill_script_template(std::string_view script_template,
                                         const RevisionFile& file) {
  const std::map<std::string, std::string, std::less<>> values = {
      {"revision", file.id},
      {"revises", fmt::format("{}", fmt::join(file.revises, ", "))},
      {"message", one_line(file.message)},
      {"created", file.created},
      {"branch_labels", fmt::format("{}", fmt::join(file.branch_labels, ", "))},
      {"depends_on", fmt::format("{}", fmt::join(file.depends_on, ", "))},
      {"upgrade", sql_of(file, Direction::kUpgrade)},
      {"downgrade", sql_of(file, Direction::kDowngrade)}};
  std::string text;
  while (!script_template.empty()) {
    const std::size_t end = std::min(script_template.find('\n'), script_template.size() - 1) + 1;
    std::string_view line = script_template.substr(0, end);
    script_template.remove_prefix(end);
    std::string filled;
    bool is_left_out = false;
    for (std::size_t open = line.find("${"); open != line.npos; open = line.find("${")) {
      const std::size_t close = std::min(line.find('}', open), line.size());
      const std::string_view key = line.substr(open + 2, close - open - 2);
      const auto value = values.find(key);
      if (value == values.end()) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("script template: '${{{}}}' is unknown", key));
      }
      is_left_out |= value->second.empty() && (key == "branch_labels" || key == "depends_on");
      filled += std::string(line.substr(0, open)) + value->second;
      line.remove_prefix(std::min(close + 1, line.size()));
    }
    if (!is_left_out) text += filled + std::string(line);
  }
  return without_empty_sections(std::move(text));
}

}  // namespace katip::store::migrate
