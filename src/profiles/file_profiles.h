#pragma once

#include <filesystem>
#include <memory>

#include "profiles/profile_store.h"

namespace katip::profiles {

/// One JSON file a profile in one folder, each written as a whole or not at all. A file `.lock`
/// there lets one change happen at a time, whichever process it comes from; reading waits for
/// nobody.
class FileProfiles final : public ProfileStore {
 public:
  /// Makes the folder, for its owner only.
  ///
  /// Errors: kPermissionDenied, kUnavailable.
  static Result<std::unique_ptr<FileProfiles>> open(const std::filesystem::path& folder);

  Result<std::optional<Profile>> get(std::string_view name) override;
  Result<Profile> put(const NewProfile& profile,
                      const std::optional<std::string>& expected_version) override;
  Result<Profile> update(std::string_view name, const FieldChanges& changes,
                         const std::optional<std::string>& expected_version) override;
  Result<bool> remove(std::string_view name) override;
  Result<std::vector<std::string>> list(std::string_view prefix, std::string_view after,
                                        int count_max) override;
  Result<int> put_many(std::span<const NewProfile> profiles) override;

 private:
  explicit FileProfiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::filesystem::path file_of(std::string_view name) const;
  [[nodiscard]] Result<std::optional<Profile>> read(std::string_view name) const;
  [[nodiscard]] Status check_version(std::string_view name,
                                     const std::optional<std::string>& expected_version) const;

  const std::filesystem::path folder_;
};

}  // namespace katip::profiles
