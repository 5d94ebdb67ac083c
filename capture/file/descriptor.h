// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <utility>

namespace vsdump {

/// An open file descriptor and the duty to close it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return number_; }
  bool isOpen() const { return number_ >= 0; }

  /// Closes it now. Returns 0, or the errno value with which the system reports that earlier writes
  /// were lost.
  int close();

 private:
  int number_ = -1;
};

/// Whether somebody may read yet what is written to a pipe or a socket.
bool hasReader(int descriptor);

}  // namespace vsdump
