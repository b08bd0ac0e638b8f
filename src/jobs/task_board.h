#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::jobs {

/// A page of memory that a worker shares with its parent: which tasks are under way at this moment.
/// When the worker dies its parent reads who may have been the cause, although the worker could not
/// say it, and writing it costs no system call.
///
/// Threads: each slot is written by one thread; reading is for when the writer has ended.
class TaskBoard {
 public:
  static constexpr std::size_t kSlotCount = 1'024;

  /// Errors: kUnavailable when the system gives no memory.
  static Result<TaskBoard> create();
  /// That of the parent, by the descriptor that was inherited. Errors: kCorruptData.
  static Result<TaskBoard> open(int descriptor);
  ~TaskBoard();
  TaskBoard(TaskBoard&& other) noexcept;
  TaskBoard& operator=(TaskBoard&& other) noexcept;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// `id` is a uuid. Slots beyond kSlotCount are not kept: their tasks pass for suspects.
  void begin(std::size_t slot, std::string_view id);
  void end(std::size_t slot);
  [[nodiscard]] std::vector<std::string> started() const;
  void clear();

 private:
  struct Slot;
  TaskBoard(int descriptor, Slot* slots) : descriptor_(descriptor), slots_(slots) {}

  int descriptor_ = -1;
  Slot* slots_ = nullptr;
};

}  // namespace katip::jobs
