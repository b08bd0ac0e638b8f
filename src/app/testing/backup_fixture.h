#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "app/backup_folder.h"
#include "app/backup_tasks.h"
#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::app {

/// A database with katip's schema, a data folder with a profile, and a folder for backups.
class BackupFixture : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    if (IsSkipped()) return;
    std::filesystem::create_directories(data_dir() / "profiles");
    std::ofstream(data_dir() / "profiles" / "ayse.json") << R"({"theme":"dark"})";
  }

  [[nodiscard]] std::filesystem::path data_dir() const { return files_.path() / "data"; }
  [[nodiscard]] std::filesystem::path backup_dir() const { return files_.path() / "backups"; }
  BackupOptions options() {
    return {.folder = backup_dir(),
            .data_dir = data_dir(),
            .url = database().url(),
            .katip_version = "test"};
  }
  BackupFolder folder() { return jobs::must(BackupFolder::open(options(), clock(), rng())); }
  BackupFolder folder(BackupOptions options) {
    return jobs::must(BackupFolder::open(std::move(options), clock(), rng()));
  }
  static store::BackupKey key_of(char digit) {
    return jobs::must(store::BackupKey::parse(std::string(64, digit)));
  }
  /// One byte of a file is another one afterwards.
  static void flip(const std::filesystem::path& path, std::size_t position) {
    std::string text = jobs::must(read_whole_file(path, 1 << 30));
    text[position % text.size()] = static_cast<char>(text[position % text.size()] ^ 0x10);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }
  std::filesystem::path part_of(const Backup& backup, const char* role) {
    return backup.folder / backup.manifest.part(role)->file_name;
  }

  TemporaryFolder files_;
};

template <typename T>
std::optional<ErrorCode> code_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

}  // namespace katip::app
