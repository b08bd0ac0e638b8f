#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "cli/terminal/terminal.h"

namespace katip::cli {

/// The first line of standard input.
///
/// Errors: kInvalidArgument when there is none or it is longer than a password may be.
Result<Secret> read_password_line();

/// Asks on the terminal, twice, without showing what is typed.
///
/// Errors: kInvalidArgument when there is no terminal to ask on, or both times differ; kCancelled.
Result<Secret> ask_password(const std::string& prompt, std::stop_token stop);

}  // namespace katip::cli
