#pragma once

#include "store/timestamp.h"

/// Times of records, and their texts, for those who know only this module.
namespace katip::app {

using store::parse_timestamp;
using store::Timestamp;
using store::to_text;

}  // namespace katip::app
