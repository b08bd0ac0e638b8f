#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip::text {

/// Builds a zip archive in memory, entry by entry; the same entries give the same bytes.
///
/// Threads: one thread.
/// Source:  PKWARE APPNOTE.TXT 6.3.10, 4.3; deflate by zlib, no zip64, no encryption.
class ZipWriter {
 public:
  /// `name` is ASCII with forward slashes, and new to the archive.
  ///
  /// Errors: kTooLarge when the archive would pass 4 GB; kInternal when zlib fails.
  Status add(std::string_view name, std::string_view bytes);

  /// The archive. Nothing may be added afterwards.
  Result<std::string> finish();

 private:
  std::string archive_;
  std::string directory_;
  std::uint16_t entry_count_ = 0;
};

}  // namespace katip::text
