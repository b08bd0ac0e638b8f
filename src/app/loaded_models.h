#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/transcription_task.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"

/// The models that one process transcribes with.
namespace katip::app {

/// A model that is ready.
///
/// Lifetime: `run` lives no longer than `engine`.
struct LoadedModel {
  std::unique_ptr<engine::Engine> engine = {};  ///< Nothing for one that is somewhere else.
  TranscribeFunction run = {};
  std::string made_by = {};  ///< "katip" or "remote", as jobs say what made them.
};

struct LoadedModelsOptions {
  std::string served_model = {};               ///< Loaded at once, and kept.
  std::vector<std::string> other_models = {};  ///< Each is loaded when it is first asked for.
  /// Another one that nobody used for so long is let go; 0: it is kept.
  std::chrono::seconds idle_max{600};
  std::function<Result<LoadedModel>(const std::string& name)> open = {};
};

/// Models by name, one of each. Whoever asks for one that is being loaded waits for it; nobody
/// waits for another.
///
/// Threads: thread-safe.
class LoadedModels {
 public:
  /// `clock`: must outlive it.
  ///
  /// Errors: those of `open` for the served model.
  static Result<std::unique_ptr<LoadedModels>> create(LoadedModelsOptions options,
                                                      const Clock& clock = system_clock());

  /// The model; empty: the served one. It lives while its task runs, whatever is let go meanwhile.
  ///
  /// Errors: kNotFound for a name that is not among those of the options; those of `open`, after
  ///         which the next who asks tries again.
  Result<ModelUse> use(std::string_view name);

  /// Lets go of what was idle for too long.
  void let_go_of_idle();
  /// Does so again and again until it is stopped.
  void run(std::stop_token stop);
  [[nodiscard]] std::vector<std::string> loaded() const;  ///< Names, sorted.

 private:
  struct Place {
    mutable std::mutex mutex;
    std::shared_ptr<const LoadedModel> model;
    std::chrono::steady_clock::time_point last_use;
  };

  LoadedModels(LoadedModelsOptions options, const Clock& clock);

  const LoadedModelsOptions options_;
  const Clock& clock_;
  std::map<std::string, std::unique_ptr<Place>, std::less<>> places_;  // Never changes.
};

}  // namespace katip::app
