#pragma once

#include <initializer_list>
#include <string_view>

#include "base/result.h"
#include "jobs/handler.h"

namespace katip::app {

/// What every task `cleanup.*` may be told.
struct CleanupArgs {
  bool is_dry_run = false;  ///< "dry_run": only counts.
  int days = 0;             ///< What is older goes.
  int hours = 0;
  /// "all": also where most of what lies there would go; of those that take hours alone.
  bool is_all = false;
};

/// `defaults`: those that the task takes are not 0; others are errors, so that a slip is noticed.
///
/// Errors: kInvalidArgument, with what it takes.
Result<CleanupArgs> cleanup_args(const jobs::TaskContext& context, CleanupArgs defaults);

}  // namespace katip::app
