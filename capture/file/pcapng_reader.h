// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/file/byte_order.h"
#include "capture/file/pcapng_format.h"
#include "capture/file/record_reader.h"

namespace vsdump {

/// Reads pcapng files: any number of sections, each in its own byte order and with its own
/// interfaces. Packets of vsock interfaces are handed out; those of others are counted, and a
/// notice at the end says how many were left out.
///
/// interfaces() holds those of all sections, one section's after the other's. Where these are more
/// than a capture has, those behind count as the last one of their kind.
/// **Source** draft-ietf-opsawg-pcapng.
class PcapngReader final : public RecordReader {
 public:
  /// Whether a file that begins with these bytes (at least 4) is a pcapng file.
  static bool recognises(std::span<const std::byte> start);

  /// Reads on to the first vsock interface, as far as is sensible. Waits for the first packet at
  /// most.
  /// **Errors** BadInput: broken off or damaged in the first section's header, or the whole file
  /// has been seen and has no vsock interface but others.
  static Result<std::unique_ptr<PacketSource>> open(InputBuffer input, std::string name);

 private:
  struct Interface {
    std::size_t index = 0;  ///< in interfaces_
    pcapng::Clock clock{};
    std::uint32_t snapshotLength = 0;  ///< as the file has it: 0 for none
    bool isVsock = false;
  };

  /// Packets of an interface that are not handed out.
  struct LeftOut {
    std::uint64_t packets = 0;
    bool isDamaged = false;  ///< its description cannot be read, so its packets cannot either
  };

  /// A packet, whichever kind of block it came in.
  struct PacketFields {
    std::uint32_t interface = 0;  ///< within the section
    std::uint64_t ticks = 0;
    bool hasTime = true;
    std::uint32_t captured = 0;
    std::uint32_t onWire = 0;
    std::size_t dataOffset = 0;  ///< in the block's body
  };

  using Body = std::span<const std::byte>;
  using Problem = std::optional<std::string>;

  using RecordReader::RecordReader;

  Stop walk(Ahead ahead) override;
  Search search(Body bytes, Ahead ahead) const override;
  std::string describeCut(std::span<const std::byte> rest) const override;
  Result<void> finish() override;

  Result<void> readUpToVsockInterface();
  void tellLeftOut(std::size_t index);

  /// The block at the front of `bytes`: its length once it is whole and sound.
  struct Framing {
    std::size_t wanted = 0;    ///< not 0: this many bytes are needed
    std::uint32_t length = 0;  ///< of the whole block
    ByteOrder order{};         ///< of the block; differs from order_ at a new section
    Problem problem{};
  };
  /// The body of the block of `length` bytes at the front of `bytes`.
  static Body bodyOf(Body bytes, std::size_t length) {
    return bytes.subspan(pcapng::kBlockHeaderSize,
                         length - pcapng::kBlockHeaderSize - pcapng::kBlockTrailerSize);
  }

  /// Whether reading can go on with such a block after a damage.
  static bool isKnown(pcapng::BlockType type);
  Search searchFront(std::size_t size, Body bytes, Ahead ahead) const;
  Stop doubtPacket(Body bytes, std::size_t length, Ahead ahead) const;
  Stop findOverlap(Body bytes, std::size_t length, Ahead ahead) const;
  Stop doubtSection(Body bytes, Ahead ahead);
  std::size_t findPacketBehindSection(Body bytes) const;
  std::optional<std::int64_t> timeOfWholePacket(Body bytes) const;
  std::size_t firstOfBlocksUpTo(Body bytes, std::size_t end) const;
  Stop findInsideOfCut(Body bytes) const;
  bool isPacketThatFillsItsBlock(Body bytes) const;
  Framing frameBlock(std::span<const std::byte> bytes) const { return frameBlock(bytes, order_); }
  static Framing frameBlock(Body bytes, ByteOrder order);
  Framing frameNext(Body bytes) const;
  Framing frameIntactPacket(Body bytes, Ahead ahead) const;
  std::optional<std::int64_t> timeOfPacket(Body block) const;
  std::size_t soundLength(Body bytes) const;
  static bool hasHeadersBeyond(Body rest, std::uint32_t captured, std::uint32_t onWire);
  bool hasPacketOfItsLength(pcapng::BlockType type, Body body) const;
  bool hasPacketWithWildOptions(pcapng::BlockType type, Body body) const;
  Stop doubt(Body bytes, std::size_t length, Ahead ahead, std::string problem) const;
  Stop doubtBlock(pcapng::BlockType type, Body bytes, std::size_t length, Ahead ahead);

  enum class Verdict { Block, NoBlock, NeedMore };
  /// Whether a block begins here for certain. `wanted` is set with NeedMore.
  Verdict recognise(Body bytes, Ahead ahead, std::size_t& wanted) const;
  bool isUsualBody(pcapng::BlockType type, Body body) const;
  /// Whether a packet's block whose two lengths agree has the type of something else.
  Verdict recogniseByBody(pcapng::BlockType type, Body bytes, std::size_t length, Ahead ahead,
                          std::size_t& wanted) const;

  void takeUsualPackets();
  Stop takeNext(Ahead ahead);
  void takeRepaired(Body bytes, std::size_t length, std::string_view claim, std::string_view truth);
  Problem takeBlock(pcapng::BlockType type, Body body);
  Problem takeSectionHeader(Body body);
  Problem takeInterface(Body body);
  Problem addInterface(CaptureInterface found, Interface state);
  void addDamagedInterface();
  std::string interfaceText(Body value);
  Problem takeStatistics(Body body);
  void takeCommentsOfNames(Body body);
  Problem takeEnhancedPacket(Body body);
  Problem takeObsoletePacket(Body body);
  Problem takeSimplePacket(Body body);
  Problem takePacket(const PacketFields& packet, Body body);

  void takeComment(const pcapng::Option& option, std::optional<FrameNumber> frame);
  void checkOverrun(const pcapng::Options& options);

  ByteOrder order_;
  std::vector<Interface> section_;                                    ///< its interfaces
  std::vector<LeftOut> leftOut_;                                      ///< parallel to interfaces_
  std::map<std::pair<std::uint16_t, bool>, std::size_t> lastOfKind_;  ///< index into interfaces_
  bool toldOfNames_ = false;
  std::size_t interfaceTextBytes_ = 0;      ///< of all that there were, also those not kept
  std::optional<std::int64_t> lastTimeNs_;  ///< of the last packet that has one
  bool sawSection_ = false;
  bool sawVsock_ = false;
  bool opening_ = true;                     ///< walk() stops behind the first vsock interface
  std::uint64_t walkedTo_ = 0;              ///< where in the input the last walk() stopped
  std::optional<std::uint64_t> resumedAt_;  ///< where one began behind damage, in this section
  std::uint64_t goesOnAt_ = 0;              ///< where it does behind section headers that are none
  bool lostInterface_ = false;              ///< the damage that stopped walk() hit a description
};

}  // namespace vsdump
