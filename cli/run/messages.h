// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "capture/error.h"
#include "capture/source.h"

namespace vsdump {

/// The program's exit codes.
inline constexpr int kExitDone = 0;
inline constexpr int kExitNothingFound = 1;
inline constexpr int kExitError = 2;

/// "vsdump: TEXT" on standard error.
void say(std::string_view text);

/// A line on standard error without the program's name, as tcpdump's counters have it.
void sayPlain(std::string_view text);

/// What a capture has to tell besides its packets. One that is an error decides the exit code: see
/// exitCodeAfter().
void say(const SourceNotice& notice, std::string_view sourceName);

/// What went wrong, where there is something to go on with. It decides the exit code.
void say(const Error& error);

/// Says what went wrong and returns the exit code for it: the one place where an Error becomes one.
int fail(const Error& error);

/// The exit code of a program that would end with `exitCode` if nothing had gone wrong: kExitError
/// once say() has told of an error, whatever has ended the program.
int exitCodeAfter(int exitCode);

}  // namespace vsdump
