#pragma once

#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "app/transcription_args.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/task_store.h"

namespace katip::app {

/// The transcription that comes behind a first task of its job, which carries it in its args.
struct NextTranscription {
  TranscriptionArgs args = {};
  std::optional<int> priority = {};       ///< Else that of its queue.
  std::optional<std::string> queue = {};  ///< Else by its kind.
};

/// Adds "transcription", "priority" and "queue".
void add_next(boost::json::object& args, const NextTranscription& next);
/// Errors: kInvalidArgument, also for a source that is not in the folder media.
Result<NextTranscription> parse_next(const boost::json::object& args);
/// In the transaction that completes the task before it, for the same job, tenant and request: the
/// job stands in line again, and its waiting counts from when it came.
Status enqueue_next(jobs::Queue& queue, store::Connection& sql, const NextTranscription& next,
                    const store::ClaimedTask& before);

}  // namespace katip::app
