#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "app/model_library.h"

/// Looks at everything that a transcription needs, on this machine and now.
namespace katip::app {

enum class Health { kGood, kWarning, kBad };

struct Check {
  std::string name;  ///< "decoder".
  Health health = Health::kGood;
  std::string finding;  ///< "decodes in its sandbox".
  std::string advice;   ///< What to do; empty when nothing is to be done.
};

struct DoctorOptions {
  ModelPlaces places;
  std::string model;
  std::vector<std::string> other_models = {};
  std::filesystem::path data_dir;
};

/// Runs every check, in an order that reads from the machine up to the data; none stops another.
///
/// Threads: any; blocks for as long as the sums of the model take (half a second for base).
std::vector<Check> examine(const DoctorOptions& options, std::stop_token stop);

}  // namespace katip::app
