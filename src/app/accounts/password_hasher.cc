#include "app/accounts/password_hasher.h"

#include <array>

#include <fmt/format.h>
#include <sodium.h>

/// Tested by password_hasher_test.cc.
namespace katip::app {
namespace {

/// One turn at hashing.
class Turn {
 public:
  explicit Turn(store::FairPermits& permits) : permits_(&permits) {}
  ~Turn() {
    if (permits_ != nullptr) permits_->release();
  }
  Turn(Turn&& other) noexcept : permits_(std::exchange(other.permits_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;

 private:
  store::FairPermits* permits_;
};

Result<Turn> take_turn(store::FairPermits& permits, std::chrono::milliseconds wait_max,
                       std::stop_token stop) {
  const Status status = permits.acquire(wait_max, std::move(stop));
  if (status) return Turn(permits);
  if (status.error().code == ErrorCode::kCancelled) return std::unexpected(status.error());
  return fail(ErrorCode::kOverloaded, "too many people log in at once; try again in a moment");
}

}  // namespace

Result<std::string> PasswordHasher::hash(const Secret& password, std::stop_token stop) {
  const Turn turn = KATIP_TRY(take_turn(permits_, options_.wait_max, std::move(stop)));
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed = crypto_pwhash_str_alg(
      text.data(), password.reveal().data(), password.reveal().size(),
      static_cast<unsigned long long>(options_.pass_count),
      static_cast<std::size_t>(options_.memory_kib) * 1'024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("hashing a password needs {} KiB of memory, which are not there",
                            options_.memory_kib));
  }
  return std::string(text.data());
}

Result<bool> PasswordHasher::is_match(const std::string& hash, const Secret& password,
                                      std::stop_token stop) {
  const Turn turn = KATIP_TRY(take_turn(permits_, options_.wait_max, std::move(stop)));
  return crypto_pwhash_str_verify(hash.c_str(), password.reveal().data(),
                                  password.reveal().size()) == 0;
}

Result<bool> PasswordHasher::refuse(const Secret& password, std::stop_token stop) {
  // A hash of the same cost that no password has: salt and sum are zeros.
  const std::string nobody = fmt::format("$argon2id$v=19$m={},t={},p=1${:A<22}${:A<43}",
                                         options_.memory_kib, options_.pass_count, "", "");
  static_cast<void>(KATIP_TRY(is_match(nobody, password, std::move(stop))));
  return false;
}

}  // namespace katip::app
