#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

/// What the kernel says about the children of this process.
namespace katip::audio {

/// All of them, zombies too; empty when this kernel does not list children.
std::vector<pid_t> children();

/// The letter of its state: 'S' sleeps, 'Z' waits to be reaped.
char state_of(pid_t process);

/// What its open descriptors lead to, by number: {"/dev/null", …}.
std::vector<std::string> descriptors_of(const std::string& process);

}  // namespace katip::audio
