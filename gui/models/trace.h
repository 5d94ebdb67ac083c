// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "capture/source.h"
#include "dissector/connection/observation.h"
#include "dissector/wire/packet.h"
#include "gui/models/connection_summary.h"
#include "gui/models/frame_store.h"
#include "gui/models/shared_vector.h"

namespace vsdump::gui {

/// The number of a packet within a trace, from 0: the row of the unfiltered packet list.
using Row = std::uint32_t;

/// Some packets of a trace, in order; null stands for all of them.
using Rows = std::shared_ptr<const std::vector<Row>>;

/// Where packets come from: an interface of a capture. Connections never span two of them.
struct TraceSource {
  std::string name{};  ///< for people; from the capture, so to be escaped
  CaptureInterface interface {};
  std::shared_ptr<const FrameStore> store{};
};

/// A comment on a packet, as the capture has it: not escaped.
struct PacketComment {
  Row row = 0;
  std::string text;
};

/// A column that has something of its own to say of few packets, and takes no room until then.
///
/// **Threads** as PacketChunk.
template <typename T, std::size_t kRows>
class RareColumn {
 public:
  T at(std::size_t row, T usual) const {
    const Values* values = published_.load(std::memory_order_acquire);
    return values == nullptr ? usual : (*values)[row];
  }

  /// Rows are put one after the other; `usual` tells what goes without saying of each.
  template <typename Usual>
  void put(std::size_t row, T value, Usual&& usual) {
    if (values_) {
      (*values_)[row] = value;
    } else if (value != usual(row)) {
      values_ = std::make_unique<Values>();
      for (std::size_t i = 0; i < row; ++i) (*values_)[i] = usual(i);
      (*values_)[row] = value;
      published_.store(values_.get(), std::memory_order_release);
    }
  }

 private:
  using Values = std::array<T, kRows>;
  std::unique_ptr<Values> values_;
  std::atomic<const Values*> published_ = nullptr;
};

/// What is kept of each packet, in columns: what the views sort, filter and draw by. The bytes stay
/// in the FrameStore of its source.
///
/// **Threads** the loader fills rows that nobody has been told of yet; those that a TraceUpdate has
/// announced never change.
struct PacketChunk {
  static constexpr std::size_t kRows = 65'536;

  /// Leaves the columns as they are: filling them twice takes a tenth of the time of loading.
  PacketChunk();

  std::array<std::int64_t, kRows> timeNs;
  std::array<std::uint64_t, kRows> offset;  ///< of the record's bytes in the FrameStore
  std::array<std::uint32_t, kRows> capturedLength;
  std::array<std::uint32_t, kRows> payloadLength;
  std::array<Observation, kRows> observation;
  std::array<std::uint16_t, kRows> op;  ///< VirtioOp; kNoOp where the packet has to be asked
  static constexpr std::uint16_t kNoOp = 0xFFFF;

  std::uint32_t wireLength(std::size_t at) const { return wireLengths_.at(at, capturedLength[at]); }
  /// FrameNumber
  std::uint32_t number(std::size_t at) const { return numbers_.at(at, usualNumber(at)); }
  /// Index into Trace::sources()
  std::uint16_t source(std::size_t at) const { return sources_.at(at, firstSource_); }

  /// Fills a row, but for its observation, payloadLength and op.
  void put(std::size_t at, const Frame& frame, std::uint64_t recordOffset);

 private:
  std::uint32_t usualNumber(std::size_t at) const {
    return firstNumber_ + static_cast<std::uint32_t>(at);
  }

  std::uint32_t firstNumber_;
  std::uint16_t firstSource_;
  RareColumn<std::uint32_t, kRows> wireLengths_;
  RareColumn<std::uint32_t, kRows> numbers_;
  RareColumn<std::uint16_t, kRows> sources_;
};

/// What has become known since the last update.
struct TraceUpdate {
  std::vector<std::shared_ptr<const PacketChunk>> newChunks;
  std::size_t packets = 0;                     ///< in all
  std::vector<ConnectionSummary> connections;  ///< new and changed ones, by number
  std::vector<Finding> findings;               ///< new ones
  std::vector<Stall> stalls;                   ///< new ones that are over
  std::vector<PacketComment> comments;         ///< new ones, in the order of their packets
  std::vector<TraceSource> sources;            ///< all, as they are now
  std::vector<std::string> remarks;            ///< comments on the capture as a whole, new ones
  double progress = 0;                         ///< from 0 to 1
};

/// The whole record of a packet.
struct PacketBytes {
  PacketBytes() = default;
  PacketBytes(PacketBytes&&) = default;
  PacketBytes& operator=(PacketBytes&&) = default;
  ~PacketBytes() = default;
  PacketBytes(const PacketBytes&) = delete;  // the frame would borrow another's bytes
  PacketBytes& operator=(const PacketBytes&) = delete;

