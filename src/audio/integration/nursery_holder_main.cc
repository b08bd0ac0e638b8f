#include <csignal>
#include <cstdio>
#include <string_view>

#include "audio/audio_stream.h"
#include "audio/integration/children.h"

// A katip in small, for nursery_test.cc: starts a nursery, says its number and ends, by itself or
// by SIGKILL. Arguments: the decoder, a recording, "exit" or "kill".
int main(int argc, char** argv) {
  using namespace katip::audio;
  if (argc != 4) {
    return 2;
  }
  {
    const auto stream = AudioStream::open(argv[2], {.decoder_path = argv[1]});
    if (!stream) {
      std::puts(stream.error().message.c_str());
      return 1;
    }
  }
  for (const pid_t child : children()) {
    std::printf("%d\n", child);
  }
  (void)std::fflush(stdout);
  if (argv[3] == std::string_view("kill")) {
    (void)std::raise(SIGKILL);
  }
  return 0;
}
