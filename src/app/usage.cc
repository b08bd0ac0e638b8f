#include "app/usage.h"

#include <limits>
#include <string>

#include <boost/json.hpp>

#include "app/records/log_json.h"
#include "store/key_store.h"
#include "store/log_store.h"

/// Tested by usage_test.cc.
namespace katip::app {
namespace {

struct Item {
  std::string_view product;
  std::string_view unit;
  double quantity = 0;
};

Status write(store::Connection& sql, const Item& item, const store::JobRecord& job,
             const std::string& details, const std::string& id, store::Timestamp now) {
  store::LogRecord record = KATIP_TRY(parse_log(store::LogKind::kSale, R"({"product": "-"})"));
  record.values.front() = id;
  field_of(record, "product") = item.product;
  field_of(record, "unit") = item.unit;
  field_of(record, "quantity") = item.quantity;
  field_of(record, "user_identifier") = job.submitted_by;
  field_of(record, "job_id") = job.id;
  field_of(record, "details") = details;
  field_of(record, "created_at") = store::to_text(now);
  KATIP_TRY(store::insert_log(sql, record));
  return {};
}

/// Towards the daily limit of the key that asked for it; see Accounts::check_audio().
Status count_for_key(store::Connection& sql, const store::JobRecord& job, double seconds,
                     store::Timestamp now) {
  if (!job.api_key_id) return {};
  const std::string today = store::to_text(now).substr(0, 10);
  KATIP_TRY(store::add_key_audio(sql, *job.api_key_id, today, seconds,
                                 std::numeric_limits<double>::max()));
  return {};
}

}  // namespace

Status record_usage(jobs::Queue& queue, store::Connection& sql, const store::JobRecord& job,
                    const Finished& finished) {
  std::int64_t token_count = 0;
  for (const text::Segment& segment : finished.transcript.segments) {
    token_count += static_cast<std::int64_t>(segment.tokens.size());
  }
  const std::string details = boost::json::serialize(
      boost::json::object{{"job_id", job.job_id},
                          {"model", finished.figures.model},
                          {"language", finished.transcript.language},
                          {"duration_ms", finished.figures.duration_ms},
                          {"processing_ms", finished.figures.processing_ms}});
  const Item items[] = {
      {"transcription.audio", "minute", static_cast<double>(finished.figures.duration_ms) / 60'000},
      {"transcription.tokens", "token", static_cast<double>(token_count)}};
  for (const Item& item : items)
    KATIP_TRY(write(sql, item, job, details, queue.new_id(), queue.now()));
  return count_for_key(sql, job, static_cast<double>(finished.figures.duration_ms) / 1'000,
                       queue.now());
}

}  // namespace katip::app
