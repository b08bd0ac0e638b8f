#include "app/records/csv.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

/// Tested by lexicon_exchange_test.cc.
namespace katip::app {
namespace {

char separator_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return std::ranges::count(line, ';') > std::ranges::count(line, ',') ? ';' : ',';
}

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text), separator_(separator_of(text)) {}

  Result<std::vector<std::vector<std::string>>> run() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      line_ += c == '\n' ? 1 : 0;
      if (is_quoted_) {
        take_quoted(c);
      } else if (c == '"' && field_.empty()) {
        is_quoted_ = true;
        quote_line_ = line_;
      } else if (c == separator_) {
        end_field();
      } else if (c == '\n') {
        end_row();
      } else if (c != '\r') {
        field_ += c;
      }
    }
    if (is_quoted_) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("line {}: a quote is not closed", quote_line_));
    }
    end_row();
    return std::move(rows_);
  }

 private:
  void take_quoted(char c) {
    if (c != '"') {
      field_ += c;
    } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
      field_ += '"';
      ++at_;
    } else {
      is_quoted_ = false;
    }
  }
  void end_field() { row_.push_back(std::exchange(field_, {})); }
  void end_row() {
    if (row_.empty() && field_.empty()) return;
    end_field();
    rows_.push_back(std::exchange(row_, {}));
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
  int quote_line_ = 0;
  bool is_quoted_ = false;
  std::string field_;
  std::vector<std::string> row_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text) {
  return CsvReader(text).run();
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of("\",;\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_outside_field(std::string_view text) {
  const bool is_formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  return csv_field(is_formula ? "'" + std::string(text) : std::string(text));
}

}  // namespace katip::app
