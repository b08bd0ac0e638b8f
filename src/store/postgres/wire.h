#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/database_url.h"

struct pg_conn;
struct pg_result;

namespace katip::store::postgres {

struct FreeResult {
  void operator()(pg_result* result) const noexcept;
};
using ResultPtr = std::unique_ptr<pg_result, FreeResult>;

/// When a wait for the server ends without an answer.
struct Patience {
  const Clock* clock;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::function<bool()> is_stopped;
};

/// What goes over the connection to a server: libpq without its endless waits. Every call sends one
/// thing and waits for all of its answer, but no longer than its Patience.
///
/// A wait that ends early leaves a half-read answer, so the connection is closed then; the server
/// notices that and ends the statement.
///
/// Threads: one thread.
class Wire {
 public:
  static Result<Wire> connect(const std::vector<PostgresSetting>& settings,
                              const Patience& patience);

  Result<ResultPtr> run_script(const std::string& script, const Patience& patience);
  /// `values`: null pointers are nulls. `sizes` count for those that are bytes.
  struct Parameters {
    std::vector<const char*> values;
    std::vector<int> sizes;
    std::vector<int> formats;  // 0: text, 1: bytes.
    std::vector<unsigned> types;
  };
  Result<ResultPtr> run(const std::string& sql, const Parameters& parameters,
                        const Patience& patience);
  Result<ResultPtr> prepare(const std::string& name, const std::string& sql,
                            const Parameters& parameters, const Patience& patience);
  Result<ResultPtr> run_prepared(const std::string& name, const Parameters& parameters,
                                 const Patience& patience);

  /// Looks at the socket: false when the server has said good-bye or the connection broke.
  bool is_alive();
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::string server_version() const;
  [[nodiscard]] int server_version_number() const;
  void close() { connection_.reset(); }

 private:
  struct Finish {
    void operator()(pg_conn* connection) const noexcept;
  };
  using Handle = std::unique_ptr<pg_conn, Finish>;
  explicit Wire(Handle connection) : connection_(std::move(connection)) {}

  static Status greet(pg_conn* connection, const Patience& patience);
  Result<ResultPtr> answer(int is_sent, const Patience& patience);
  Status wait_for(short events, const Patience& patience);
  Status flush(const Patience& patience);
  Status wait_until_ready(const Patience& patience);
  Result<ResultPtr> collect(const Patience& patience);
  std::unexpected<Error> lost();

  Handle connection_;
};

}  // namespace katip::store::postgres
