#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/connection.h"
#include "store/search/folded_words.h"
#include "store/search/search_query.h"
#include "store/search/snippet.h"

using namespace katip::store;

namespace {

/// An index as those of the schema.
Connection& database() {
  static const auto connection = [] {
    auto opened = Connection::open(*DatabaseUrl::parse("sqlite://"), {});
    if (!opened ||
        !(*opened)->execute("create virtual table words using fts5(search_text, prefix='2 3', "
                            "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\"); "
                            "insert into words values ('isparta gul')")) {
      std::abort();
    }
    return std::move(*opened);
  }();
  return *connection;
}

bool is_cut_right(const Snippet& snippet) {
  std::size_t end = 0;
  for (const TextRange& match : snippet.matches) {
    if (match.begin < end || match.end <= match.begin) return false;
    end = match.end;
  }
  return end <= snippet.text.size();
}

}  // namespace

/// What is typed, a zero byte, and a text: the query is one for the database, and what is found in
/// the text lies in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view typed = bytes.substr(0, bytes.find('\0'));
  const std::string_view text = bytes.substr(std::min(typed.size() + 1, bytes.size()));
  const std::string folded = search_text(text);
  if (folded.starts_with(' ') || folded.find("  ") != folded.npos) std::abort();
  const auto query = SearchQuery::parse(typed);
  if (!query) return 0;
  for (const std::string& line : {query->tsquery_simple(), query->tsquery_turkish()}) {
    if (line.find('\\') != line.npos) std::abort();
  }
  if (!database().query("select rowid from words where words match $1", {query->fts5()})) {
    std::abort();
  }
  if (!is_cut_right(make_snippet(text, *query, 40))) std::abort();
  return 0;
}
