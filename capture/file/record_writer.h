// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/file/byte_sink.h"
#include "capture/file/packet_writer.h"
#include "capture/relay.h"

namespace vsdump {

/// What the writers of capture files share: they append whole records to a buffer, which goes to
/// the sink in large pieces, and keep track of where packets end, so that a file can be cut back to
/// whole ones.
class RecordWriter : public PacketWriter {
 public:
  void writeInTurns() final { inTurns_ = !sink_->pollDescriptor(); }
  void setAside(std::size_t seat) final {
    if (inTurns_) std::swap(part_, aside_[seat]);
  }
  Result<void> writeAside(std::size_t seat) final { return writePart(aside_[seat]); }
  Result<void> flush() override;
  Result<void> close() override;
  Result<void> checkReader() final;
  std::uint64_t bytesWritten() const final { return written_.bytes + part_.used; }
  std::optional<int> pollDescriptor() const final { return sink_->pollDescriptor(); }

 protected:
  RecordWriter(std::unique_ptr<ByteSink> sink, std::string name);

  /// Room for one whole record of `size` bytes, to be filled before anything else is called.
  /// **Errors** Io, when the buffer was full and could not be written.
  Result<std::byte*> append(std::size_t size) {
    if (part_.capacity - part_.used < size) {
      if (auto made = makeRoom(size); !made) return tl::unexpected(std::move(made.error()));
    }
    std::byte* const at = part_.buffer.get() + part_.used;
    part_.used += size;
    return at;
  }

  /// Whether appendPayload() spares a copy that is worth a system call of its own.
  bool takesPayload(std::size_t size) const {
    return size >= kLargePayload && takesPieces_ && !inTurns_;
  }

  /// Hands what was appended to the system, and with it most of the payload that goes on from
  /// there, which takesPayload(). What else belongs to its record, if anything, is to be appended,
  /// and then the packet ended.
  /// **Errors** Io.
  Result<void> appendPayload(std::span<const std::byte> payload);

  /// The record appended last is a packet.
  void endPacket() { part_.packetEnds.push_back(static_cast<std::uint32_t>(part_.used)); }

 private:
  /// Records on their way to the sink.
  struct Part {
    std::unique_ptr<std::byte[]> buffer{};
    std::size_t capacity = 0;
    std::size_t used = 0;
    std::vector<std::uint32_t> packetEnds{};  ///< in the buffer
  };

  /// A place behind a whole packet.
  struct Mark {
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
  };

  static constexpr std::size_t kLargePayload = 16 * std::size_t{1024};

  Result<void> makeRoom(std::size_t size);
  Result<void> writePart(Part& part);
  tl::unexpected<Error> giveUp(Error error, const Part& part);
  void noteSafe();
  Mark lastWholePacket(const Part& part, std::uint64_t bytes) const;

  std::unique_ptr<ByteSink> sink_;
  std::string name_;
  bool takesPieces_;
  bool inTurns_ = false;
  Part part_;                              ///< what is appended to
  std::array<Part, Relay::kSeats> aside_;  ///< with writeInTurns(): what is to be written next
  Mark written_;                           ///< what the sink was given
  Mark safe_;                              ///< up to here the sink's bytes can be read back
  std::vector<std::uint64_t> unsafeEnds_;  ///< of packets that the sink was given, behind safe_
  std::optional<Error> failure_;
};

}  // namespace vsdump
