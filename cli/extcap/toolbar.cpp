// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/toolbar.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace vsdump {

namespace {

constexpr std::size_t kPrefixBytes = 4;  // 'T' and the length
constexpr std::uint8_t kSet = 1;
constexpr std::uint8_t kAdd = 2;
constexpr std::uint8_t kWarning = 8;

Result<Descriptor> openPipe(const std::string& path, int flags) {
  if (path.empty()) return Descriptor();
  Descriptor pipe(::open(path.c_str(), flags | O_CLOEXEC));
  if (pipe.isOpen()) return pipe;
  return tl::unexpected(systemError("open Wireshark's pipe", path, errno));
}

}  // namespace

Result<Toolbar> Toolbar::open(const std::string& controlIn, const std::string& controlOut) {
  Toolbar toolbar;
  Result<Descriptor> in = openPipe(controlIn, O_RDONLY | O_NONBLOCK);
  if (!in) return tl::unexpected(in.error());
  // For reading, too: to open it does not wait for Wireshark then.
  Result<Descriptor> out = openPipe(controlOut, O_RDWR | O_NONBLOCK);
  if (!out) return tl::unexpected(out.error());
  toolbar.in_ = std::move(*in);
  toolbar.out_ = std::move(*out);
  return toolbar;
}

void Toolbar::read(const std::function<void(std::string_view)>& filter) {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(in_.get(), buffer.data(), buffer.size());
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) in_ = Descriptor();
  if (count <= 0) return;
  isOpened_ = true;
  kept_.append(buffer.data(), static_cast<std::size_t>(count));
  while (kept_.size() >= kPrefixBytes) {
    if (kept_[0] != 'T') {
      in_ = Descriptor();
      return;
    }
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(kept_[at]); };
    const std::size_t length = std::size_t{byte(1)} << 16 | std::size_t{byte(2)} << 8 | byte(3);
    if (kept_.size() < kPrefixBytes + length) return;
    const std::string message = kept_.substr(kPrefixBytes, length);
    kept_.erase(0, kPrefixBytes + length);
    if (message.size() < 2) continue;
    const bool isFilter = static_cast<unsigned char>(message[0]) ==
                          static_cast<unsigned char>(ToolbarControl::Filter);
    if (isFilter && static_cast<unsigned char>(message[1]) == kSet) {
      filter(std::string_view(message).substr(2));
    }
  }
}

void Toolbar::awaitWireshark() const {
  constexpr int kLongestMs = 5000;
  // Its first words come with the opening. Before, there is nothing to read, and no end either.
  pollfd words{in_.get(), POLLIN, 0};
  if (in_.isOpen() && !isOpened_) ::poll(&words, 1, kLongestMs);
}

void Toolbar::log(std::string_view line) {
  send(ToolbarControl::Statistics, kAdd, std::string(line) + '\n');
}

void Toolbar::warn(std::string_view sentence) {
  send(ToolbarControl::Filter, kWarning, sentence);
}

/// What Wireshark has no room for now is left out: it must not hold the capture up.
void Toolbar::send(ToolbarControl control, std::uint8_t command, std::string_view text) {
  if (!out_.isOpen()) return;
  constexpr std::size_t kLongest = 4000;  // a pipe takes so much as a whole or not at all
  text = text.substr(0, kLongest);
  const std::size_t length = text.size() + 2;
  std::string message{'T',
                      static_cast<char>(length >> 16),
                      static_cast<char>(length >> 8 & 0xFF),
                      static_cast<char>(length & 0xFF),
                      static_cast<char>(control),
                      static_cast<char>(command)};
  message += text;
  if (::write(out_.get(), message.data(), message.size()) < 0 && errno != EAGAIN) {
    out_ = Descriptor();
  }
}

}  // namespace vsdump
