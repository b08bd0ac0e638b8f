#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

#include "audio/decoder/decode_run.h"
#include "audio/decoder/nursery_loop.h"

/// katip-decoder: started by katip with a socket as descriptor 3. One that keeps messages apart
/// makes it a nursery, which brings forth a decoder for each recording; a stream, one decoder.
int main() {
  constexpr int kSocket = 3;
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    constexpr const char* kText =
        "katip-decoder is started by katip, which gives it a recording to decode.\n"
        "There is nothing to do for it alone; see `katip transcribe --help`.\n";
    (void)!write(STDERR_FILENO, kText, std::strlen(kText));
    return 2;
  }
  // Without the destructors of a hundred libraries, which cost time and may call what is forbidden.
  using katip::audio::serve_one_request;
  _exit(type == SOCK_SEQPACKET ? katip::audio::run_nursery(kSocket, serve_one_request)
                               : serve_one_request(kSocket));
}
