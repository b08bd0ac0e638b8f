#pragma once

#include "app/model_names.h"
#include "app/system_desk.h"
#include "app/uploads.h"
#include "base/result.h"
#include "cli/config/settings.h"
#include "cli/session.h"
#include "http/server.h"
#include "http/service.h"

/// From settings to the options of the server.
namespace katip::cli {

/// Errors: kInvalidArgument, naming the setting.
Result<http::ServerOptions> server_options(const Settings& settings);

app::UploadOptions upload_options(const Settings& settings);

/// Errors: those of transcribe_options().
Result<http::OpenAiOptions> openai_options(const Settings& settings, const Session& session);

/// Errors: kInvalidArgument for an alias that is none.
Result<app::ModelNames> model_names(const Settings& settings);

/// What operators are told about this server; secrets are masked.
app::SystemFacts system_facts(const Settings& settings);

}  // namespace katip::cli
