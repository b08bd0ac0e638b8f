#include "cli/run.h"

int main(int argc, char** argv) { return katip::cli::run(argc, argv); }
