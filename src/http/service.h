#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "app/accounts.h"
#include "app/audit.h"
#include "app/backups.h"
#include "app/change_watch.h"
#include "app/client_secrets.h"
#include "app/intake.h"
#include "app/metrics.h"
#include "app/model_library.h"
#include "app/model_names.h"
#include "app/operations.h"
#include "app/realtime.h"
#include "app/stats.h"
#include "app/system_desk.h"
#include "app/transcriptions.h"
#include "app/uploads.h"
#include "app/webhooks.h"
#include "base/secret.h"
#include "http/record_services.h"
#include "http/route.h"
#include "http/web_app.h"

namespace katip::http {

struct OpenAiOptions {
  app::ModelPlaces places = {};          ///< Where models are, for those who may delete one.
  app::TranscriptionArgs defaults = {};  ///< What a request that says nothing gets.
  /// How long the transcripts of these requests stay in the library.
  std::optional<std::chrono::seconds> keep_for = {};
};

/// What the routes work with.
///
/// Lifetime: what is referred to outlives the table.
struct Service {
  app::Transcriptions& transcriptions;
  const app::ModelNames& models;
  app::Metrics& metrics;
  app::Audit& audit;
  app::Webhooks& webhooks;
  app::Operations& operations;
  app::Backups& backups;
  app::Stats& stats;
  app::SystemDesk& system;
  app::Uploads& uploads;
  app::Intake& intake;
  app::ChangeWatch& changes;
  RecordServices records;
  app::Accounts& accounts;
  app::Realtime& realtime;
  app::ClientSecrets& secrets;
  const Clock& clock;
  Secret cursor_key;  ///< Seals the cursors of lists; the same on all servers of a database.
  OpenAiOptions openai = {};
  /// How long other jobs stay that do not say it; nothing: for ever.
  std::optional<std::chrono::seconds> keep_jobs_for = {};
  /// Whether who has no key may do everything here now; without it nobody ever may.
  std::function<bool()> is_open = {};
  std::string version = {};  ///< Of katip.
  WebApp web = {};           ///< Without one, / leads to /docs.
};

/// Every route of the server.
RouteTable make_routes(const Service& service);

}  // namespace katip::http
