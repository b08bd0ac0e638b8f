#pragma once

#include "tidy/source_file.h"

namespace katip::tidy {

inline constexpr int kFileLinesMax = 600;
inline constexpr int kTestFileLinesMax = 1000;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kColumnsMax = 100;
inline constexpr int kModuleReadmeLinesMax = 60;
inline constexpr int kArchitectureLinesMax = 250;

/// A function body with its signature. Lines count from 1, both ends included.
struct FunctionSpan {
  int first_line = 0;
  int last_line = 0;
};

/// The functions of a formatted C++ file, found by its braces; lambdas count as part of theirs.
std::vector<FunctionSpan> find_functions(const SourceFile& file);

/// Lengths of files, functions and lines.
Findings check_sizes(const SourceFile& file);

}  // namespace katip::tidy
