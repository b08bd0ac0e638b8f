#pragma once

#include "base/log.h"
#include "base/result.h"
#include "cli/command/command.h"
#include "cli/config/settings.h"
#include "cli/session.h"

namespace katip::cli {

/// The server with everything behind it, until somebody stops it: first no more requests are taken
/// and those in hand are answered, then the workers stop.
///
/// Errors: those of settings, of the database and of listening.
Status serve(const Arguments& arguments, const Settings& settings, Session& session, Log& log);

}  // namespace katip::cli
