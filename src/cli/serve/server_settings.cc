#include "cli/serve/server_settings.h"

#include <cmath>

#include "app/task_secrets.h"
#include "base/secret.h"
#include "cli/config/option_table.h"
#include "cli/logging.h"
#include "cli/transcribe/options.h"

/// Tested by server_settings_test.cc.
namespace katip::cli {

Result<http::ServerOptions> server_options(const Settings& settings) {
  http::ServerOptions options;
  options.address = settings.text("server.host");
  options.port = settings.integer("server.port");
  options.work_thread_count = settings.integer("server.threads");
  options.connection_count_max = settings.integer("server.connections_max");
  options.upload_size_max = std::int64_t{settings.integer("server.upload_max_mb")} << 20;
  options.stop_grace = std::chrono::seconds(settings.integer("server.stop_grace_s"));
  options.cors_origins = settings.list("server.cors_origins");
  const bool is_forwarded = settings.text("server.proxy_header") == "forwarded";
  const auto proxies = http::TrustedProxies::parse(
      settings.list("server.trusted_proxies"),
      is_forwarded ? http::ProxyHeader::kForwarded : http::ProxyHeader::kXForwardedFor);
  if (!proxies) return fail("server.trusted_proxies", proxies.error());
  options.proxies = *proxies;
  options.free_size_min = std::int64_t{settings.integer("uploads.free_mb_min")} << 20;
  options.tls_certificate = settings.text("server.tls_certificate");
  options.tls_key = settings.text("server.tls_key");
  KATIP_TRY(options.validate());
  return options;
}

app::UploadOptions upload_options(const Settings& settings) {
  const auto megabytes = [&](std::string_view key) {
    return std::int64_t{settings.integer(key)} << 20;
  };
  return {.size_max = megabytes("server.upload_max_mb"),
          .quota = megabytes("uploads.quota_mb"),
          .free_size_min = megabytes("uploads.free_mb_min")};
}

Result<http::OpenAiOptions> openai_options(const Settings& settings, const Session& session) {
  http::OpenAiOptions options;
  options.places = model_places(settings, session);
  options.defaults.options = KATIP_TRY(transcribe_options(settings, {}));
  const double hours = settings.number("openai.keep_hours");
  if (hours > 0) options.keep_for = std::chrono::seconds(std::llround(hours * 3'600));
  return options;
}

Result<app::ModelNames> model_names(const Settings& settings) {
  auto names =
      app::ModelNames::create(settings.text("engine.model"), settings.list("engine.other_models"),
                              settings.list("openai.aliases"));
  return names ? std::move(names) : fail("openai.aliases", names.error());
}

app::SystemFacts system_facts(const Settings& settings) {
  app::SystemFacts facts{.version = KATIP_VERSION, .environment = settings.environment_name()};
  if (settings.config_file()) facts.config_file = settings.config_file()->string();
  facts.data_dir = settings.data_dir();
  facts.log_dir = log_options(settings, {}).folder;
  for (const OptionSpec& option : option_table()) {
    const Setting& setting = settings.at(option.key);
    const bool is_secret = option.kind == OptionKind::kSecret;
    facts.settings.push_back({.key = std::string(option.key),
                              .value = is_secret ? Secret(setting.value).masked()
                                                 : app::without_secrets_in_address(setting.value),
                              .origin = setting.origin,
                              .help = std::string(option.help),
                              .is_secret = is_secret});
  }
  return facts;
}

}  // namespace katip::cli
