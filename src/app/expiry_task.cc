#include "app/expiry_task.h"

#include <boost/json.hpp>

#include "app/uploads.h"
#include "store/job_store.h"
#include "store/transaction.h"

/// Rows go before their files: a file too many costs room, a job without its file would be broken.
///
/// Tested by expiry_task_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// In pieces, so that nobody waits long for a lock.
Result<std::int64_t> delete_jobs(jobs::Queue& queue, const fs::path& data_dir,
                                 const std::stop_token& stop) {
  constexpr int kPiece = 100;
  std::int64_t count = 0;
  while (true) {
    const store::PooledConnection sql = KATIP_TRY(queue.pool().acquire(stop));
    const auto gone = KATIP_TRY(store::run_transaction(
        *sql, {}, stop,
        [&](store::Connection& connection) -> Result<std::vector<store::DeletedJob>> {
          return store::delete_expired_jobs(connection, queue.now(), kPiece);
        }));
    for (const store::DeletedJob& job : gone) {
      std::error_code ignored;
      if (job.media_key) fs::remove(data_dir / *job.media_key, ignored);
    }
    count += static_cast<std::int64_t>(gone.size());
    if (gone.size() < kPiece) return count;
  }
}

}  // namespace

jobs::Handler expiry_handler(jobs::Queue& queue, fs::path data_dir) {
  return [&queue,
          data_dir = std::move(data_dir)](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
    const std::int64_t jobs = KATIP_TRY(delete_jobs(queue, data_dir, context.stop));
    const std::int64_t uploads =
        KATIP_TRY(delete_expired_uploads(queue.pool(), queue.clock(), data_dir, context.stop));
    return jobs::TaskResult{.json = json::serialize(json::object{{"deleted_jobs", jobs},
                                                                 {"deleted_uploads", uploads}})};
  };
}

}  // namespace katip::app
