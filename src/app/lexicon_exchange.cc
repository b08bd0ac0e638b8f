#include "app/lexicon_exchange.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/lexicon_file.h"
#include "app/records/csv.h"
#include "base/suggestion.h"
#include "base/trimmed.h"
#include "base/utf8.h"

/// Tested by lexicon_exchange_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kTermCountMax = 100'000;
constexpr std::array<std::string_view, 8> kColumns = {
    "term", "language", "category", "weight", "frequency", "alternatives", "source", "status"};

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}
std::unexpected<Error> too_many() {
  return fail(ErrorCode::kTooLarge, fmt::format("more than {} terms", kTermCountMax));
}

Result<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_good = error == std::errc() && end == text.data() + text.size();
  if (!is_good || !std::isfinite(number)) return bad(fmt::format("`{}` is no number", text));
  return number;
}

std::vector<std::string> split_alternatives(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const std::string_view spelling = take_until(text, '|');
    if (!spelling.empty()) list.emplace_back(spelling);
  }
  return list;
}

Status set_frequency(TermRequest& term, double number) {
  if (number < 0 || number > 1e15) return bad("a frequency is at least 0");
  term.frequency = static_cast<std::int64_t>(number);
  return {};
}

Status set_field(TermRequest& term, std::string_view column, const std::string& text) {
  if (text.empty()) return {};
  if (column == "term") term.term = text;
  if (column == "language") term.language = text;
  if (column == "category") term.category = text;
  if (column == "weight") term.weight = KATIP_TRY(number_of(text));
  if (column == "alternatives") term.alternatives = split_alternatives(text);
  if (column == "frequency") {
    const double number = KATIP_TRY(number_of(text));
    KATIP_TRY(set_frequency(term, number));
  }
  if (column == "status") {
    const auto status = parse_term_status(text);
    if (!status) return bad(fmt::format("`{}` is no status: active, suggested or rejected", text));
    term.status = *status;
  }
  return {};  // The source is what an export says; that of an import is the import.
}

Result<std::vector<TermRequest>> parse_csv_terms(std::string_view bytes,
                                                 const std::string& language) {
  const auto rows = KATIP_TRY(parse_csv(bytes));
  if (rows.empty()) return bad("the file is empty; its first line names the columns");
  const std::vector<std::string>& columns = rows.front();
  for (const std::string& column : columns) {
    if (std::ranges::find(kColumns, column) == kColumns.end()) {
      return bad(fmt::format(
          "there is no column `{}`.{} Columns: {}", column.substr(0, cut_size(column, 40)),
          did_you_mean(nearest(column, std::span<const std::string_view>(kColumns))),
          fmt::join(kColumns, ", ")));
    }
  }
  if (std::ranges::find(columns, "term") == columns.end()) {
    return bad("the first line has to name the column `term`");
  }
  if (rows.size() - 1 > kTermCountMax) return too_many();
  std::vector<TermRequest> terms;
  for (std::size_t row = 1; row < rows.size(); ++row) {
    const std::string context = fmt::format("row {}", row + 1);
    if (rows[row].size() > columns.size()) return bad(context + " has more fields than columns");
    TermRequest term{.language = language};
    for (std::size_t i = 0; i < rows[row].size(); ++i) {
      const Status status = set_field(term, columns[i], rows[row][i]);
      if (!status) return fail(context, status.error());
    }
    if (term.term.empty()) return bad(context + " has no term");
    terms.push_back(std::move(term));
  }
  return terms;
}

Status set_json_field(TermRequest& term, std::string_view key, const json::value& value) {
  const auto wrong = [&] { return bad(fmt::format("`{}` has a value of another kind", key)); };
  if (key == "weight" || key == "frequency") {
    if (!value.is_number()) return wrong();
    const double number = value.to_number<double>();
    if (key == "frequency") return set_frequency(term, number);
    term.weight = number;
    return {};
  }
  if (key == "alternatives") {
    if (!value.is_array()) return wrong();
    for (const json::value& item : value.get_array()) {
      if (!item.is_string()) return wrong();
      term.alternatives.emplace_back(item.get_string());
    }
    return {};
  }
  if (!value.is_string()) return wrong();
  return set_field(term, key, std::string(value.get_string()));
}

Result<TermRequest> parse_json_term(const json::value& item, const std::string& language) {
  TermRequest term{.language = language};
  if (item.is_string()) {
    term.term = item.get_string();
    return term;
  }
  if (!item.is_object()) return bad("a term is a text or an object");
  for (const auto& [key, value] : item.get_object()) {
    const std::string_view name = key;
    if (std::ranges::find(kColumns, name) == kColumns.end()) {
      return bad(
          fmt::format("there is no field `{}`.{}", name.substr(0, cut_size(name, 40)),
                      did_you_mean(nearest(name, std::span<const std::string_view>(kColumns)))));
    }
    KATIP_TRY(set_json_field(term, name, value));
  }
  return term;
}

