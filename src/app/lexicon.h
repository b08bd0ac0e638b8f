#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "base/uuid.h"
#include "engine/engine.h"
#include "store/lexicon_store.h"
#include "store/pool.h"

/// The names and terms that every transcription expects. One lexicon serves all who use this
/// installation; permissions decide who may change it.
///
/// Errors: kNotFound for a term that is not there; those of the database.
namespace katip::app {

using Term = store::TermRecord;
using TermFilter = store::TermFilter;
using TermStatus = store::TermStatus;
using store::parse_term_source;
using store::parse_term_status;

/// A term as people give it.
struct TermRequest {
  std::string term = {};      ///< 1 to 200 characters on one line.
  std::string language = {};  ///< A code or an English name; empty: every language.
  std::string category = "general";
  double weight = 1;                           ///< Above 0, up to 5; 1 is the usual strength.
  std::vector<std::string> alternatives = {};  ///< Spellings that are right too; at most 50.
  std::int64_t frequency = 0;                  ///< Of imports: how often it was seen elsewhere.
  /// Of imports: suggestions stay suggestions, and what was rejected stays rejected.
  TermStatus status = TermStatus::kActive;
};

/// Members that are not set stay as they are.
struct TermChange {
  std::optional<std::string> term = {}, language = {}, category = {};
  std::optional<double> weight = {};
  std::optional<std::vector<std::string>> alternatives = {};
  std::optional<bool> is_active = {};
};

struct TermQuery {
  TermFilter filter = {};                  ///< `part` as typed.
  std::optional<std::string> cursor = {};  ///< Of the page before.
  int count_max = 50;                      ///< 1 to 200.
};
struct TermList {
  std::vector<Term> terms;  ///< Newest first.
  std::optional<std::string> next_cursor;
};

/// Why a term is suggested: who sees not everything is told the recordings of their own only.
struct TermEvidence {
  std::optional<std::string> job_id;
  std::string heard;
  int occurrence_count = 0;
  store::Timestamp updated_at;
};

struct ImportCounts {
  std::int64_t added = 0;
  std::int64_t changed = 0;
};

/// Threads:  thread-safe.
/// Lifetime: pool, clock and rng outlive it.
class Lexicon {
 public:
  Lexicon(store::Pool& pool, const Clock& clock, Rng& rng)
      : pool_(pool), clock_(clock), ids_(clock, rng) {}

  /// Errors: kInvalidArgument, naming what is wrong; kConflict when the term is there already, be
  ///         it as a suggestion.
  Result<Term> add(const Principal& principal, const TermRequest& request, std::stop_token stop);
  Result<Term> get(const Principal& principal, std::string_view id, std::stop_token stop);
  Result<TermList> list(const Principal& principal, const TermQuery& query, std::stop_token stop);
  Result<Term> change(const Principal& principal, std::string_view id, const TermChange& change,
                      std::stop_token stop);
  Status remove(const Principal& principal, std::string_view id, std::stop_token stop);

  /// A suggestion is used from now on.
  ///
  /// Errors: kConflict when it is none (any more).
  Result<Term> approve(const Principal& principal, std::string_view id, std::stop_token stop);
  /// It is not suggested again.
  Result<Term> reject(const Principal& principal, std::string_view id, std::stop_token stop);
  Result<std::vector<TermEvidence>> evidence(const Principal& principal, std::string_view id,
                                             std::stop_token stop);

  /// Adds terms and brings those that are there to what is given, their status included. In pieces,
  /// so that nobody waits long; when it fails, what came before stays.
  ///
  /// Errors: kInvalidArgument, naming the term, before anything is changed.
  Result<ImportCounts> import(const Principal& principal, const std::vector<TermRequest>& terms,
                              std::stop_token stop);
  /// All terms that fit, the weightiest first, at most 100,000.
  Result<std::vector<Term>> export_all(const Principal& principal, const TermFilter& filter,
                                       std::stop_token stop);

  /// What a transcription of this language is given, the weightiest first; empty: any language.
  Result<std::vector<engine::LexiconTerm>> active_terms(std::string_view language,
                                                        std::stop_token stop);

 private:
  Result<Term> decide(std::string_view id, TermStatus to, std::stop_token stop);
  Status import_piece(const Principal& principal, std::span<const TermRequest> terms,
                      ImportCounts& counts, std::stop_token stop);
  [[nodiscard]] store::Timestamp now() const { return store::to_timestamp(clock_.calendar()); }

  store::Pool& pool_;
  const Clock& clock_;
  UuidSource ids_;
};

}  // namespace katip::app
