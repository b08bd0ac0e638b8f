#pragma once

#include <filesystem>

#include <openvino/runtime/core.hpp>

#include "base/result.h"
#include "engine/engine.h"

namespace katip::engine {

/// OpenVINO, set up once for both halves of a model.
///
/// Threads: one thread.
class Runtime {
 public:
  /// thread_count 0: one per core.
  explicit Runtime(int thread_count) : thread_count_(thread_count) {}

  /// `state_size` is the width of the model's rows. Errors: kInternal with what OpenVINO said.
  Result<ov::CompiledModel> compile(const std::shared_ptr<ov::Model>& model, Precision precision,
                                    int state_size);

 private:
  ov::Core core_;
  int thread_count_;
};

}  // namespace katip::engine
