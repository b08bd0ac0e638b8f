#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/page_cursor.h"
#include "store/timestamp.h"

/// Names and terms to expect, and what speaks for those that may become some.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

enum class TermStatus { kActive, kSuggested, kRejected };
/// "active", "suggested", "rejected".
std::string_view name(TermStatus status);
std::optional<TermStatus> parse_term_status(std::string_view text);

enum class TermSource { kManual, kLearned, kImported };
/// "manual", "learned", "imported".
std::string_view name(TermSource source);
std::optional<TermSource> parse_term_source(std::string_view text);

struct TermRecord {
  std::string id;               ///< A uuid made by the caller.
  std::string term;             ///< 1 to 200 characters.
  std::string normalized_term;  ///< With the language it is there once.
  std::string category = "general";
  std::string language = {};  ///< Empty: every language.
  std::int64_t frequency = 0;
  double weight = 1;  ///< Above 0, up to 100.
  std::vector<std::string> alternatives = {};
  TermSource source = TermSource::kManual;
  TermStatus status = TermStatus::kActive;
  bool is_active = true;  ///< Only an active term is used; it may be switched off.
  std::optional<std::string> created_by = {};
  Timestamp created_at = {}, updated_at = {};
};

struct TermFilter {
  std::optional<std::string> language = {};
  std::optional<std::string> category = {};
  std::optional<TermStatus> status = {};
  std::optional<TermSource> source = {};
  std::optional<bool> is_active = {};
  std::optional<std::string> part = {};  ///< Of the normalised term.
};

/// False: the language has a term of this normalised form already.
Result<bool> insert_term(Connection& sql, const TermRecord& term);
/// Everything but frequency, source and who made it. False: it is not there.
///
/// Errors: kConflict when another one has this normalised form now.
Result<bool> update_term(Connection& sql, const TermRecord& term);
Result<bool> delete_term(Connection& sql, std::string_view id);
/// From one status to another; `is_active` follows. False: there is no term that stands there.
Result<bool> set_term_status(Connection& sql, std::string_view id, TermStatus from, TermStatus to,
                             Timestamp now);

struct TermName {
  std::string normalized_term;
  std::string language;
};
Result<std::optional<TermRecord>> find_term(Connection& sql, std::string_view id);
Result<std::optional<TermRecord>> find_term_by_name(Connection& sql, const TermName& name);
/// Errors: kInvalidArgument when count_max is not 1 to 1,000.
Result<Page<TermRecord>> list_terms(Connection& sql, const TermFilter& filter,
                                    const std::optional<PageCursor>& after, int count_max);
/// Terms in use of this language and of every language, the weightiest and most frequent first; of
/// all languages when it is empty.
Result<std::vector<TermRecord>> active_terms(Connection& sql, std::string_view language,
                                             int count_max);

/// That a reviewer put `term` where `heard` was.
struct Evidence {
  std::string id;      ///< A uuid made by the caller.
  std::string job_id;  ///< Of the job's row.
  TermName name;
  std::string term;
  std::string heard;
  int occurrence_count = 1;
};
/// The same recording again counts once, with the higher count.
Status save_evidence(Connection& sql, const Evidence& evidence, Timestamp now);
/// Occurrences since then.
Result<std::int64_t> count_evidence(Connection& sql, const TermName& name, Timestamp since);
/// Raises the frequency of the term to this; never lowers it.
Status raise_term_frequency(Connection& sql, const TermName& name, std::int64_t frequency,
                            Timestamp now);
struct EvidenceRecord {
  std::string public_job_id, term, heard;
  std::optional<std::string> submitted_by;
  int occurrence_count = 0;
  Timestamp updated_at;
};
/// The latest first.
Result<std::vector<EvidenceRecord>> list_evidence(Connection& sql, const TermName& name,
                                                  int count_max);
Result<std::int64_t> delete_old_evidence(Connection& sql, Timestamp before);

}  // namespace katip::store
