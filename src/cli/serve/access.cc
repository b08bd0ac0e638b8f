#include "cli/serve/access.h"

#include <fmt/format.h>

/// Tested by tests/e2e/test_access.py.
namespace katip::cli {
namespace {

constexpr std::chrono::seconds kFlushEvery{5};
constexpr int kPruneEvery = 720;  // Flushes: an hour.

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

app::AccountsOptions accounts_options(const Settings& settings) {
  app::AccountsOptions options;
  options.session_idle = std::chrono::hours(settings.integer("accounts.session_idle_hours"));
  options.session_max = std::chrono::days(settings.integer("accounts.session_max_days"));
  return options;
}

}  // namespace

Result<std::unique_ptr<Access>> Access::open(const Settings& settings, store::Pool& pool,
                                             Session& session, const AccessRecords& records) {
  auto accounts = KATIP_TRY(
      app::Accounts::create(pool, session.clock, system_rng(), accounts_options(settings)));
  const std::string host = settings.text("server.host");
  if (!is_loopback(host) && !KATIP_TRY(accounts->has_administrator(session.signals.token()))) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("nobody could administer a server at {}, and anybody could reach it; "
                            "make an administrator first: katip user create NAME --role admin, or "
                            "katip key create --name N --scopes all",
                            host));
  }
  const http::AccessOptions options{.is_open_when_empty = is_loopback(host),
                                    .rate_limit_per_minute = settings.integer("server.rate_limit"),
                                    .origins = settings.list("server.cors_origins")};
  const World world{.pool = pool, .clock = session.clock, .records = records};
  return std::unique_ptr<Access>(new Access(world, std::move(accounts), options));
}

Access::Access(const World& world, std::unique_ptr<app::Accounts> accounts,
               const http::AccessOptions& options)
    : clock_(world.clock),
      is_open_when_empty_(options.is_open_when_empty),
      logger_(world.records.log, "accounts"),
      accounts_(std::move(accounts)),
      secrets_(world.clock, system_rng()),
      repeats_(world.pool, world.clock, {}),
      requests_(world.records.log, world.records.metrics, world.records.tracing),
      gate_({.accounts = *accounts_,
             .secrets = secrets_,
             .repeats = repeats_,
             .log = requests_,
             .clock = world.clock},
            options),
      housekeeper_([this](const std::stop_token& stop) { keep_house(stop); }) {}

Access::~Access() {
  housekeeper_.request_stop();
  housekeeper_.join();
  if (const Status status = accounts_->flush_usage({}); !status) {
    logger_.warning("the last uses of keys were not written",
                    {{"error_message", status.error().message}});
  }
}

Result<bool> Access::is_open() {
  if (!is_open_when_empty_) return false;
  return accounts_->is_empty({});
}

void Access::keep_house(const std::stop_token& stop) {
  const auto tell = [&](std::string_view what, const Status& status) {
    if (status || stop.stop_requested()) return;
    logger_.warning(what, {{"error_message", status.error().message}});
  };
  for (int round = 0; clock_.sleep_for(kFlushEvery, stop); ++round) {
    tell("uses of keys wait to be written", accounts_->flush_usage(stop));
    if (round % kPruneEvery != 0) continue;
    tell("sessions that have ended are still there", accounts_->prune(stop));
    const auto repeats = repeats_.prune(stop);
    tell("answers of yesterday are still there",
         repeats ? Status() : Status(std::unexpected(repeats.error())));
  }
}

}  // namespace katip::cli
