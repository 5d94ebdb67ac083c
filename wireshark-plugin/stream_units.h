// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "dissector/connection/observation.h"
#include "wireshark-plugin/epan.h"

namespace vsdump {

/// What a packet's payload is to dissectors of payload where it is not just the packet's own bytes:
/// these end something that older packets began, or begin what newer ones end.
struct Unit {
  std::uint32_t frame = 0;
  std::uint32_t firstFrame = 0;   ///< where the bytes begin
  std::uint32_t lengthBytes = 0;  ///< what the dissector is shown; 0 for nothing
  std::uint32_t laterBytes = 0;   ///< the last bytes of the packet, of which a newer one shows more
  std::uint32_t laterFrame = 0;   ///< that packet; 0 while it is not known
  const guint8* joined = nullptr;  ///< bytes of several packets, as long as the file is open;
                                   ///< nullptr: the packet's own
};

/// Puts the payload of connections together as dissectors ask for it: those that know where their
/// messages end ask for more bytes, and get them with the packet that brings the last of them.
/// Each packet is cut up once, in the order of the file; later the same is shown again.
class StreamUnits {
 public:
  /// More is not put together: it is shown as it comes.
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  /// Nor more than this for a dissector that asks for "some more" each time.
  static constexpr std::size_t kMostGuessedBytes = std::size_t{64} << 10;

  /// Bytes that one packet brings.
  struct Piece {
    ConnectionId connection = kNoConnection;
    Direction direction = Direction::ToServer;
    std::uint32_t frame = 0;
    std::uint64_t offset = 0;
    Bytes bytes{};
    bool isWhole = true;  ///< all of its bytes were captured
  };

  /// What is to be shown now: nullptr for nothing.
  struct Shown {
    const guint8* joined = nullptr;  ///< bytes of several packets, as long as the packet is shown
    std::uint32_t lengthBytes = 0;   ///< of those, or of the packet's own; 0 for nothing
    std::uint32_t firstFrame = 0;
    bool mayAsk = false;  ///< answered() hears what the dissector wants
  };

  /// Takes a packet's bytes. With `waits` they are the middle of a message. What is shown in the
  /// packet's own memory is put into `scope`.
  Shown take(const Piece& piece, bool waits, wmem_allocator_t* scope);
  /// The dissector wants more from `offset` on: `more` bytes, or one of Wireshark's DESEGMENT_
  /// values. 0 for nothing.
  void answered(const Piece& piece, const Shown& shown, std::uint32_t offset, std::uint32_t more);
  /// No more will come this way: what waits is to be shown now.
  Shown end(ConnectionId connection, Direction direction, std::uint32_t frame);

  /// What a packet was cut into; nullptr for one whose payload was shown as it is.
  const Unit* of(std::uint32_t frame) const;

 private:
  struct Way {
    std::vector<std::byte> kept;  ///< what the dissector has not finished with
    std::uint64_t next = 0;       ///< the offset of what continues it
    std::size_t wants = 0;        ///< so many bytes of it are to be shown
    std::uint32_t firstFrame = 0;
    std::vector<std::size_t> units;  ///< those with parts of it, by their places in units_
  };

  Way* wayOf(ConnectionId connection, Direction direction);
  void forget(ConnectionId connection, Direction direction);
  Unit& unitOf(std::uint32_t frame);

  std::unordered_map<std::uint64_t, Way> ways_;  ///< those with something kept
  std::vector<Unit> units_;                      ///< sorted by frame
};

}  // namespace vsdump
