// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/frame_window.h"

#include <algorithm>

namespace vsdump::gui {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

}  // namespace

Frame FrameWindow::frame(Row row) {
  Frame read = trace_.frameOf(row);
  read.bytes = bytesOf(row);
  return read;
}

std::span<const std::byte> FrameWindow::bytesOf(Row row) {
  const PacketChunk& columns = trace_.chunk(row);
  const std::uint64_t offset = columns.offset[row % PacketChunk::kRows];
  const std::size_t length = columns.capturedLength[row % PacketChunk::kRows];
  Piece& piece = pieces_[columns.source(row % PacketChunk::kRows)];
  if (offset < piece.start || offset + length > piece.start + piece.size) {
    piece.bytes.resize(std::max(length, kPieceBytes));
    piece.start = offset;
    piece.size = trace_.storeOf(row).read(offset, piece.bytes);
  }
  const auto begin = static_cast<std::size_t>(offset - piece.start);
  return std::span(piece.bytes).subspan(begin, std::min(length, piece.size - begin));
}

}  // namespace vsdump::gui
