#include "app/lexicon_learning.h"

#include <string>

#include <boost/json.hpp>

#include "app/records/feedback_json.h"
#include "store/feedback_store.h"
#include "store/lexicon_store.h"
#include "store/transaction.h"
#include "text/normalize.h"

/// Each feedback is marked in the transaction that writes what was learned from it, so that a task
/// that is killed and runs again counts nothing twice. Two at once would not see each other's
/// evidence and miss the second occurrence, so these transactions are as if alone.
///
/// Tested by feedback_test.cc.
namespace katip::app {
namespace {

constexpr int kPiece = 20;  // Feedback in one transaction.

struct Learned {
  std::int64_t feedback_count = 0;
  std::int64_t evidence_count = 0;
  std::int64_t suggested_count = 0;
};

class Learner {
 public:
  explicit Learner(jobs::Queue& queue) : queue_(queue) {}

  /// How much of the piece there was.
  Result<int> learn_piece(store::Connection& sql, Learned& learned) {
    const auto list = KATIP_TRY(store::feedback_to_learn_from(sql, kPiece));
    for (const store::FeedbackToLearn& feedback : list) {
      KATIP_TRY(learn(sql, feedback, learned));
      KATIP_TRY(store::set_feedback_processed(sql, feedback.id, queue_.now()));
      ++learned.feedback_count;
    }
    return static_cast<int>(list.size());
  }

 private:
  Status learn(store::Connection& sql, const store::FeedbackToLearn& feedback, Learned& learned) {
    const auto terms = parse_terms(feedback.extracted_terms);
    if (!terms) return {};  // Nothing that can be learned from: not worth stopping all the others.
    for (const text::TermCandidate& term : *terms) {
      const store::TermName name{text::normalized_term(term.term, feedback.language),
                                 feedback.language};
      if (name.normalized_term.empty() || name.normalized_term.size() > 200) continue;
      KATIP_TRY(store::save_evidence(sql,
                                     {.id = queue_.new_id(),
                                      .job_id = feedback.job_id,
                                      .name = name,
                                      .term = term.term,
                                      .heard = term.heard,
                                      .occurrence_count = term.count},
                                     queue_.now()));
      ++learned.evidence_count;
      learned.suggested_count += KATIP_TRY(weigh(sql, name, term.term)) ? 1 : 0;
    }
    return {};
  }

  /// True: it has become a suggestion.
  Result<bool> weigh(store::Connection& sql, const store::TermName& name, const std::string& term) {
    const std::int64_t count =
        KATIP_TRY(store::count_evidence(sql, name, queue_.now() - kEvidenceAge));
    for (const store::TermName& known : {name, store::TermName{name.normalized_term, ""}}) {
      const auto record = KATIP_TRY(store::find_term_by_name(sql, known));
      if (!record) continue;
      if (record->status != store::TermStatus::kRejected) {
        KATIP_TRY(store::raise_term_frequency(sql, known, count, queue_.now()));
      }
      return false;
    }
    if (count < kOccurrencesToSuggest) return false;
    store::TermRecord suggestion{.id = queue_.new_id(),
                                 .term = term,
                                 .normalized_term = name.normalized_term,
                                 .category = "name",
                                 .language = name.language,
                                 .frequency = count,
                                 .source = store::TermSource::kLearned,
                                 .status = store::TermStatus::kSuggested,
                                 .is_active = false,
                                 .created_by = "katip",
                                 .created_at = queue_.now()};
    return store::insert_term(sql, suggestion);
  }

  jobs::Queue& queue_;
};

Result<jobs::TaskResult> learn_all(jobs::Queue& queue, jobs::TaskContext& context) {
  Learned all;
  int count = 0;
  do {
    if (context.stop.stop_requested()) {
      return fail(ErrorCode::kCancelled, "stopped; what was learned stays learned");
    }
    Learned piece;
    const auto learn = [&](store::Connection& sql) -> Status {
      piece = {};  // The transaction may run again.
      count = KATIP_TRY(Learner(queue).learn_piece(sql, piece));
      return {};
    };
    {
      const auto connection = KATIP_TRY(queue.pool().acquire(context.stop));
      KATIP_TRY(store::run_transaction(*connection, {.mode = store::TransactionMode::kSerializable},
                                       context.stop, learn));
    }
    all.feedback_count += piece.feedback_count;
    all.evidence_count += piece.evidence_count;
    all.suggested_count += piece.suggested_count;
  } while (count == kPiece);
  KATIP_TRY(queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        KATIP_TRY(store::delete_old_evidence(tasks.connection(), queue.now() - kEvidenceAge));
        return {};
      },
      context.stop));
  return jobs::TaskResult{
      .json = boost::json::serialize(boost::json::object{{"feedback", all.feedback_count},
                                                         {"evidence", all.evidence_count},
                                                         {"suggested", all.suggested_count}})};
}

}  // namespace

jobs::TaskRequest learning_task() { return {.kind = kLearningKind}; }

jobs::Handler learning_handler(jobs::Queue& queue) {
  return [&queue](jobs::TaskContext& context) { return learn_all(queue, context); };
}

}  // namespace katip::app
