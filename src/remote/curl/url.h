#pragma once

#include <string>

#include "base/result.h"

namespace katip::remote {

/// A URL as the library that will connect reads it.
struct AsciiUrl {
  std::string url;   ///< The whole, with this host.
  std::string host;  ///< Numeric where it means a number, else in ASCII; without brackets.
  std::string port;  ///< That of the scheme when none is given.
  bool has_user = false;
};

/// Errors: kInvalidArgument for what is no http or https address with a host.
Result<AsciiUrl> ascii_url(const std::string& url);

}  // namespace katip::remote
