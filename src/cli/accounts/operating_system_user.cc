#include "cli/accounts/operating_system_user.h"

#include <array>

#include <pwd.h>
#include <unistd.h>

/// Tested by tests/e2e/test_audit.py and tests/e2e/test_migrate.py.
namespace katip::cli {

std::string operating_system_user() {
  constexpr std::size_t kEntrySizeMax = 16 << 10;
  std::array<char, kEntrySizeMax> bytes{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::getuid();
  if (::getpwuid_r(user, &entry, bytes.data(), bytes.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(user);
}

std::string host_name() {
  constexpr std::size_t kSizeMax = 256;
  std::array<char, kSizeMax> name{};
  // One that does not fit may come without its end; the last byte stays zero.
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string user_at_host() {
  const std::string host = host_name();
  return operating_system_user() + "@" + (host.empty() ? "localhost" : host);
}

}  // namespace katip::cli
