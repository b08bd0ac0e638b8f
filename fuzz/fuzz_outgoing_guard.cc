#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "remote/outgoing_guard.h"

using namespace katip::remote;
using katip::Result;

/// However an address is spelled, what may be connected to is public; and what is looked up is what
/// the URL that is requested names.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto to_loopback = [](const std::string&) -> Result<std::vector<IpAddress>> {
    return std::vector<IpAddress>{*IpAddress::parse("127.0.0.1")};
  };
  static const OutgoingGuard guard = *OutgoingGuard::create({}, to_loopback);
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const std::string& url : {text, "http://" + text, "https://" + text + "/x"}) {
    const auto target = guard.check(url);
    if (!target) continue;
    if (!guard.check_text(url)) std::abort();
    for (const IpAddress& address : target->addresses) {
      if (!address.is_plainly_public()) std::abort();
    }
    const auto again = guard.check(target->url);
    if (!again || again->host != target->host || again->port != target->port) std::abort();
  }
  static_cast<void>(OutgoingGuard::create({text}));
  return 0;
}
