#pragma once

#include <memory>
#include <string_view>

#include "store/connection.h"

namespace katip::jobs {

enum class Fault {
  kLost,           ///< The connection breaks before the call reaches the database.
  kBusy,           ///< Another transaction was in the way: all of it may be tried again.
  kUnknownCommit,  ///< As kLost, but a commit has happened, and nobody is told.
};

/// Which call to the database fails next. Begin, statements and commit count as calls.
///
/// Threads: one thread.
struct FaultPlan {
  int calls_until_fault = -1;  ///< Negative: none.
  Fault fault = Fault::kLost;

  void arm(int call, Fault kind) {
    calls_until_fault = call;
    fault = kind;
  }
  void disarm() { calls_until_fault = -1; }
  /// Is this call the one?
  bool strikes() { return calls_until_fault >= 0 && calls_until_fault-- == 0; }
};

/// A connection that fails when its plan says so. Several stand for one real connection, one after
/// the other: so a database in memory outlives a connection that is lost.
///
/// Threads:  one thread.
/// Lifetime: the real connection and the plan outlive it.
class FaultyConnection final : public store::Connection {
 public:
  FaultyConnection(store::Connection& real, FaultPlan& plan)
      : Connection(real.dialect(), real.options()), real_(real), plan_(plan) {}
  ~FaultyConnection() override { static_cast<void>(real_.rollback()); }

  std::string server_version() const override { return real_.server_version(); }
  bool in_transaction() const override { return !is_lost_ && real_.in_transaction(); }
  bool is_alive() override { return !is_lost_; }

 protected:
  Result<store::Rows> do_query(std::string_view sql,
                               std::span<const store::Value> parameters) override {
    KATIP_TRY(strike());
    return real_.query(sql, parameters);
  }
  Status do_execute(std::string_view script) override {
    KATIP_TRY(strike());
    return real_.execute(script);
  }
  Status do_begin(store::TransactionMode mode) override {
    KATIP_TRY(strike());
    return real_.begin(mode);
  }
  Status do_commit() override {
    if (plan_.calls_until_fault == 0 && plan_.fault == Fault::kUnknownCommit) {
      KATIP_TRY(real_.commit());
    }
    KATIP_TRY(strike());
    return real_.commit();
  }
  Status do_rollback() override { return is_lost_ ? lost() : real_.rollback(); }
  Result<bool> do_try_lock(std::string_view name) override { return real_.try_lock(name); }
  Status do_unlock(std::string_view name) override { return real_.unlock(name); }
  Status do_set_statement_timeout(std::chrono::milliseconds timeout) override {
    return real_.set_statement_timeout(timeout);
  }
  Status do_ping(std::chrono::milliseconds) override { return is_lost_ ? lost() : Status{}; }

 private:
  static Status lost() { return fail(ErrorCode::kUnavailable, "the connection broke"); }
  Status strike() {
    if (is_lost_) return lost();
    if (!plan_.strikes()) return {};
    if (plan_.fault == Fault::kBusy) {
      return fail(ErrorCode::kOverloaded, "another transaction was in the way");
    }
    is_lost_ = true;
    static_cast<void>(real_.rollback());
    return lost();
  }

  store::Connection& real_;
  FaultPlan& plan_;
  bool is_lost_ = false;
};

}  // namespace katip::jobs
