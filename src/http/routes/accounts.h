#pragma once

#include <memory>

#include "app/accounts.h"
#include "app/audit.h"
#include "http/route.h"

namespace katip {
class WorkPool;
}  // namespace katip

/// Who may come in, over HTTP: docs/accounts.md.
namespace katip::http {

/// What these routes work with.
///
/// Lifetime: accounts and audit outlive the table.
struct AccountDesk {
  app::Accounts& accounts;
  app::Audit& audit;
  /// Passwords are checked on threads of their own: they take a tenth of a second each, and those
  /// of everybody else would all be busy with them.
  std::shared_ptr<WorkPool> password_pool;
};

AccountDesk make_account_desk(app::Accounts& accounts, app::Audit& audit);

/// /api/v1/auth: login, logout, me, password, sessions.
void add_auth_routes(RouteTable& table, const AccountDesk& desk);
/// /api/v1/keys.
void add_key_routes(RouteTable& table, const AccountDesk& desk);
/// /api/v1/admin/users.
void add_user_routes(RouteTable& table, const AccountDesk& desk);
/// /api/v1/admin/audit.
void add_audit_routes(RouteTable& table, const AccountDesk& desk);

}  // namespace katip::http
