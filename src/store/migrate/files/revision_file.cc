#include "store/migrate/files/revision_file.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/suggestion.h"
#include "base/trimmed.h"
#include "store/migrate/files/sql_lexer.h"

/// The file is read line by line: header comments up to the first section, then sections. Only the
/// text of sections is SQL.
/// Tested by revision_file_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {"revision", "revises",       "message",
                                                   "created",  "branch_labels", "depends_on"};

/// Within a line.
std::string_view trim(std::string_view text) { return trimmed(text, " \t\r"); }

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::string_view item = trim(take_until(text, ','));
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

std::optional<Direction> direction_of(std::string_view word) {
  if (word == "upgrade") return Direction::kUpgrade;
  if (word == "downgrade") return Direction::kDowngrade;
  return std::nullopt;
}

class FileReader {
 public:
  FileReader(std::string_view text, const std::filesystem::path& path) : text_(text) {
    file_.path = path;
  }

  Result<RevisionFile> run() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      ++line_;
      const std::string_view line = text_.substr(at, end - at);
      at = std::min(end + 1, text_.size());
      const bool is_section = KATIP_TRY(take_section(line));
      if (is_section) continue;
      if (file_.sections.empty()) {
        KATIP_TRY(take_header(line));
      } else {
        file_.sections.back().sql += std::string(line) + "\n";
      }
    }
    KATIP_TRY(check_whole());
    return std::move(file_);
  }

 private:
  std::unexpected<Error> wrong(std::string_view message) const {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}: {}", file_.path.string(), line_, message));
  }

  /// True when the line begins a section. One further word must be a dialect; more words make it a
  /// comment like any other.
  Result<bool> take_section(std::string_view line) {
    if (!line.starts_with("--")) return false;
    const std::string_view words = trim(line.substr(2));
    const std::size_t space = std::min(words.find_first_of(" \t"), words.size());
    const auto direction = direction_of(words.substr(0, space));
    if (!direction) return false;
    const std::string_view rest = trim(words.substr(space));
    if (rest.find_first_of(" \t") != rest.npos) return false;
    Section section{
        .direction = *direction, .dialect = std::nullopt, .sql = {}, .first_line = line_ + 1};
    if (rest == "sqlite") {
      section.dialect = Dialect::kSqlite;
    } else if (rest == "postgresql" || rest == "postgres") {
      section.dialect = Dialect::kPostgres;
    } else if (!rest.empty()) {
      return wrong(
          fmt::format("'{}' is no dialect: write postgresql or sqlite, or nothing for "
                      "both",
                      rest));
    }
    file_.sections.push_back(std::move(section));
    return true;
  }

  Status take_header(std::string_view line) {
    if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    const std::string_view text = trim(line);
    if (text.empty()) return {};
    if (!text.starts_with("--")) {
      return wrong("SQL before the first section: begin it with a line '-- upgrade'");
    }
    const std::string_view comment = trim(text.substr(2));
    const std::size_t colon = comment.find(':');
    if (colon == comment.npos) return {};
    return take_field(trim(comment.substr(0, colon)), trim(comment.substr(colon + 1)));
  }

  Status take_field(std::string_view key, std::string_view value) {
    if (std::ranges::find(kKeys, key) == kKeys.end()) {
      const auto meant = nearest(key, kKeys);
      // Several words, or a word far from all of ours: a comment that happens to have a colon.
      if (key.find(' ') != key.npos || !meant) return {};
      return wrong(fmt::format("'{}' is no header; did you mean '{}'?", key, *meant));
    }
    if (!seen_.insert(std::string(key)).second) {
      return wrong(fmt::format("'{}' is given twice", key));
    }
    if (key == "revision") file_.id = value;
    if (key == "revises" && value != "<base>") file_.revises = split_list(value);
    if (key == "message") file_.message = value;
    if (key == "created") file_.created = value;
    if (key == "branch_labels") file_.branch_labels = split_list(value);
    if (key == "depends_on") file_.depends_on = split_list(value);
    return {};
  }

  Status check_whole() {
    if (!seen_.contains("revision")) {
      return wrong("no '-- revision: ID' before the first section");
    }
    if (text_.contains('\0')) return wrong("a zero byte: this is no text file");
    KATIP_TRY(named(check_revision_id(file_.id)));
    for (const std::string& label : file_.branch_labels) {
      KATIP_TRY(named(check_branch_label(label)));
    }
    for (const Direction direction : {Direction::kUpgrade, Direction::kDowngrade}) {
      for (const Dialect dialect : {Dialect::kSqlite, Dialect::kPostgres}) {
        const auto statements = file_.statements(direction, dialect);
        if (!statements) return std::unexpected(statements.error());
      }
    }
    return {};
  }

  [[nodiscard]] Status named(Status status) const {
    if (!status) return fail(file_.path.string(), std::move(status).error());
    return status;
  }

  std::string_view text_;
  RevisionFile file_;
  std::set<std::string> seen_;
  int line_ = 0;
};

bool applies(const Section& section, Direction direction, Dialect dialect) {
  return section.direction == direction && section.dialect.value_or(dialect) == dialect;
}

/// The word that begins or ends a transaction, or nothing.
std::string_view transaction_word(const Statement& statement, Dialect dialect) {
  constexpr std::array<std::string_view, 6> kWords = {"begin", "commit", "rollback",
                                                      "end",   "abort",  "start"};
  SqlLexer lexer(statement.text, dialect);
  const Result<Token> first = lexer.next();
  if (!first) return {};
  for (const std::string_view word : kWords) {
    if (is_word(*first, word)) return word;
  }
  return {};
}

}  // namespace

std::string_view name(Direction direction) {
  return direction == Direction::kUpgrade ? "upgrade" : "downgrade";
}

bool RevisionFile::has_section(Direction direction, Dialect dialect) const {
  return std::ranges::any_of(
      sections, [&](const Section& section) { return applies(section, direction, dialect); });
}

Result<std::vector<Statement>> RevisionFile::statements(Direction direction,
                                                        Dialect dialect) const {
  std::vector<Statement> all;
  for (const Section& section : sections) {
    if (!applies(section, direction, dialect)) continue;
    // A section of one dialect is split by its rules only; a common one has to be right for both.
    auto some = split_statements(section.sql, dialect);
    if (!some) {
      return fail(fmt::format("{}: in the section '{}' that begins behind line {}", path.string(),
                              name(direction), section.first_line - 1),
                  std::move(some).error());
    }
    for (Statement& statement : *some) {
      statement.line += section.first_line - 1;
      const std::string_view word = transaction_word(statement, dialect);
      if (!word.empty()) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("{}:{}: '{}' is not for a migration: each revision is one "
                                "transaction already; what cannot be in one is marked with "
                                "'-- katip: no-transaction'",
                                path.string(), statement.line, word));
      }
      all.push_back(std::move(statement));
    }
  }
  return all;
}

Result<RevisionFile> parse_revision_file(std::string_view text, const std::filesystem::path& path) {
  return FileReader(text, path).run();
}

}  // namespace katip::store::migrate
