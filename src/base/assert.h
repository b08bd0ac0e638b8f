#pragma once

/// Checks for bugs: what must hold if the program is right. They stay on in release builds and end
/// the program with the place and the condition. Input from outside never reaches one unchecked:
/// that is an Error (result.h).
namespace katip {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace katip

#define KATIP_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::katip::assertion_failed(#condition, __FILE__, __LINE__))

/// The same for hot loops: checked in debug builds only.
#ifdef NDEBUG
#define KATIP_DCHECK(condition) static_cast<void>(0)
#else
#define KATIP_DCHECK(condition) KATIP_ASSERT(condition)
#endif
