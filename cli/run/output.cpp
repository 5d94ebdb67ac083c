// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/output.h"

#include <cerrno>
#include <span>

#include "dissector/text/quantity.h"

namespace vsdump {

Output::Output(int descriptor, std::string name)
    : own_(openWithoutWaiting(descriptor)),
      writer_(own_.isOpen() ? own_.get() : descriptor),
      name_(std::move(name)) {}

Result<void> Output::take(LineBuffer& text) {
  if (text.size() == 0) return {};
  Result<void> written;
  if (buffer_.size() + text.size() >= kLargeBytes) {
    written = write(text.text());
  } else {
    buffer_.put(text.text());
  }
  text.clear();
  return written;
}

/// Writes the buffer, and this text behind it.
Result<void> Output::write(std::string_view behind) {
  auto first = std::as_bytes(std::span(buffer_.text()));
  auto second = std::as_bytes(std::span(behind));
  const std::size_t size = first.size() + second.size();
  const int problem = closed() ? 0 : writer_.write(first, second);
  written_ += size - first.size() - second.size();
  buffer_.clear();
  if (problem == EPIPE) isClosed_.store(true, std::memory_order_relaxed);
  if (problem == 0 || problem == EPIPE) return {};
  Error error = writeError(name_, problem);
  if (problem == PatientWriter::kGaveUp) {
    error.hint = counted(written_, "byte") + " had been written to it.";
  }
  return tl::unexpected(std::move(error));
}

}  // namespace vsdump
