// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace vsdump {

/// What kind of thing went wrong: enough to choose an exit code and to test for, no more.
enum class ErrorKind {
  Usage,        ///< the caller asked for something that means nothing
  Permission,   ///< the rights are missing
  NotFound,     ///< no such file, device or user
  Unsupported,  ///< understood, but not to be had here (kernel module, link type)
  BadInput,     ///< a capture file that is none, or is damaged
  Io,           ///< reading or writing failed
};

/// Why something outside the dissector failed.
///
/// describe() makes the sentence "cannot ATTEMPTED SUBJECT: REASON. HINT"; every field but `kind`
/// is plain text for a person, without a full stop at the end (the hint is a whole sentence).
struct Error {
  ErrorKind kind = ErrorKind::Io;
  std::string attempted{};  ///< a verb: "open", "read", "create vsockmon device"
  std::string subject{};    ///< on what: a path, an interface, or empty
  std::string reason{};     ///< the system's or library's own words
  std::string hint{};       ///< what to do next, or empty
};

template <typename T>
using Result = tl::expected<T, Error>;

/// An Error whose reason is strerror(errnoValue).
Error systemError(ErrorKind kind, std::string attempted, std::string subject, int errnoValue);

/// An Error made from errno's value, with the kind that follows from it.
Error systemError(std::string attempted, std::string subject, int errnoValue);

/// The one sentence that is shown to a person, without the program's name.
std::string describe(const Error& error);

}  // namespace vsdump
