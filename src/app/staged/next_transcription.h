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
/// For the same job, tenant and request as the task before.
jobs::TaskRequest task_of(const NextTranscription& next, const store::ClaimedTask& before);

}  // namespace katip::app
