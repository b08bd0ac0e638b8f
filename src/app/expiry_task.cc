#include "app/expiry_task.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/cleanup/cleanup_args.h"
#include "app/uploads.h"
#include "store/cleanup_store.h"
#include "store/job_store.h"
#include "store/transaction.h"

/// Rows go before their files: a file too many costs room, a job without its file would be broken.
///
/// Tested by expiry_task_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

/// In pieces, so that nobody waits long for a lock.
Result<std::vector<store::DeletedJob>> delete_piece(jobs::Queue& queue, int count_max,
                                                    const std::stop_token& stop) {
  const store::PooledConnection sql = KATIP_TRY(queue.pool().acquire(stop));
  return store::run_transaction(
      *sql, {}, stop, [&](store::Connection& connection) -> Result<std::vector<store::DeletedJob>> {
        return store::delete_expired_jobs(connection, queue.now(), count_max);
      });
}

Result<std::int64_t> delete_jobs(jobs::Queue& queue, const MediaShelf& shelf,
                                 const std::stop_token& stop) {
  constexpr std::size_t kPiece = 100;
  std::int64_t count = 0;
  std::int64_t left_count = 0;
  std::string why;
  while (true) {
    const auto gone = KATIP_TRY(delete_piece(queue, kPiece, stop));
    for (const store::DeletedJob& job : gone) {
      if (!job.media_key) continue;
      const Status removed = shelf.remove(*job.media_key, stop);
      if (removed) continue;
      ++left_count;
      why = removed.error().message;
    }
    count += static_cast<std::int64_t>(gone.size());
    if (gone.size() < kPiece) break;
  }
  if (left_count == 0) return count;
  return fail(ErrorCode::kUnavailable,
              fmt::format("{} recordings of deleted jobs are still there: {}", left_count, why));
}

/// What it would delete.
Result<jobs::TaskResult> count_expired(jobs::Queue& queue, const std::stop_token& stop) {
  const store::PooledConnection sql = KATIP_TRY(queue.pool().acquire(stop));
  const store::ExpiredCounts counts = KATIP_TRY(store::count_expired(*sql, queue.now()));
  return jobs::TaskResult{
      .json = json::serialize(json::object{
          {"dry_run", true}, {"deleted_jobs", counts.jobs}, {"deleted_uploads", counts.uploads}})};
}

}  // namespace

jobs::Handler expiry_handler(jobs::Queue& queue, MediaShelf shelf) {
  return
      [&queue, shelf = std::move(shelf)](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
        const CleanupArgs args = KATIP_TRY(cleanup_args(context, {}));
        if (args.is_dry_run) return count_expired(queue, context.stop);
        const std::int64_t uploads = KATIP_TRY(
            delete_expired_uploads(queue.pool(), queue.clock(), shelf.data_dir(), context.stop));
        const std::int64_t jobs = KATIP_TRY(delete_jobs(queue, shelf, context.stop));
        return jobs::TaskResult{.json = json::serialize(json::object{
                                    {"deleted_jobs", jobs}, {"deleted_uploads", uploads}})};
      };
}

}  // namespace katip::app
