#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/accounts.h"
#include "jobs/testing/queue_fixture.h"

/// For tests only.
namespace katip::app {

/// The code of an error, or nothing for a success.
template <typename T>
std::optional<ErrorCode> code(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

/// Accounts on both databases, with passwords that cost little.
class AccountsFixture : public jobs::QueueFixture {
 protected:
  Accounts& accounts() {
    if (!accounts_) accounts_ = open();
    return *accounts_;
  }
  /// Another server on the same database.
  std::unique_ptr<Accounts> open() {
    return jobs::must(
        Accounts::create(pool(), clock(), rng(),
                         {.hash_memory_kib = 8, .hash_pass_count = 1, .hash_concurrency = 4}));
  }
  User add(const std::string& login, Role role, const std::string& password = "kedi pencerede") {
    return jobs::must(accounts().create_user(
        command_principal(), {.login = login, .password = Secret(password), .role = role}, {}));
  }
  Result<OpenedSession> log_in(const std::string& login,
                               const std::string& password = "kedi pencerede",
                               const std::string& ip = "192.0.2.1") {
    return accounts().login(
        {.login = login, .password = Secret(password), .ip = ip, .user_agent = "test"}, {});
  }
  Principal principal(const std::string& login) { return jobs::must(log_in(login)).principal; }
  NewKey make_key(const Principal& who, std::vector<std::string> scopes,
                  std::optional<std::string> owner = {}) {
    return jobs::must(accounts().create_key(
        who, {.name = "a key", .scopes = std::move(scopes), .owner = std::move(owner)}, {}));
  }
  Result<Principal> authenticate(const Secret& key) { return accounts().authenticate_key(key, {}); }
  std::optional<ErrorCode> session_code(const Secret& token) {
    return code(accounts().authenticate_session(token, {}));
  }

 private:
  std::unique_ptr<Accounts> accounts_;
};

}  // namespace katip::app
