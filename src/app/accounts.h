#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/account_types.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/pool.h"

/// Who may come in: API keys, people with passwords, their sessions.
///
///   const auto accounts = KATIP_TRY(Accounts::create(pool, clock, rng, {}));
///   const Principal principal = KATIP_TRY(accounts->authenticate_key(key, stop));
///
/// docs/accounts.md says the same for those who run katip.
namespace katip::app {

struct AccountsOptions {
  int hash_memory_kib = 65'536;  ///< Of Argon2id, for each password that is checked.
  int hash_pass_count = 2;
  std::size_t hash_concurrency = 2;         ///< Passwords that are checked at the same time.
  std::size_t hash_waiter_count_max = 200;  ///< More who wait are refused with kOverloaded.
  std::chrono::milliseconds hash_wait{20'000};
  /// How long what another process changed may go unnoticed. Changes of this one count at once.
  std::chrono::seconds cache_time{5};
  std::size_t cached_count_max = 10'000;
  std::chrono::minutes session_idle{24 * 60};      ///< A session that is not used for so long ends,
  std::chrono::minutes session_max{30 * 24 * 60};  ///< and every session after this.
  int session_count_max = 100;                     ///< For each user; the oldest give way.
  int login_failures_per_minute = 10;              ///< For each login and network.
  int network_failures_per_minute = 100;           ///< For each network, whatever the login.

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// Errors (of all): those of the database; kPermissionDenied for who may not do this; kNotFound
/// for what is not there, or not theirs; kInvalidArgument for a request that is wrong.
///
/// Threads:  thread-safe; everything but flush_usage() may wait for the database.
/// Lifetime: pool, clock and rng outlive it.
class Accounts {
 public:
  static Result<std::unique_ptr<Accounts>> create(store::Pool& pool, const Clock& clock, Rng& rng,
                                                  const AccountsOptions& options);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  // Who asks. Most answers come from memory.

  /// Whether there is neither a user nor a key that was not revoked: whoever comes is
  /// open_principal() then, as long as the server listens to its own machine only.
  Result<bool> is_empty(std::stop_token stop);
  /// Whether somebody can log in as an administrator, or there is a key that may administer.
  Result<bool> has_administrator(std::stop_token stop);
  /// Errors: kUnauthenticated, with one and the same message whatever is wrong with the key.
  Result<Principal> authenticate_key(const Secret& key, std::stop_token stop);
  /// Whether a principal that came in before would still come in: its key works, its user may log
  /// in, its installation is still open.
  Result<bool> still_works(const Principal& who, std::stop_token stop);
  /// Errors: kUnauthenticated.
  Result<Principal> authenticate_session(const Secret& token, std::stop_token stop);
  /// Writes what keys and sessions were used for since the last time; call it every few seconds.
  /// What could not be written is kept for the next time.
  Status flush_usage(std::stop_token stop);
  /// Deletes what has ended: sessions, and the daily use of keys of more than 90 days ago.
  Status prune(std::stop_token stop);

  // Keys. People have keys of their own, which may no more than they do; administrators have all.
  // A key without the scope "admin" makes no keys.

  Result<NewKey> create_key(const Principal& who, const KeyRequest& request, std::stop_token stop);
  /// The newest first, behind the id `after` (or empty). Units: count_max is 1 to 200.
  Result<std::vector<Key>> list_keys(const Principal& who, const std::string& after, int count_max,
                                     std::stop_token stop);
  /// By id or public half ("kp_…").
  Result<Key> find_key(const Principal& who, const std::string& id, std::stop_token stop);
  Result<Key> change_key(const Principal& who, const std::string& id, const KeyChange& change,
                         std::stop_token stop);
  /// Its records keep saying that it was this key; it never works again unless is_active is set.
  Result<Key> revoke_key(const Principal& who, const std::string& id, std::stop_token stop);
  Status delete_key(const Principal& who, const std::string& id, std::stop_token stop);

  /// What a key has had worked on today, of recordings that are done; see record_usage(). Whoever
  /// has no limit costs nothing here.
  ///
  /// Errors: kOverloaded when the limit is reached.
  Result<AudioUse> check_audio(const Principal& who, std::stop_token stop);
  /// Until the day of the limits ends.
  [[nodiscard]] std::chrono::seconds audio_wait() const;

  // Sessions.

  /// How long this login may not be tried from here; zero: it may. Costs nothing.
  [[nodiscard]] std::chrono::seconds login_wait(const std::string& login, const std::string& ip);
  /// Errors: kUnauthenticated, the same and after the same time for an unknown login, a wrong
  ///         password and somebody who was shut out; kOverloaded after too many failures from here
  ///         (see login_wait()), or while too many others log in.
  Result<OpenedSession> login(const LoginRequest& request, std::stop_token stop);
  /// A token that opens nothing is no error.
  Status logout(const Secret& token, std::stop_token stop);
  /// Their own; `current` says which one asks.
  Result<std::vector<Session>> list_sessions(const Principal& who, const Secret& current,
                                             std::stop_token stop);
  Status end_session(const Principal& who, const std::string& id, std::stop_token stop);
  /// Their own; all their other sessions end.
  ///
  /// Errors: kInvalidArgument for a wrong old password, or a new one against check_password();
  ///         kOverloaded.
  Status change_password(const Principal& who, const Secret& old_password,
                         const Secret& new_password, const Secret& current, std::stop_token stop);

  // Users, for administrators. The first one has to be an administrator, and the last one who can
  // log in stays (kConflict). A change of role, a new password and the end of an account count at
  // once, also for sessions and keys that are open.

  /// Errors: kConflict when the login is taken.
  Result<User> create_user(const Principal& who, const UserRequest& request, std::stop_token stop);
  /// By login, behind `after` (or empty). Units: count_max is 1 to 200.
  Result<std::vector<User>> list_users(const Principal& who, const std::string& after,
                                       int count_max, std::stop_token stop);
  /// By id or login.
  Result<User> find_user(const Principal& who, const std::string& id, std::stop_token stop);
  Result<User> change_user(const Principal& who, const std::string& id, const UserChange& change,
                           std::stop_token stop);
  Status set_password(const Principal& who, const std::string& id, const Secret& password,
                      std::stop_token stop);
  /// Their keys are revoked; their recordings stay, for those who see everybody's: who gets this
  /// login next does not.
  Status delete_user(const Principal& who, const std::string& id, std::stop_token stop);

 private:
  struct State;
  explicit Accounts(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace katip::app
