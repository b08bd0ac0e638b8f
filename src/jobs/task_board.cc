#include "jobs/task_board.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/uuid.h"

/// Tested by task_board_test.cc.
namespace katip::jobs {
namespace {

constexpr std::size_t kIdSize = 36;

}  // namespace

/// A dead writer leaves a slot as it is, so the id is complete before it counts.
struct TaskBoard::Slot {
  std::atomic<bool> is_used;
  std::array<char, kIdSize> id;
};

Result<TaskBoard> TaskBoard::create() {
  const int descriptor = memfd_create("katip-task-board", MFD_CLOEXEC);
  if (descriptor < 0 || ftruncate(descriptor, sizeof(Slot) * kSlotCount) != 0) {
    const int reason = errno;
    if (descriptor >= 0) close(descriptor);
    return fail(ErrorCode::kUnavailable,
                std::string("no memory to share with a worker: ") + std::strerror(reason));
  }
  return open(descriptor);
}

Result<TaskBoard> TaskBoard::open(int descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0 ||
      status.st_size != static_cast<off_t>(sizeof(Slot) * kSlotCount)) {
    return fail(ErrorCode::kCorruptData, "this is not the memory that a parent shares");
  }
  void* const memory =
      mmap(nullptr, sizeof(Slot) * kSlotCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) {
    return fail(ErrorCode::kUnavailable, "the memory that a parent shares cannot be mapped");
  }
  return TaskBoard(descriptor, static_cast<Slot*>(memory));
}

TaskBoard::~TaskBoard() {
  if (slots_ != nullptr) {
    munmap(slots_, sizeof(Slot) * kSlotCount);
    close(descriptor_);
  }
}

TaskBoard::TaskBoard(TaskBoard&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      slots_(std::exchange(other.slots_, nullptr)) {}

TaskBoard& TaskBoard::operator=(TaskBoard&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(slots_, other.slots_);
  return *this;
}

void TaskBoard::begin(std::size_t slot, std::string_view id) {
  if (slot < kSlotCount && id.size() == kIdSize) {
    std::memcpy(slots_[slot].id.data(), id.data(), kIdSize);
    slots_[slot].is_used.store(true, std::memory_order_release);
  }
}

void TaskBoard::end(std::size_t slot) {
  if (slot < kSlotCount) {
    slots_[slot].is_used.store(false, std::memory_order_release);
  }
}

std::vector<std::string> TaskBoard::started() const {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kSlotCount; ++i) {
    if (slots_[i].is_used.load(std::memory_order_acquire)) {
      std::string id(slots_[i].id.data(), kIdSize);
      if (is_uuid(id)) {  // A worker that went astray may have written anything.
        ids.push_back(std::move(id));
      }
    }
  }
  return ids;
}

void TaskBoard::clear() {
  for (std::size_t i = 0; i < kSlotCount; ++i) {
    end(i);
  }
}

}  // namespace katip::jobs
