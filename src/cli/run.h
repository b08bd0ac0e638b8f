#pragma once

namespace katip::cli {

/// The whole program: reads the command line, does what it says, gives the exit code.
int run(int argc, char** argv);

}  // namespace katip::cli
