#include "app/profiles.h"

/// Tested by shared_things_test.cc.
namespace katip::app {
namespace {

Status check_may(const Principal& principal, Permission permission) {
  return principal.may(permission)
             ? Status{}
             : fail(ErrorCode::kPermissionDenied,
                    "this needs the permission `" + std::string(name(permission)) + "`");
}

std::unexpected<Error> no_profile() {
  return fail(ErrorCode::kNotFound, "there is no such profile");
}

}  // namespace

Result<Profile> Profiles::get(const Principal& principal, std::string_view name) {
  KATIP_TRY(check_may(principal, Permission::kReadJobs));
  auto profile = KATIP_TRY(store_.get(name));
  if (!profile) return no_profile();
  return *std::move(profile);
}

Result<Profile> Profiles::put(const Principal& principal, const NewProfile& profile,
                              const std::optional<std::string>& expected_version) {
  KATIP_TRY(check_may(principal, Permission::kOperate));
  return store_.put(profile, expected_version);
}

Result<Profile> Profiles::update(const Principal& principal, std::string_view name,
                                 const FieldChanges& changes,
                                 const std::optional<std::string>& expected_version) {
  KATIP_TRY(check_may(principal, Permission::kOperate));
  return store_.update(name, changes, expected_version);
}

Status Profiles::remove(const Principal& principal, std::string_view name) {
  KATIP_TRY(check_may(principal, Permission::kOperate));
  const bool was_there = KATIP_TRY(store_.remove(name));
  return was_there ? Status{} : Status(no_profile());
}

Result<ProfileNames> Profiles::list(const Principal& principal, std::string_view prefix,
                                    std::string_view after, int count_max) {
  KATIP_TRY(check_may(principal, Permission::kReadJobs));
  if (count_max < 1 || count_max > 200) {
    return fail(ErrorCode::kInvalidArgument, "limit is 1 to 200");
  }
  ProfileNames page{.names = KATIP_TRY(store_.list(prefix, after, count_max + 1)),
                    .next_after = {}};
  if (page.names.size() > static_cast<std::size_t>(count_max)) {
    page.names.pop_back();
    page.next_after = page.names.back();
  }
  return page;
}

Result<int> Profiles::put_many(const Principal& principal, std::span<const NewProfile> documents) {
  KATIP_TRY(check_may(principal, Permission::kOperate));
  return store_.put_many(documents);
}

}  // namespace katip::app
