#include "text/writers/zip.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <zlib.h>

#include "text/writers/unzip_for_test.h"

namespace katip::text {
namespace {

std::size_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number |= static_cast<std::size_t>(static_cast<unsigned char>(bytes.at(at + i))) << (8 * i);
  }
  return number;
}

std::string inflated(std::string packed, std::size_t size) {
  std::string bytes(size, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.total_out, size);
  inflateEnd(&stream);
  return bytes;
}

/// The entry whose line of the directory is at `line`.
std::string entry_bytes(const std::string& archive, std::size_t line) {
  const std::size_t place = number_at(archive, line + 42, 4);
  EXPECT_EQ(archive.substr(place, 4), "PK\x03\x04");
  EXPECT_EQ(archive.substr(place + 4, 26), archive.substr(line + 6, 26)) << "the headers differ";
  const std::size_t packed_size = number_at(archive, line + 20, 4);
  const std::size_t size = number_at(archive, line + 24, 4);
  const std::string packed =
      archive.substr(place + 30 + number_at(archive, line + 28, 2), packed_size);
  const std::string bytes = number_at(archive, line + 10, 2) == 0 ? packed : inflated(packed, size);
  EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())),
            number_at(archive, line + 16, 4));
  return bytes;
}

}  // namespace

std::map<std::string, std::string> unzip(const std::string& archive) {
  const std::size_t end = archive.size() - 22;
  EXPECT_EQ(archive.substr(end, 4), "PK\x05\x06");
  std::map<std::string, std::string> entries;
  std::size_t line = number_at(archive, end + 16, 4);
  for (std::size_t count = number_at(archive, end + 10, 2); count > 0; --count) {
    EXPECT_EQ(archive.substr(line, 4), "PK\x01\x02");
    const std::size_t name_size = number_at(archive, line + 28, 2);
    entries[archive.substr(line + 46, name_size)] = entry_bytes(archive, line);
    line += 46 + name_size;
  }
  EXPECT_EQ(line, end);
  return entries;
}

namespace {

TEST(ZipWriter, WritesAnEmptyArchive) { EXPECT_TRUE(unzip(ZipWriter().finish().value()).empty()); }

TEST(ZipWriter, KeepsEveryByte) {
  std::mt19937 random(5);
  std::string noise(70'000, '\0');
  std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
  const std::map<std::string, std::string> entries = {
      {"a.txt", ""}, {"b/c.txt", "short"}, {"d", std::string(1'000'000, 'x')}, {"noise", noise}};
  ZipWriter zip;
  for (const auto& [name, bytes] : entries) {
    ASSERT_TRUE(zip.add(name, bytes).has_value());
  }
  const std::string archive = zip.finish().value();
  EXPECT_EQ(unzip(archive), entries);
  EXPECT_LT(archive.size(), 80'000u) << "the million was to be compressed, the noise stored";
}

TEST(ZipWriter, GivesTheSameBytesForTheSameEntries) {
  const auto archive = [] {
    ZipWriter zip;
    EXPECT_TRUE(zip.add("a", "text text text text text").has_value());
    return zip.finish().value();
  };
  EXPECT_EQ(archive(), archive());
}

}  // namespace
}  // namespace katip::text
