#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "media/s3/xml_text.h"

/// Answers of an S3 server: whatever they are, what is read of them lies inside of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  std::size_t total = 0;
  for (const std::string_view element : katip::media::elements_of(xml, "Contents")) {
    KATIP_ASSERT(element.data() >= xml.data() &&
                 element.data() + element.size() <= xml.data() + xml.size());
    total += element.size();
    const auto key = katip::media::text_of(element, "Key");
    KATIP_ASSERT(!key || key->size() <= element.size());
  }
  KATIP_ASSERT(total <= xml.size());
  return 0;
}
