// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/frame_window.h"

#include <algorithm>

namespace vsdump::gui {

namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

}  // namespace

FrameWindow::FrameWindow(const Trace& trace) : trace_(trace), bytes_(kWindowBytes) {}

std::span<const std::byte> FrameWindow::at(std::uint64_t offset, std::size_t length) {
  if (length > bytes_.size()) bytes_.resize(length);
  if (offset < start_ || offset + length > start_ + size_) {
    start_ = offset;
    size_ = trace_.store()->read(offset, bytes_);
  }
  const auto begin = static_cast<std::size_t>(offset - start_);
  return std::span(bytes_).subspan(begin, std::min(length, size_ - begin));
}

Frame FrameWindow::frame(Row packet) {
  const PacketChunk& chunk = trace_.chunk(packet);
  const std::size_t i = packet % PacketChunk::kRows;
  return {.bytes = at(chunk.offset[i], chunk.capturedLength[i]),
          .timestampNs = chunk.timeNs[i],
          .number = FrameNumber{chunk.number[i]},
          .wireLengthBytes = chunk.wireLength[i]};
}

}  // namespace vsdump::gui
