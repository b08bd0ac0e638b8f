#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "base/testing/temporary_folder.h"

namespace katip::store::testing {

struct PostgresServerOptions {
  /// Survives a power cut, as in production: for measuring. Tests need not wait for the disk.
  bool is_durable = false;
  /// More of postgresql.conf: "max_connections=20".
  std::vector<std::string> settings = {};
  /// Its files are in a new folder in this one, which may be on a disk of its own; else wherever
  /// temporary files are.
  std::string folder = {};
};

/// A real PostgreSQL with a data folder of its own, on a free port of the loopback device, that
/// asks for its password. It ends with this object, and with the process at the latest.
///
/// Started as root it runs as the user `postgres`, since it refuses to be root.
///
/// Threads: one thread.
class PostgresServer {
 public:
  /// Errors: kNotFound when PostgreSQL is not installed (the message says which package), else what
  ///         went wrong with the end of its log.
  static Result<std::unique_ptr<PostgresServer>> start(const PostgresServerOptions& options);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// "postgresql://katip:…@127.0.0.1:port/database".
  [[nodiscard]] std::string url(const std::string& database) const;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// A new database: its name. Empty, or as another is to which nobody is connected.
  Result<std::string> create_database(const std::string& original = "template0");

  enum class Stop { kFast, kCrash };  ///< kCrash: at once, without a checkpoint.
  Status stop(Stop how);
  /// False when it has ended by itself, too.
  bool is_running();
  /// Starts it again on the same port, after its end.
  Status resume();

 private:
  explicit PostgresServer(const PostgresServerOptions& options);
  Status initialise();
  Status wait_until_ready();
  [[nodiscard]] std::string log_end() const;

  TemporaryFolder folder_;
  PostgresServerOptions options_;
  std::string programs_;  // The folder of initdb and postgres.
  std::string password_;
  int port_ = 0;
  pid_t pid_ = -1;
  int database_count_ = 0;
};

/// One server for all tests of this process, started when first asked for.
Result<PostgresServer*> shared_postgres_server();

}  // namespace katip::store::testing
