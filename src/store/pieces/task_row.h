#pragma once

#include "base/result.h"
#include "store/task_store.h"

namespace katip::store {

/// A row of tasks or of task_history with all columns that find_task names.
///
/// Errors: those of Row::get(); kCorruptData.
Result<TaskRecord> task_of(const Row& row);

}  // namespace katip::store
