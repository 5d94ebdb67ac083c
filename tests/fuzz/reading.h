// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capture/file/open.h"
#include "dissector/wire/packet.h"

namespace vsdump::fuzz {

/// The fuzzer's bytes, in pieces: some readers go wrong only where a piece ends.
class PiecewiseStream final : public ByteStream {
 public:
  PiecewiseStream(std::span<const std::byte> bytes, std::size_t pieceSize)
      : all_(bytes), rest_(bytes), pieceSize_(pieceSize) {}

  Result<Chunk> read(std::span<std::byte> into) override {
    const std::size_t size = std::min({rest_.size(), into.size(), pieceSize_});
    if (size == 0) return Chunk{.state = SourceState::End};
    std::memcpy(into.data(), rest_.data(), size);
    skip(size);
    return Chunk{.size = size};
  }
  std::size_t readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    if (offset >= all_.size()) return 0;
    const auto piece =
        all_.subspan(offset).first(std::min({all_.size() - offset, into.size(), pieceSize_}));
    std::memcpy(into.data(), piece.data(), piece.size());
    return piece.size();
  }
  void skip(std::size_t size) override { rest_ = rest_.subspan(size); }

 private:
  std::span<const std::byte> all_;
  std::span<const std::byte> rest_;
  std::size_t pieceSize_;
};

/// What a reader makes of a file.
struct Outcome {
  std::string packets{};  ///< each with its fields
  std::string comments{};
  std::string said{};  ///< its notices, and why it went no further
  std::string interfaces{};
  SourceState state = SourceState::More;

  bool operator==(const Outcome&) const = default;
};

/// Reads to the end, and aborts where a reader breaks its promises.
inline Outcome readAll(std::span<const std::byte> file, std::size_t pieceSize) {
  Outcome outcome;
  auto source = openCapture(std::make_unique<PiecewiseStream>(file, pieceSize), "x");
  if (!source) return {.said = describe(source.error())};
  // Each read brings bytes, packets or the end.
  for (std::size_t reads = 0; reads <= 4 * file.size() + 1000; ++reads) {
    const auto batch = (*source)->read();
    if (!batch) {
      outcome.said += describe(batch.error());
      return outcome;
    }
    for (const Frame& frame : batch->frames) {
      outcome.packets +=
          fmt::format("{} {} {} {} {} ", raw(frame.number), frame.timestampNs, frame.bytes.size(),
                      frame.wireLengthBytes, frame.interfaceIndex);
      outcome.packets.append(reinterpret_cast<const char*>(frame.bytes.data()), frame.bytes.size());
      if (frame.interfaceIndex >= (*source)->interfaces().size()) std::abort();
      static_cast<void>(dissect(frame));
    }
    for (const SourceNotice& notice : batch->notices) {
      outcome.said += fmt::format("{} {}\n", notice.message, notice.byteOffset.value_or(0));
    }
    for (const Comment& comment : (*source)->takeComments()) {
      outcome.comments +=
          fmt::format("{} {}\n", comment.text, raw(comment.frame.value_or(FrameNumber{})));
    }
    (*source)->prefetch(batch->place);
    outcome.state = batch->state;
    if (batch->state == SourceState::Waiting) std::abort();
    if (batch->state == SourceState::More) continue;
    for (const CaptureInterface& interface : (*source)->interfaces()) {
      const CaptureStatistics& counted = interface.statistics;
      outcome.interfaces += fmt::format(
          "{} {} {} {} {} {} {} {}\n", interface.name, interface.description, interface.linkType,
          interface.snapshotLength, interface.nanoseconds, counted.received.value_or(0),
          counted.dropped.value_or(0), counted.droppedByInterface.value_or(0));
    }
    return outcome;
  }
  std::abort();
}

/// The same packets, the same words and the same end, whole and in pieces, whose size is another
/// for each file.
inline void readWholeAndInPieces(std::span<const std::byte> file) {
  std::size_t sum = 0;
  for (const std::byte byte : file) sum = 31 * sum + std::to_integer<std::size_t>(byte);
  const Outcome whole = readAll(file, file.size() + 1);
  if (whole != readAll(file, 1 + sum % (file.size() / 3 + 1))) std::abort();
}

}  // namespace vsdump::fuzz
