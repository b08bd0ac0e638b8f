#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::vector<std::uint8_t>& input) {
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

/// Runs the fuzz target it is linked with over the files of the folders named, without libFuzzer.
/// A crash names its file: it is the last one printed.
int main(int argument_count, char** arguments) {
  int replayed = 0;
  for (int i = 1; i < argument_count; ++i) {
    if (!std::filesystem::is_directory(arguments[i])) {
      std::fprintf(stderr, "%s is not a folder: give the target a corpus\n", arguments[i]);
      return 1;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
      if (!entry.is_regular_file()) continue;
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      replay(read_bytes(entry.path()));
      ++replayed;
    }
  }
  replay({});
  std::printf("replayed %d files and the empty input\n", replayed);
  return replayed > 0 ? 0 : 1;
}
