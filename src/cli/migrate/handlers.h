#pragma once

#include "cli/command/command.h"
#include "cli/session.h"

/// What each command of `katip migrate` does; migrate_command.cc declares how they look.
///
/// Results go to standard output, everything else to standard error.
namespace katip::cli::migrate_handlers {

// listing.cc: what there is.
int history(const Arguments& arguments, Session& session);
int heads(const Arguments& arguments, Session& session);
int branches(const Arguments& arguments, Session& session);
int show(const Arguments& arguments, Session& session);
int current(const Arguments& arguments, Session& session);

// files.cc: what makes or changes files.
int init(const Arguments& arguments, Session& session);
int revision(const Arguments& arguments, Session& session);
int merge(const Arguments& arguments, Session& session);
int edit(const Arguments& arguments, Session& session);

// database.cc: what changes a database.
int upgrade(const Arguments& arguments, Session& session);
int downgrade(const Arguments& arguments, Session& session);
int stamp(const Arguments& arguments, Session& session);
int ensure_version(const Arguments& arguments, Session& session);

// checks.cc: what finds faults.
int check(const Arguments& arguments, Session& session);
int verify(const Arguments& arguments, Session& session);
int lint(const Arguments& arguments, Session& session);

}  // namespace katip::cli::migrate_handlers
