#pragma once

#include <vector>

#include "jobs/handler.h"

namespace katip::jobs {

/// For handlers that use nothing of their lease.
class NoLease final : public TaskLease {
 public:
  Status report_progress(double) override { return {}; }
  Status save_checkpoint(const store::Checkpoint&) override { return {}; }
  Result<std::vector<store::Checkpoint>> checkpoints() override {
    return std::vector<store::Checkpoint>();
  }
};

}  // namespace katip::jobs
