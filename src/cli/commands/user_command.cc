#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/accounts/password_input.h"
#include "cli/accounts/work.h"
#include "cli/commands/commands.h"

namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr int kPageSize = 200;

app::Role role_of(const std::string& text) {
  return app::parse_role(text).value_or(app::Role::kViewer);  // The parser knows the choices.
}

Result<Secret> new_password(const AccountWork& work, const std::string& login) {
  if (work.arguments.has("--password-stdin")) return read_password_line();
  return ask_password("new password of " + printable(login), work.stop());
}

json::object user_json(const app::User& user) {
  return {{"id", user.id},
          {"login", user.login},
          {"display_name", user.display_name},
          {"role", name(user.role)},
          {"is_active", user.is_active},
          {"last_login_at", json_time(user.last_login_at)},
          {"created_at", json_time(user.created_at)}};
}

Status create(const AccountWork& work) {
  const std::string& login = work.arguments.positionals.at(0);
  const app::UserRequest request{.login = login,
                                 .password = KATIP_TRY(new_password(work, login)),
                                 .role = role_of(work.arguments.value("--role", "viewer")),
                                 .display_name = work.arguments.value("--name")};
  const app::User user = KATIP_TRY(work.accounts.create_user(work.who, request, work.stop()));
  work.record("user.create", "user", user.login,
              json::serialize(json::object{{"role", name(user.role)}}));
  if (work.is_json()) {
    work.print_json(user_json(user));
  } else {
    work.say(fmt::format("{} may log in now, as {}", user.login, name(user.role)));
  }
  return {};
}

Status list(const AccountWork& work) {
  json::array all;
  std::vector<std::vector<std::string>> lines = {
      {"LOGIN", "ROLE", "STATE", "LAST LOGIN", "CREATED", "NAME"}};
  std::string after;
  for (;;) {
    const auto page = KATIP_TRY(work.accounts.list_users(work.who, after, kPageSize, work.stop()));
    for (const app::User& user : page) {
      all.push_back(user_json(user));
      lines.push_back({user.login, std::string(name(user.role)),
                       user.is_active ? "active" : "disabled", short_time(user.last_login_at),
                       short_time(user.created_at), user.display_name});
    }
    if (page.size() < kPageSize) break;
    after = page.back().login;
  }
  if (work.is_json()) {
    work.print_json(all);
  } else if (all.empty()) {
    work.say("there are no users; `katip user create NAME --role admin` makes the first one");
  } else {
    work.session.terminal.write(table_text(lines));
  }
  return {};
}

Status set_password(const AccountWork& work) {
  const std::string& login = work.arguments.positionals.at(0);
  KATIP_TRY(work.accounts.find_user(work.who, login, work.stop()));  // Before anybody types.
  const Secret password = KATIP_TRY(new_password(work, login));
  KATIP_TRY(work.accounts.set_password(work.who, login, password, work.stop()));
  work.record("user.password", "user", login);
  work.say(fmt::format("{} has a new password, and is logged out everywhere", login));
  return {};
}

Status change(const AccountWork& work, const app::UserChange& wanted, const std::string& action,
              const std::string& done) {
  const std::string& login = work.arguments.positionals.at(0);
  const app::User user = KATIP_TRY(work.accounts.change_user(work.who, login, wanted, work.stop()));
  work.record(action, "user", user.login, json::serialize(json::object{{"role", name(user.role)}}));
  work.say(fmt::format("{} {}", user.login, done));
  return {};
}

Status set_role(const AccountWork& work) {
  const std::string& text = work.arguments.positionals.at(1);
  const auto role = app::parse_role(text);
  if (!role) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no role; there are viewer, editor, operator and admin", text));
  }
  return change(work, {.role = *role}, "user.role", fmt::format("has the role {} now", text));
}

Status disable(const AccountWork& work) {
  return change(work, {.is_active = false}, "user.disable", "may not log in any more");
}