Result<std::vector<TermRequest>> parse_json_terms(std::string_view bytes,
                                                  const std::string& language) {
  boost::system::error_code error;
  const json::value document = json::parse(bytes, error);
  if (error) return bad("the file is no JSON: " + error.message());
  if (!document.is_array()) return bad("the file is a list of terms");
  if (document.get_array().size() > kTermCountMax) return too_many();
  std::vector<TermRequest> terms;
  for (const json::value& item : document.get_array()) {
    auto term = parse_json_term(item, language);
    if (!term) return fail(fmt::format("item {}", terms.size() + 1), std::move(term).error());
    terms.push_back(*std::move(term));
  }
  return terms;
}

Result<std::vector<TermRequest>> parse_text_terms(std::string_view bytes,
                                                  const std::string& language) {
  std::vector<TermRequest> terms;
  for (auto& line : KATIP_TRY(parse_lexicon(bytes, "line"))) {
    terms.push_back({.term = std::move(line.term),
                     .language = language,
                     .weight = line.weight,
                     .alternatives = std::move(line.alternatives)});
  }
  return terms;
}

std::string csv_of(const std::vector<Term>& terms) {
  std::string text = fmt::format("{}\n", fmt::join(kColumns, ","));
  for (const Term& term : terms) {
    text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(term.term), csv_field(term.language),
                        csv_field(term.category), term.weight, term.frequency,
                        csv_field(fmt::format("{}", fmt::join(term.alternatives, "|"))),
                        name(term.source), name(term.status));
  }
  return text;
}

std::string json_of(const std::vector<Term>& terms) {
  std::string text = "[";
  for (const Term& term : terms) {
    text += text.size() > 1 ? ",\n" : "\n";
    const auto quoted = [](std::string_view field) { return json::serialize(json::string(field)); };
    text += fmt::format(
        R"({{"term": {}, "language": {}, "category": {}, "weight": {}, "frequency": {}, )"
        R"("alternatives": {}, "source": "{}", "status": "{}"}})",
        quoted(term.term), quoted(term.language), quoted(term.category), term.weight,
        term.frequency,
        json::serialize(json::array(term.alternatives.begin(), term.alternatives.end())),
        name(term.source), name(term.status));
  }
  return text + "\n]\n";
}

std::string text_of(const std::vector<Term>& terms) {
  std::string text;
  for (const Term& term : terms) {
    text += term.term;
    if (term.weight != 1 || !term.alternatives.empty()) text += fmt::format("\t{}", term.weight);
    for (const std::string& alternative : term.alternatives) text += "\t" + alternative;
    text += "\n";
  }
  return text;
}

}  // namespace

std::string_view file_extension(LexiconFormat format) {
  return format == LexiconFormat::kCsv ? "csv" : format == LexiconFormat::kJson ? "json" : "txt";
}

std::string_view content_type(LexiconFormat format) {
  return format == LexiconFormat::kCsv    ? "text/csv; charset=utf-8"
         : format == LexiconFormat::kJson ? "application/json"
                                          : "text/plain; charset=utf-8";
}

Result<LexiconFormat> parse_lexicon_format(std::string_view name) {
  for (const LexiconFormat format :
       {LexiconFormat::kCsv, LexiconFormat::kJson, LexiconFormat::kText}) {
    if (name == file_extension(format)) return format;
  }
  return bad("a lexicon comes as csv, json or txt");
}

Result<std::vector<TermRequest>> parse_terms_file(std::string_view bytes, LexiconFormat format,
                                                  const std::string& language) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  if (!is_utf8(bytes)) return bad("the file is not UTF-8");
  switch (format) {
    case LexiconFormat::kCsv:
      return parse_csv_terms(bytes, language);
    case LexiconFormat::kJson:
      return parse_json_terms(bytes, language);
    case LexiconFormat::kText:
      return parse_text_terms(bytes, language);
  }
  return bad("a lexicon comes as csv, json or txt");
}

std::string write_terms_file(const std::vector<Term>& terms, LexiconFormat format) {
  switch (format) {
    case LexiconFormat::kCsv:
      return csv_of(terms);
    case LexiconFormat::kJson:
      return json_of(terms);
    case LexiconFormat::kText:
      break;
  }
  return text_of(terms);
}

}  // namespace katip::app
