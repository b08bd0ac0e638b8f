#include "profiles/file_profiles.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic_file.h"

/// Tested by conformance_test.cc.
namespace katip::profiles {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".json";

/// Held while a profile changes. The file stays: deleting it would let two hold a lock at once.
class ChangeLock {
 public:
  static Result<ChangeLock> take(const fs::path& folder) {
    const fs::path path = folder / ".lock";
    ChangeLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) return std::unexpected(file_error("open", path, errno));
    while (flock(lock.descriptor_, LOCK_EX) != 0) {
      if (errno != EINTR) return std::unexpected(file_error("lock", path, errno));
    }
    return lock;
  }
  ~ChangeLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  ChangeLock(ChangeLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ChangeLock& operator=(ChangeLock&&) = delete;

 private:
  explicit ChangeLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace

Result<std::unique_ptr<FileProfiles>> FileProfiles::open(const fs::path& folder) {
  KATIP_TRY(make_folder(folder));
  std::error_code ignored;
  fs::permissions(folder, fs::perms::owner_all, ignored);
  return std::unique_ptr<FileProfiles>(new FileProfiles(folder));
}

fs::path FileProfiles::file_of(std::string_view name) const {
  return folder_ / (std::string(name) + std::string(kEnding));
}

Result<std::optional<Profile>> FileProfiles::read(std::string_view name) const {
  auto text = read_whole_file(file_of(name), 2 * kDocumentSizeMax);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::optional<Profile>();
  const std::string bytes = KATIP_TRY(std::move(text));
  auto document = checked_document(bytes);
  if (!document) {
    return fail(
        ErrorCode::kCorruptData,
        file_of(name).string() + " was damaged or changed by hand: " + document.error().message);
  }
  std::string version = version_of(*document);
  return std::optional(Profile{std::string(name), *std::move(document), std::move(version)});
}

Result<std::optional<Profile>> FileProfiles::get(std::string_view name) {
  KATIP_TRY(check_name(name));
  return read(name);
}

Status FileProfiles::check_version(std::string_view name,
                                   const std::optional<std::string>& expected_version) const {
  if (!expected_version) return {};
  const auto current = KATIP_TRY(read(name));
  if ((current ? current->version : "") == *expected_version) return {};
  return fail(ErrorCode::kConflict, current ? "somebody else has changed the profile: read it again"
                                            : "there is no such profile any more");
}

Result<Profile> FileProfiles::put(const NewProfile& profile,
                                  const std::optional<std::string>& expected_version) {
  KATIP_TRY(check_name(profile.name));
  std::string document = KATIP_TRY(checked_document(profile.document));
  const ChangeLock lock = KATIP_TRY(ChangeLock::take(folder_));
  KATIP_TRY(check_version(profile.name, expected_version));
  KATIP_TRY(write_file_atomically(file_of(profile.name), document));
  std::string version = version_of(document);
  return Profile{profile.name, std::move(document), std::move(version)};
}

Result<Profile> FileProfiles::update(std::string_view name, const FieldChanges& changes,
                                     const std::optional<std::string>& expected_version) {
  KATIP_TRY(check_name(name));
  const ChangeLock lock = KATIP_TRY(ChangeLock::take(folder_));
  const auto current = KATIP_TRY(read(name));
  if (!current) return fail(ErrorCode::kNotFound, "there is no such profile");
  KATIP_TRY(check_version(name, expected_version));
  std::string document = KATIP_TRY(with_changes(current->document, changes));
  KATIP_TRY(write_file_atomically(file_of(name), document));
  std::string version = version_of(document);
  return Profile{std::string(name), std::move(document), std::move(version)};
}

Result<bool> FileProfiles::remove(std::string_view name) {
  KATIP_TRY(check_name(name));
  const ChangeLock lock = KATIP_TRY(ChangeLock::take(folder_));
  std::error_code error;
  const bool was_there = fs::remove(file_of(name), error);
  if (error) {
    return fail(ErrorCode::kUnavailable,
                "cannot delete " + file_of(name).string() + ": " + error.message());
  }
  return was_there;
}

Result<std::vector<std::string>> FileProfiles::list(std::string_view prefix, std::string_view after,
                                                    int count_max) {
  constexpr int kPageMax = 1'000;
  if (count_max < 1 || count_max > kPageMax) {
    return fail(ErrorCode::kInvalidArgument, "a list has 1 to 1,000 names");
  }
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kEnding)) continue;
    std::string name = file.substr(0, file.size() - kEnding.size());
    // What others put there is not ours, and neither is what AtomicFile is just writing.
    if (check_name(name) && name.starts_with(prefix) && name > after) {
      names.push_back(std::move(name));
    }
  }
  if (error) {
    return fail(ErrorCode::kUnavailable,
                "cannot read " + folder_.string() + ": " + error.message());
  }
  std::ranges::sort(names);
  if (names.size() > static_cast<std::size_t>(count_max)) {
    names.resize(static_cast<std::size_t>(count_max));
  }
  return names;
}

Result<int> FileProfiles::put_many(std::span<const NewProfile> profiles) {
  if (profiles.size() > kBulkCountMax) {
    return fail(ErrorCode::kInvalidArgument, "at most 1,000 profiles are written at once");
  }
  std::vector<std::string> documents;
  for (const NewProfile& profile : profiles) {
    KATIP_TRY(check_name(profile.name));
    auto document = checked_document(profile.document);
    if (!document) return fail(profile.name, std::move(document).error());
    documents.push_back(*std::move(document));
  }
  const ChangeLock lock = KATIP_TRY(ChangeLock::take(folder_));
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    KATIP_TRY(write_file_atomically(file_of(profiles[i].name), documents[i]));
  }
  return static_cast<int>(profiles.size());
}

}  // namespace katip::profiles
