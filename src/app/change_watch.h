#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "app/principal.h"
#include "app/timestamp.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "store/pool.h"

namespace katip::app {

/// What has moved since the last news; nothing: only a sign of life.
struct Changes {
  bool jobs = false;   ///< Jobs that the listener sees.
  bool queue = false;  ///< Tasks of any queue; for those who may operate.
};

struct ChangeWatchOptions {
  std::chrono::milliseconds interval{500};
  std::chrono::milliseconds repeat_interval{15'000};  ///< Of signs of life.
};

/// Tells pages that follow what happens when there is something new to ask for. It says that
/// something has moved and not what: the answer to whoever asks then is the one that counts.
///
/// While somebody listens it looks at the database twice a second, for all of them at once; so it
/// makes no difference which process has moved something. Where a million tasks wait a look takes
/// longer, and then they are rarer.
///
/// Threads:  thread-safe. Listeners are called by run(), one after the other: they must be quick.
/// Lifetime: pool and clock outlive it.
class ChangeWatch {
 public:
  using Listener = std::function<void(const Changes&)>;

  ChangeWatch(store::Pool& pool, const Clock& clock, ChangeWatchOptions options)
      : pool_(pool), clock_(clock), options_(options) {}

  /// Of what this principal may see. What moved before is no news.
  std::uint64_t add(const Principal& principal, Listener listener);
  /// The listener may be called once more while this returns.
  void remove(std::uint64_t id);

  /// Looks once; run() does it again and again.
  Status look(std::stop_token stop);
  /// Until it is stopped. A database that is away is waited for.
  void run(std::stop_token stop);
  /// How long run() waits after a look that took so long: so long that looking takes a twentieth of
  /// the time, from `interval` to `repeat_interval`.
  [[nodiscard]] std::chrono::milliseconds pause_after(
      std::chrono::steady_clock::duration look) const;

 private:
  struct Listening {
    bool sees_jobs = false;
    bool sees_all = false;
    bool sees_queue = false;
    std::string owner = {};
    std::shared_ptr<const Listener> listener = {};
    std::chrono::steady_clock::time_point told_at = {};
  };
  struct Seen {
    std::map<std::string, std::string> jobs = {};   // That have not ended.
    std::map<std::string, std::string> ended = {};  // The last of each owner, of a while.
    std::optional<std::string> queue = {};          // Not looked at while nobody may see it.
  };
  struct State {
    std::map<std::uint64_t, Listening> listening = {};
    std::uint64_t last_id = 0;
  };

  static bool has_moved(const Listening& listening, const Seen& before, const Seen& now);
  void tell(const Seen& before, const Seen& now);

  store::Pool& pool_;
  const Clock& clock_;
  const ChangeWatchOptions options_;
  Guarded<State> state_;
  bool has_seen_ = false;  // Of the thread that looks.
  Seen seen_;
  Timestamp looked_at_ = {};
};

}  // namespace katip::app