  std::vector<std::byte> bytes;
  Frame frame;  ///< borrows `bytes`
  Packet packet;
};

/// All that has been read of a capture.
///
/// **Threads** the one that shows it. Copies are cheap enough to give to a worker: chunks and pages
/// are shared.
class Trace {
 public:
  Trace() = default;
  /// One that is open, and has no packets yet.
  static Trace opened();

  void apply(TraceUpdate&& update);

  std::size_t packetCount() const { return packets_; }
  const SharedVector<ConnectionSummary>& connections() const { return connections_; }
  const SharedVector<Finding>& findings() const { return findings_; }
  const SharedVector<Stall>& stalls() const { return stalls_; }
  const SharedVector<PacketComment>& comments() const { return comments_; }
  std::span<const TraceSource> sources() const { return sources_; }
  std::span<const std::string> remarks() const { return remarks_; }

  std::int64_t timeNs(Row row) const { return chunk(row).timeNs[row % PacketChunk::kRows]; }
  std::uint32_t payloadLength(Row row) const {
    return chunk(row).payloadLength[row % PacketChunk::kRows];
  }
  /// The payload bytes that the packet adds to the stream of its connection, as the tracker counts
  /// them: those of RW, once.
  std::uint32_t streamLength(Row row) const {
    const Observation& seen = observation(row);
    const bool adds = op(row) == static_cast<std::uint16_t>(VirtioOp::Rw) &&
                      seen.connection != kNoConnection && !seen.isDuplicate;
    return adds ? payloadLength(row) : 0;
  }
  std::uint32_t number(Row row) const { return chunk(row).number(row % PacketChunk::kRows); }
  /// Index into sources().
  std::uint16_t sourceOf(Row row) const { return chunk(row).source(row % PacketChunk::kRows); }
  std::uint16_t op(Row row) const { return chunk(row).op[row % PacketChunk::kRows]; }
  const Observation& observation(Row row) const {
    return chunk(row).observation[row % PacketChunk::kRows];
  }
  const PacketChunk& chunk(Row row) const { return *chunks_[row / PacketChunk::kRows]; }

  /// Of a packet, or nullptr.
  const ConnectionSummary* connection(ConnectionId id) const {
    return raw(id) < connections_.size() ? &connections_[raw(id)] : nullptr;
  }

  /// The row of a packet by its number in the capture; packetCount() where there is none.
  std::size_t rowOf(FrameNumber number) const;

  /// The next packet of the same connection, or the one before; none at its ends, or when it was
  /// stopped. All packets may have to be looked at.
  std::optional<Row> nextInConnection(Row row, const std::stop_token& stop) const;
  std::optional<Row> previousInConnection(Row row, const std::stop_token& stop) const;

  /// What was found with a packet, about its connection or another one.
  std::vector<Finding> findingsOf(Row row) const;

  /// Reads a packet again.
  PacketBytes read(Row row) const;

  /// The frame of a packet without its bytes.
  Frame frameOf(Row row) const;

  /// Where the bytes of a packet are.
  const FrameStore& storeOf(Row row) const { return *sources_[sourceOf(row)].store; }

  /// Whether anything was opened.
  bool isOpen() const { return isOpen_; }

 private:
  bool isOpen_ = false;
  std::vector<std::shared_ptr<const PacketChunk>> chunks_;
  std::size_t packets_ = 0;
  SharedVector<ConnectionSummary> connections_;
  SharedVector<Finding> findings_;
  SharedVector<Stall> stalls_;
  SharedVector<PacketComment> comments_;
  std::vector<TraceSource> sources_;
  std::vector<std::string> remarks_;
};

}  // namespace vsdump::gui
