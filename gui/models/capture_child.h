// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "capture/error.h"
#include "capture/file/descriptor.h"

namespace vsdump::gui {

/// A program that writes a capture to its standard output and says on standard error what goes
/// wrong. It has no terminal. It may run as another user, or be the near end of one on another
/// machine: closing the pipe is what ends it for certain.
///
/// **Threads** one at a time, but for askToEnd().
class CaptureChild {
 public:
  /// Starts a program of PATH or one with a path; its standard input is empty.
  /// **Errors** in the system's words when it cannot be started.
  static Result<CaptureChild> start(const std::vector<std::string>& command);

  CaptureChild(CaptureChild&& other) noexcept;
  CaptureChild& operator=(CaptureChild&&) = delete;
  /// Closes the pipes, asks the child to end, and forgets it.
  ~CaptureChild();

  /// The reading end of its standard output, for the caller to take.
  Descriptor takeOutput() { return std::move(output_); }

  /// What to poll for wordsReady(); -1 once it says nothing more.
  int wordsDescriptor() const { return words_.get(); }

  /// Takes what it has said by now, or some of it when that is much, and calls `take` with the last
  /// whole line of it.
  void readWords(const std::function<void(std::string_view)>& take);

  /// Asks it to end by itself, with all that it has. May be refused, when it runs as another user.
  /// **Threads** any, until end() is called.
  void askToEnd() const;

  /// Waits for its end, for a while at most, or until it is to stop. **Errors** what it has said,
  /// or how it was ended, when that was not well.
  Result<void> end(std::chrono::milliseconds patience, const std::stop_token& stop,
                   const std::function<void(std::string_view)>& take);

 private:
  CaptureChild(std::string name, pid_t process, Descriptor output, Descriptor words);

  std::string keepLine(std::size_t size);
  Error failure(int status) const;

  std::string name_;
  pid_t process_ = -1;
  Descriptor output_;
  Descriptor words_;
  std::string line_;  ///< the beginning of one
  std::string said_;  ///< the last of all lines
};

}  // namespace vsdump::gui
