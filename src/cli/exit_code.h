#pragma once

#include "base/result.h"

namespace katip::cli {

inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;        ///< The request itself is wrong.
inline constexpr int kExitTryAgain = 75;    ///< As in sysexits.h: another time it may go.
inline constexpr int kExitCancelled = 130;  ///< As shells count: 128 + SIGINT.

/// What the program leaves with when it ends with this error.
int exit_code(ErrorCode code);

}  // namespace katip::cli
