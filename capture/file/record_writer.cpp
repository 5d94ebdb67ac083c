// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/record_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "capture/file/descriptor.h"

namespace vsdump {

namespace {

/// Large enough that the system call costs nothing, small enough that the bytes are still in the
/// processor's cache when the kernel copies them.
constexpr std::size_t kBufferSize = std::size_t{256} * 1024;
/// Large payloads are written up to where such a step of the file ends: the kernel keeps files in
/// pages, and one of which a write leaves a part takes the next write as long as a whole one.
constexpr std::size_t kPageSize = 4096;

std::string countOf(std::uint64_t packets) {
  return fmt::format("{} whole packet{}", packets, packets == 1 ? "" : "s");
}

}  // namespace

RecordWriter::RecordWriter(std::unique_ptr<ByteSink> sink, std::string name)
    : sink_(std::move(sink)), name_(std::move(name)), takesPieces_(sink_->takesPieces()) {}

Result<void> RecordWriter::flush() {
  if (auto written = writePart(part_); !written) return written;
  if (auto flushed = sink_->flush(); !flushed) return giveUp(std::move(flushed.error()), part_);
  noteSafe();
  return {};
}

Result<void> RecordWriter::close() {
  if (auto flushed = flush(); !flushed) return flushed;
  if (auto closed = sink_->close(); !closed) {
    failure_ = std::move(closed.error());
    return tl::unexpected(*failure_);
  }
  return {};
}

Result<void> RecordWriter::checkReader() {
  const auto descriptor = sink_->pollDescriptor();
  if (!descriptor) return {};
  if (failure_) return tl::unexpected(*failure_);
  if (hasReader(*descriptor)) return {};
  return giveUp(systemError(ErrorKind::Io, "write to", name_, EPIPE), part_);
}

Result<void> RecordWriter::makeRoom(std::size_t size) {
  if (!inTurns_) {
    if (auto written = writePart(part_); !written) return written;
  }
  const std::size_t wanted = part_.used + size;
  if (wanted <= part_.capacity) return {};
  const std::size_t capacity = std::max({wanted, 2 * part_.capacity, kBufferSize});
  auto buffer = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (part_.used > 0) std::memcpy(buffer.get(), part_.buffer.get(), part_.used);
  part_.buffer = std::move(buffer);
  part_.capacity = capacity;
  return {};
}

Result<void> RecordWriter::writePart(Part& part) {
  if (failure_) return tl::unexpected(*failure_);
  if (part.used == 0) return {};
  if (auto written = sink_->write({part.buffer.get(), part.used}, {}); !written) {
    return giveUp(std::move(written.error()), part);
  }
  const std::uint64_t before = written_.bytes;
  written_.bytes += part.used;
  written_.packets += part.packetEnds.size();
  if (sink_->readableBytes() == written_.bytes) {
    noteSafe();
  } else {
    for (const std::uint32_t end : part.packetEnds) unsafeEnds_.push_back(before + end);
  }
  part.used = 0;
  part.packetEnds.clear();
  return {};
}

void RecordWriter::noteSafe() {
  safe_ = written_;
  unsafeEnds_.clear();
}

Result<void> RecordWriter::appendPayload(std::span<const std::byte> payload) {
  if (failure_) return tl::unexpected(*failure_);
  const std::uint64_t begin = written_.bytes + part_.used;
  const std::uint64_t end = begin + payload.size();
  const auto now = static_cast<std::size_t>(end / kPageSize * kPageSize - begin);
  if (auto written = sink_->write({part_.buffer.get(), part_.used}, payload.first(now)); !written) {
    return giveUp(std::move(written.error()), part_);
  }
  // The packets before this one, which has its record begun and is not counted yet.
  safe_ = lastWholePacket(part_, sink_->readableBytes());
  written_.bytes += part_.used + now;
  written_.packets += part_.packetEnds.size();
  part_.packetEnds.clear();
  part_.used = payload.size() - now;
  std::memcpy(part_.buffer.get(), payload.data() + now, part_.used);
  return {};
}

/// The last whole packet in the first `bytes` of what the sink was given, `part` the last of it.
RecordWriter::Mark RecordWriter::lastWholePacket(const Part& part, std::uint64_t bytes) const {
  Mark mark = safe_;
  const auto extend = [&](std::uint64_t end) {
    if (end <= bytes) mark = {.bytes = end, .packets = mark.packets + 1};
  };
  for (const std::uint64_t end : unsafeEnds_) extend(end);
  for (const std::uint32_t end : part.packetEnds) extend(written_.bytes + end);
  return mark;
}

tl::unexpected<Error> RecordWriter::giveUp(Error error, const Part& part) {
  Mark kept = lastWholePacket(part, sink_->readableBytes());
  const bool isGone = error.kind == ErrorKind::NotFound;
  const auto held = isGone ? std::nullopt : sink_->cutBack(kept.bytes);
  if (held) kept = lastWholePacket(part, *held);
  if (!held) {
    error.hint = fmt::format("{} had been written to it.", countOf(kept.packets));
  } else if (*held == 0) {
    error.hint = "It does not even hold the file header.";
  } else {
    error.hint = fmt::format("It holds {} now, and no part of another.", countOf(kept.packets));
  }
  failure_ = std::move(error);
  return tl::unexpected(*failure_);
}

}  // namespace vsdump
