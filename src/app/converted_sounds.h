#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/converted_sound_store.h"
#include "store/pool.h"

/// Sounds that other systems hand over for conversion, under their own numbers.
///
/// Errors: kNotFound for one that is not there or not theirs; those of the database.
namespace katip::app {

using ConvertedSound = store::ConvertedSound;
using ConvertedSoundFilter = store::ConvertedSoundFilter;

/// Members that are not set stay as they are; of a new one they are empty.
struct ConvertedSoundChange {
  std::optional<std::string> talent_id = {}, acc_id = {};  ///< 1 to 64 characters.
  std::optional<store::JobStatus> status = {};
  std::optional<std::string> file_name = {}, source_url = {}, language = {}, model = {};
  std::optional<double> duration_s = {};
  std::optional<std::string> transcript = {};  ///< Needed to be completed.
  std::optional<std::string> error = {};       ///< Needed to have failed.
  std::optional<std::string> job_id = {};      ///< As people see it.
};

struct ConvertedSoundQuery {
  ConvertedSoundFilter filter = {};
  std::optional<std::string> cursor = {};  ///< Of the page before.
  int count_max = 50;                      ///< 1 to 200.
};
struct ConvertedSoundList {
  std::vector<ConvertedSound> rows;  ///< Newest first.
  std::optional<std::string> next_cursor;
};

/// Threads:  thread-safe.
/// Lifetime: pool, clock and rng outlive it.
class ConvertedSounds {
 public:
  ConvertedSounds(store::Pool& pool, const Clock& clock, Rng& rng)
      : pool_(pool), clock_(clock), ids_(clock, rng) {}

  /// Errors: kInvalidArgument, naming the field.
  Result<ConvertedSound> create(const Principal& principal, const ConvertedSoundChange& change,
                                std::stop_token stop);
  Result<ConvertedSound> get(const Principal& principal, std::string_view id, std::stop_token stop);
  Result<ConvertedSound> update(const Principal& principal, std::string_view id,
                                const ConvertedSoundChange& change, std::stop_token stop);
  Status remove(const Principal& principal, std::string_view id, std::stop_token stop);
  Result<ConvertedSoundList> list(const Principal& principal, const ConvertedSoundQuery& query,
                                  std::stop_token stop);

 private:
  store::Pool& pool_;
  const Clock& clock_;
  UuidSource ids_;
};

}  // namespace katip::app
