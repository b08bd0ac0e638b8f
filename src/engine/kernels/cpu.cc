#include "engine/kernels/cpu.h"

#include <array>
#include <atomic>

namespace katip::engine {
namespace {

constexpr std::array kNames = {std::string_view("scalar"), std::string_view("avx2"),
                               std::string_view("avx512")};
constexpr int kUnset = -1;
std::atomic<int> forced = kUnset;

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
}

}  // namespace

std::string_view name(Cpu cpu) { return kNames[static_cast<std::size_t>(cpu)]; }

Cpu detect_cpu() {
  static const Cpu detected =
      has_avx2() ? (has_avx512() ? Cpu::kAvx512 : Cpu::kAvx2) : Cpu::kScalar;
  return detected;
}

Cpu cpu() {
  const int value = forced.load(std::memory_order_relaxed);
  return value == kUnset ? detect_cpu() : static_cast<Cpu>(value);
}

Status force_cpu(std::string_view wanted) {
  for (std::size_t index = 0; index < kNames.size(); ++index) {
    if (kNames[index] != wanted) continue;
    if (static_cast<Cpu>(index) > detect_cpu()) {
      return fail(ErrorCode::kUnavailable, "this machine has no " + std::string(wanted) +
                                               "; its best is " + std::string(name(detect_cpu())));
    }
    forced = static_cast<int>(index);
    return {};
  }
  return fail(ErrorCode::kInvalidArgument,
              "unknown instruction set '" + std::string(wanted) + "': use scalar, avx2 or avx512");
}

}  // namespace katip::engine
