#include <charconv>
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/accounts/work.h"
#include "cli/commands/commands.h"

namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr int kPageSize = 200;

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream stream(list);
  for (std::string word; std::getline(stream, word, ',');) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

Result<std::optional<int>> number_of(const AccountWork& work, std::string_view flag) {
  if (!work.arguments.has(flag)) return std::optional<int>();
  const std::string text = work.arguments.value(flag);
  int number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a whole number", flag));
  }
  return std::optional(number);
}

json::value optional_json(const std::optional<int>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object key_json(const app::Key& key) {
  return {{"id", key.id},
          {"prefix", key.prefix},
          {"name", key.name},
          {"owner", key.owner},
          {"scopes", json::value_from(key.scopes)},
          {"rate_limit_per_minute", optional_json(key.rate_limit_per_minute)},
          {"daily_audio_seconds_limit", optional_json(key.daily_audio_seconds_limit)},
          {"priority_default", optional_json(key.priority_default)},
          {"is_active", key.is_active},
          {"expires_at", json_time(key.expires_at)},
          {"last_used_at", json_time(key.last_used_at)},
          {"usage_count", key.usage_count},
          {"created_at", json_time(key.created_at)}};
}

std::string_view state_of(const app::Key& key, app::AccountTime now) {
  if (!key.is_active) return "revoked";
  return key.expires_at && *key.expires_at <= now ? "expired" : "active";
}

Result<app::KeyRequest> request_of(const AccountWork& work) {
  app::KeyRequest request{.name = work.arguments.value("--name"),
                          .scopes = split(work.arguments.value("--scopes"))};
  if (work.arguments.has("--owner")) request.owner = work.arguments.value("--owner");
  if (work.arguments.has("--expires")) {
    request.expires_at = KATIP_TRY(parse_expiry(
        work.arguments.value("--expires"), store::to_timestamp(work.session.clock.calendar())));
  }
  request.rate_limit_per_minute = KATIP_TRY(number_of(work, "--rate-limit"));
  request.daily_audio_seconds_limit = KATIP_TRY(number_of(work, "--daily-seconds"));
  request.priority_default = KATIP_TRY(number_of(work, "--priority"));
  return request;
}

Status create(const AccountWork& work) {
  for (const char* flag : {"--name", "--scopes"}) {
    if (!work.arguments.has(flag)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is missing; for example: katip key create --name web --scopes "
                              "transcribe,jobs:read",
                              flag));
    }
  }
  const app::KeyRequest request = KATIP_TRY(request_of(work));
  const app::NewKey made = KATIP_TRY(work.accounts.create_key(work.who, request, work.stop()));
  work.record("key.create", "api_key", made.key.prefix,
              json::serialize(json::object{{"name", made.key.name},
                                           {"owner", made.key.owner},
                                           {"scopes", json::value_from(made.key.scopes)}}));
  if (work.is_json()) {
    json::object answer = key_json(made.key);
    answer["key"] = made.secret.reveal();
    work.print_json(answer);
    return {};
  }
  work.print(made.secret.reveal());
  work.say("this is the only time that the key is shown: only its checksum is kept");
  return {};
}

Status list(const AccountWork& work) {
  const auto now = store::to_timestamp(work.session.clock.calendar());
  json::array all;
  std::vector<std::vector<std::string>> lines = {
      {"KEY", "NAME", "OWNER", "STATE", "EXPIRES", "LAST USED", "USES", "SCOPES"}};
  std::string after;
  for (;;) {
    const auto page = KATIP_TRY(work.accounts.list_keys(work.who, after, kPageSize, work.stop()));
    for (const app::Key& key : page) {
      all.push_back(key_json(key));
      lines.push_back({key.prefix, key.name, key.owner, std::string(state_of(key, now)),
                       short_time(key.expires_at), short_time(key.last_used_at),
                       std::to_string(key.usage_count),
                       fmt::format("{}", fmt::join(key.scopes, ","))});
    }
    if (page.size() < kPageSize) break;
    after = page.back().id;
  }
  if (work.is_json()) {
    work.print_json(all);
  } else if (all.empty()) {
    work.say("there are no keys; `katip key create --name N --scopes all` makes one");
  } else {
    work.session.terminal.write(table_text(lines));
  }
  return {};
}

