#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "app/log_reader.h"
#include "app/principal.h"
#include "base/result.h"
#include "store/migrations.h"
#include "store/pool.h"
#include "store/schema.h"

/// What operators look at when something is wrong: the log, the schema, the configuration.
namespace katip::app {

struct EffectiveSetting {
  std::string key = {};     ///< "engine.model".
  std::string value = {};   ///< Never a secret.
  std::string origin = {};  ///< "default", "katip.toml:3", "KATIP_MODEL", "--model".
  std::string help = {};
  bool is_secret = false;
};

struct SchemaView {
  store::SchemaStatus status;
  std::string advice;                          ///< Empty: all is well.
  std::vector<store::RevisionInfo> revisions;  ///< The newest first.
};

struct SystemFacts {
  std::string version = {};  ///< Of katip.
  std::string environment = {};
  std::string config_file = {};  ///< Empty: none was found.
  std::filesystem::path data_dir = {}, log_dir = {};
  std::vector<EffectiveSetting> settings = {};
};

/// Errors:   kPermissionDenied; those of what is asked.
/// Threads:  thread-safe.
/// Lifetime: the pool outlives it.
class SystemDesk {
 public:
  SystemDesk(store::Pool& pool, SystemFacts facts)
      : pool_(pool), facts_(std::move(facts)), logs_(facts_.log_dir) {}

  /// For operators; the audit channel for administrators.
  Result<LogLinePage> log_lines(const Principal& principal, const LogLineQuery& query) const;
  Result<SchemaView> schema(const Principal& principal, std::stop_token stop) const;
  /// For administrators.
  Result<SystemFacts> facts(const Principal& principal) const;

 private:
  store::Pool& pool_;
  const SystemFacts facts_;
  const LogReader logs_;
};

}  // namespace katip::app
