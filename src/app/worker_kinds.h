#pragma once

#include <array>
#include <string_view>

namespace katip::app {

/// What jobs::WorkerOptions::worker_kind is in katip: those that transcribe, and those that do
/// everything else.
inline constexpr std::array<std::string_view, 2> kWorkerKinds = {"engine", "general"};

}  // namespace katip::app