Status enable(const AccountWork& work) {
  return change(work, {.is_active = true}, "user.enable", "may log in again");
}

Status remove(const AccountWork& work) {
  const std::string& login = work.arguments.positionals.at(0);
  KATIP_TRY(work.accounts.delete_user(work.who, login, work.stop()));
  work.record("user.delete", "user", login);
  work.say(
      fmt::format("{} is deleted, and their keys are revoked; their recordings are kept for those "
                  "who see everybody's",
                  login));
  return {};
}

template <Status (*Body)(const AccountWork&)>
int run(const Arguments& arguments, Session& session) {
  return run_account_command(arguments, session, Body);
}

Positional login_of(std::string_view help) {
  return {.name = "LOGIN", .help = help, .count_min = 1, .count_max = 1};
}

Flag password_flag() {
  return {.name = "--password-stdin",
          .help = "read the password from the first line of standard input instead of asking"};
}

std::vector<Command> making_commands() {
  Command make{.name = "create",
               .summary = "make a user; the first one has to be an administrator",
               .details =
                   "Asks for the password on the terminal. A password has at least 8 "
                   "characters and is none of those that are tried first.",
               .flags = {{.name = "--role",
                          .value_name = "ROLE",
                          .help = "what they may do [viewer]",
                          .choices = {"viewer", "editor", "operator", "admin"}},
                         {.name = "--name", .value_name = "TEXT", .help = "name for people"},
                         password_flag(),
                         {.name = "--json", .help = "the new user as JSON"}},
               .positional = login_of("a-z, 0-9 and . _ - + @"),
               .examples = {"katip user create ayse --role admin",
                            "pass show katip | katip user create web --role editor "
                            "--password-stdin"},
               .run = &run<&create>};
  Command show{.name = "list",
               .summary = "show all users",
               .flags = {{.name = "--json", .help = "as a JSON array"}},
               .examples = {"katip user list", "katip user list --json | jq -r .[].login"},
               .run = &run<&list>};
  Command password{.name = "passwd",
                   .summary = "set a new password, also a lost one",
                   .details = "Ends all sessions of the user. Keys go on working.",
                   .flags = {password_flag()},
                   .positional = login_of("whose password"),
                   .examples = {"katip user passwd ayse"},
                   .run = &run<&set_password>};
  return {std::move(make), std::move(show), std::move(password)};
}

std::vector<Command> changing_commands() {
  return {{.name = "role",
           .summary = "change what a user may do",
           .positional = {.name = "LOGIN ROLE",
                          .help = "who, and viewer, editor, operator or admin",
                          .count_min = 2,
                          .count_max = 2},
           .examples = {"katip user role ayse operator"},
           .run = &run<&set_role>},
          {.name = "disable",
           .summary = "shut a user out: no login, no session, no key of theirs works",
           .positional = login_of("who"),
           .examples = {"katip user disable ayse"},
           .run = &run<&disable>},
          {.name = "enable",
           .summary = "let a user in again",
           .positional = login_of("who"),
           .examples = {"katip user enable ayse"},
           .run = &run<&enable>},
          {.name = "delete",
           .summary = "delete a user and revoke their keys; recordings are kept",
           .details = "Operators and administrators still see the recordings; whoever gets the "
                      "login next does not. To shut somebody out, `katip user disable` is usually "
                      "what is meant.",
           .positional = login_of("who"),
           .examples = {"katip user delete ayse"},
           .run = &run<&remove>}};
}

}  // namespace

Command user_command() {
  std::vector<Command> commands = making_commands();
  for (Command& command : changing_commands()) commands.push_back(std::move(command));
  return {.name = "user",
          .summary = "people who may log in, and what they may do",
          .examples = {"katip user create ayse --role admin", "katip user list",
                       "katip user passwd ayse"},
          .subcommands = std::move(commands)};
}

}  // namespace katip::cli
