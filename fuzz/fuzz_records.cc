#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/lexicon_exchange.h"
#include "app/log_book.h"
#include "app/records/log_json.h"
#include "app/records/term_check.h"
#include "profiles/profile_store.h"
#include "text/term_candidates.h"
#include "text/transcript_json.h"
#include "text/word_times.h"
#include "text/writers.h"

using namespace katip;

namespace {

/// Terms that can be read and kept are written so that they read as the same.
void check_lexicon(std::string_view bytes, app::LexiconFormat format) {
  const auto requests = app::parse_terms_file(bytes, format, "tr");
  if (!requests) return;
  std::vector<app::Term> terms;
  for (const auto& request : *requests) {
    if (auto term = app::to_term(request)) terms.push_back(*std::move(term));
  }
  for (const app::LexiconFormat other : {app::LexiconFormat::kCsv, app::LexiconFormat::kJson}) {
    const auto again = app::parse_terms_file(app::write_terms_file(terms, other), other, "tr");
    if (!again || again->size() != terms.size()) std::abort();
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (again->at(i).term != terms[i].term) std::abort();
    }
  }
}

void check_log(std::string_view text, app::LogKind kind) {
  const auto record = app::parse_log(kind, text);
  if (!record) return;
  const auto again = app::parse_log(kind, app::to_json(*record));
  if (!again || app::to_json(*again) != app::to_json(*record)) std::abort();
}

void check_profile(std::string_view text) {
  const auto document = profiles::checked_document(text);
  if (!document) return;
  const auto changed = profiles::with_changes(
      *document, {.set = {{"a.b", "1"}, {"c", *document}}, .remove = {"d.e", "f"}});
  if (changed && !profiles::checked_document(*changed)) std::abort();
}

void check_transcript(std::string_view text) {
  const auto transcript = text::parse_transcript(text);
  if (!transcript) return;
  const auto written = text::write(*transcript, text::Format::kJson, {});
  if (!written || !text::parse_transcript(*written)) std::abort();
  const auto segments = text::segments_to_json(transcript->segments);
  if (!text::parse_segments(segments)) std::abort();
}

void check_texts(std::string_view bytes) {
  const std::size_t middle = bytes.size() / 2;
  const std::string_view before = bytes.substr(0, middle);
  const std::string_view after = bytes.substr(middle);
  const auto difference = text::word_difference(before, after, "tr");
  static_cast<void>(text::find_term_candidates(difference, "tr"));
  std::string joined;
  for (const std::string& word : text::words_of(after)) joined += word;
  if (!joined.empty() && joined != after) std::abort();
  const text::Segment segment{.end_ms = 1000, .text = "a b", .words = {{0, 5, " a"}, {5, 9, " b"}}};
  for (const text::Word& word : text::realigned_words(segment, after, "tr")) {
    if (word.start_ms < 0 || word.end_ms < word.start_ms || word.end_ms > 1000) std::abort();
  }
}

}  // namespace

/// What people send about records. The first byte says what it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'c':
      check_lexicon(bytes, app::LexiconFormat::kCsv);
      break;
    case 'j':
      check_lexicon(bytes, app::LexiconFormat::kJson);
      break;
    case 't':
      check_lexicon(bytes, app::LexiconFormat::kText);
      break;
    case 'l':
      for (const app::LogKind kind : app::kLogKinds) check_log(bytes, kind);
      break;
    case 'p':
      check_profile(bytes);
      break;
    case 's':
      check_transcript(bytes);
      break;
    default:
      check_texts(bytes);
  }
  return 0;
}
