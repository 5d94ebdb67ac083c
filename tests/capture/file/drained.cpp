// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/capture/file/drained.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "capture/file/open.h"

namespace vsdump::test {

Result<Chunk> MemoryStream::read(std::span<std::byte> into) {
  const std::size_t size = std::min({into.size(), pieceSize_, bytes_.size() - position_});
  if (size == 0) return Chunk{.state = end_};
  std::memcpy(into.data(), bytes_.data() + position_, size);
  position_ += size;
  return Chunk{.size = size};
}

std::vector<std::string> Drained::messages() const {
  std::vector<std::string> all;
  for (const SourceNotice& notice : notices) {
    all.push_back(notice.message);
    if (notice.byteOffset) all.back() += " @" + std::to_string(*notice.byteOffset);
  }
  return all;
}

Drained drain(PacketSource& source) {
  Drained drained;
  std::size_t readsWithoutPackets = 0;
  while (drained.state == SourceState::More) {
    auto batch = source.read();
    if (!batch) {
      drained.error = describe(batch.error());
      break;
    }
    for (const Frame& frame : batch->frames) {
      drained.packets.push_back({.timestampNs = frame.timestampNs,
                                 .bytes = {frame.bytes.begin(), frame.bytes.end()},
                                 .wireLength = frame.wireLengthBytes,
                                 .interface = frame.interfaceIndex,
                                 .number = raw(frame.number)});
    }
    drained.notices.insert(drained.notices.end(), batch->notices.begin(), batch->notices.end());
    for (Comment& comment : source.takeComments()) drained.comments.push_back(std::move(comment));
    drained.state = batch->state;
    readsWithoutPackets = batch->frames.empty() ? readsWithoutPackets + 1 : 0;
    if (readsWithoutPackets > 10'000'000) {
      ADD_FAILURE() << "the source never comes to an end";
      break;
    }
  }
  const auto interfaces = source.interfaces();
  drained.interfaces.assign(interfaces.begin(), interfaces.end());
  return drained;
}

namespace {

Drained drainOpened(Result<std::unique_ptr<PacketSource>> source) {
  if (!source) return Drained{.error = describe(source.error())};
  return drain(**source);
}

}  // namespace

Drained drainBytes(std::vector<std::byte> bytes, std::size_t pieceSize) {
  return drainOpened(openCapture(std::make_unique<MemoryStream>(std::move(bytes), pieceSize), "x"));
}

Drained drainFile(const std::string& path) {
  return drainOpened(openCaptureFile(path));
}

}  // namespace vsdump::test
