// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace vsdump {

Result<void> Output::flush() {
  companion_.wait();
  if (problem_ == 0) problem_ = write({&buffer_, 1});
  buffer_.clear();
  return takeProblem();
}

Result<void> Output::handOver() {
  if (!companion_.start()) return flush();
  companion_.wait();
  if (problem_ != 0 || closed()) {
    buffer_.clear();
    return takeProblem();
  }
  if (onItsWay_.empty()) onItsWay_.resize(1);
  std::swap(buffer_, onItsWay_.front());
  startWriting();
  return {};
}

Result<void> Output::handOver(std::vector<LineBuffer>& texts) {
  companion_.wait();
  if (buffer_.size() != 0 && problem_ == 0) problem_ = write({&buffer_, 1});
  buffer_.clear();
  if (problem_ != 0 || closed()) {
    for (LineBuffer& text : texts) text.clear();
    return takeProblem();
  }
  std::swap(texts, onItsWay_);
  startWriting();
  return {};
}

void Output::startWriting() {
  companion_.give([this] { problem_ = write(onItsWay_); });
}

/// Only while nothing is on its way.
Result<void> Output::takeProblem() {
  const int problem = std::exchange(problem_, 0);
  if (problem == 0) return {};
  return tl::unexpected(systemError(ErrorKind::Io, "write to", name_, problem));
}

/// Writes all these texts, and clears them. Returns errno's value of what went wrong, or 0.
int Output::write(std::span<LineBuffer> texts) {
  int problem = 0;
  std::array<iovec, 64> pieces{};
  while (!texts.empty() && problem == 0 && !closed()) {
    const std::size_t count = std::min(texts.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view text = texts[i].text();
      // The system only reads them.
      pieces[i] = {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
    }
    problem = write(std::span<iovec>(pieces).first(count));
    for (LineBuffer& text : texts.first(count)) text.clear();
    texts = texts.subspan(count);
  }
  for (LineBuffer& text : texts) text.clear();
  return problem;
}

int Output::write(std::span<iovec> pieces) {
  while (!closed()) {
    while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
    if (pieces.empty()) return 0;
    const ssize_t written = ::writev(descriptor_, pieces.data(), static_cast<int>(pieces.size()));
    if (written >= 0) {
      auto rest = static_cast<std::size_t>(written);
      for (iovec& piece : pieces) {
        const std::size_t taken = std::min(rest, piece.iov_len);
        piece.iov_base = static_cast<char*>(piece.iov_base) + taken;
        piece.iov_len -= taken;
        rest -= taken;
      }
    } else if (errno == EPIPE) {
      isClosed_.store(true, std::memory_order_relaxed);
    } else if (errno == EAGAIN) {
      // Somebody else made the descriptor non-blocking, which is shared with the terminal.
      pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace vsdump