Status revoke(const AccountWork& work) {
  for (const std::string& id : work.arguments.positionals) {
    const app::Key key = KATIP_TRY(work.accounts.revoke_key(work.who, id, work.stop()));
    work.record("key.revoke", "api_key", key.prefix);
    work.say(fmt::format("{} ({}) does not work any more", key.prefix, key.name));
  }
  return {};
}

Status remove(const AccountWork& work) {
  for (const std::string& id : work.arguments.positionals) {
    const app::Key key = KATIP_TRY(work.accounts.find_key(work.who, id, work.stop()));
    KATIP_TRY(work.accounts.delete_key(work.who, key.id, work.stop()));
    work.record("key.delete", "api_key", key.prefix);
    work.say(fmt::format("{} ({}) is deleted", key.prefix, key.name));
  }
  return {};
}

template <Status (*Body)(const AccountWork&)>
int run(const Arguments& arguments, Session& session) {
  return run_account_command(arguments, session, Body);
}

Positional keys() {
  return {.name = "KEY",
          .help = "keys by their public half (kp_…) or id",
          .count_min = 1,
          .count_max = 1'000};
}

std::vector<Flag> create_flags() {
  return {{.name = "--name", .value_name = "NAME", .help = "for people: what uses it"},
          {.name = "--scopes",
           .value_name = "LIST",
           .help = "all, or some of transcribe, jobs:read, jobs:write, lexicon:read, "
                   "lexicon:write, logs:read, logs:write, webhooks, operate, admin"},
          {.name = "--owner",
           .value_name = "LOGIN",
           .help = "whose recordings it works on; else those of the key alone"},
          {.name = "--expires", .value_name = "TIME", .help = "90d, 12h or 2027-01-31; else never"},
          {.name = "--rate-limit", .value_name = "N", .help = "requests a minute"},
          {.name = "--daily-seconds", .value_name = "N", .help = "seconds of audio a day"},
          {.name = "--priority", .value_name = "P", .help = "of its jobs, 0 to 10"},
          {.name = "--json", .help = "the new key as JSON"}};
}

}  // namespace

Command key_command() {
  return {
      .name = "key",
      .summary = "API keys for programs",
      .examples = {"katip key create --name web --scopes transcribe,jobs:read --expires 90d",
                   "katip key list", "katip key revoke kp_4fT0aQz81LbX"},
      .subcommands = {
          {.name = "create",
           .summary = "make a key and print it, this once",
           .details = "Standard output holds the key and nothing else.",
           .flags = create_flags(),
           .examples = {"export OPENAI_API_KEY=$(katip key create --name laptop --scopes all)",
                        "katip key create --name web --scopes transcribe,jobs:read --owner ayse "
                        "--expires 90d --rate-limit 60"},
           .run = &run<&create>},
          {.name = "list",
           .summary = "show all keys, the newest first",
           .flags = {{.name = "--json", .help = "as a JSON array"}},
           .examples = {"katip key list", "katip key list --json | jq -r .[].prefix"},
           .run = &run<&list>},
          {.name = "revoke",
           .summary = "end keys; what they did stays known as theirs",
           .positional = keys(),
           .examples = {"katip key revoke kp_4fT0aQz81LbX"},
           .run = &run<&revoke>},
          {.name = "delete",
           .summary = "delete keys altogether",
           .positional = keys(),
           .examples = {"katip key delete kp_4fT0aQz81LbX"},
           .run = &run<&remove>}}};
}

}  // namespace katip::cli
