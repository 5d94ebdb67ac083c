// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "capture/file/byte_stream.h"
#include "capture/source.h"
#include "tests/capture/file/capture_bytes.h"

namespace vsdump::test {

/// Hands out bytes from memory in pieces of at most `pieceSize`, then `end`.
class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::vector<std::byte> bytes,
                        std::size_t pieceSize = static_cast<std::size_t>(-1),
                        SourceState end = SourceState::End)
      : bytes_(std::move(bytes)), pieceSize_(pieceSize), end_(end) {}

  Result<Chunk> read(std::span<std::byte> into) override;

 private:
  std::vector<std::byte> bytes_;
  std::size_t pieceSize_;
  SourceState end_;
  std::size_t position_ = 0;
};

/// Everything that a source hands out until it is over or waits.
struct Drained {
  std::string error{};  ///< describe() of why it could not be opened or read; then the rest is what
                        ///< came before
  std::vector<Packet> packets{};
  std::vector<SourceNotice> notices{};
  std::vector<Comment> comments{};
  std::vector<CaptureInterface> interfaces{};
  SourceState state = SourceState::More;

  /// The notices' messages, each with " @OFFSET" where it has one.
  std::vector<std::string> messages() const;
};

/// Reads `source` until it says anything but More. A source that never does fails the test.
Drained drain(PacketSource& source);

/// Opens and drains a file that is in memory. Messages call it "x".
Drained drainBytes(std::vector<std::byte> bytes,
                   std::size_t pieceSize = static_cast<std::size_t>(-1));

/// Opens and drains a file by its path.
Drained drainFile(const std::string& path);

}  // namespace vsdump::test
