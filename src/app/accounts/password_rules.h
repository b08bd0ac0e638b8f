#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace katip::app {

inline constexpr std::size_t kPasswordLengthMin = 8;    ///< Characters.
inline constexpr std::size_t kPasswordSizeMax = 1'024;  ///< Bytes.

/// Whether a password may be used: long enough, and none of those that are tried first (words like
/// "password" or "galatasaray" with digits behind them or letters swapped for digits, rows of the
/// keyboard, the login itself). No rules about which characters have to be in it: they make
/// passwords worse.
///
/// Errors: kInvalidArgument with what to do; the password is never in the message.
/// Source: NIST SP 800-63B, section 5.1.1.2; OWASP ASVS 5.0, section 6.2.
Status check_password(const Secret& password, std::string_view login);

}  // namespace katip::app
