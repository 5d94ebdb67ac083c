// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/record_writer.h"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <utility>

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
    : sink_(std::move(sink)),
      name_(std::move(name)),
      takesPieces_(sink_->takesPieces()),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kBufferSize)),
      capacity_(kBufferSize) {}

Result<void> RecordWriter::flush() {
  if (auto written = writeBuffer(); !written) return written;
  if (auto flushed = sink_->flush(); !flushed) return giveUp(std::move(flushed.error()));
  safe_ = {.bytes = bufferOffset_, .packets = packetsBefore_};
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
  if (failure_) return tl::unexpected(*failure_);
  const auto descriptor = sink_->pollDescriptor();
  if (!descriptor) return {};
  pollfd reader{.fd = *descriptor, .events = 0, .revents = 0};
  if (::poll(&reader, 1, 0) <= 0 || (reader.revents & (POLLERR | POLLHUP)) == 0) return {};
  return giveUp(systemError(ErrorKind::Io, "write to", name_, EPIPE));
}

Result<void> RecordWriter::makeRoom(std::size_t size) {
  if (auto written = writeBuffer(); !written) return written;
  if (size > capacity_) {
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(size);
    capacity_ = size;
  }
  return {};
}

Result<void> RecordWriter::writeBuffer() {
  if (failure_) return tl::unexpected(*failure_);
  if (used_ == 0) return {};
  if (auto written = sink_->write({buffer_.get(), used_}, {}); !written) {
    return giveUp(std::move(written.error()));
  }
  bufferOffset_ += used_;
  packetsBefore_ += packetEnds_.size();
  used_ = 0;
  packetEnds_.clear();
  if (sink_->readableBytes() == bufferOffset_) {
    safe_ = {.bytes = bufferOffset_, .packets = packetsBefore_};
  }
  return {};
}

Result<void> RecordWriter::appendPayload(std::span<const std::byte> payload) {
  if (failure_) return tl::unexpected(*failure_);
  const std::uint64_t end = bufferOffset_ + used_ + payload.size();
  const auto now = static_cast<std::size_t>(end / kPageSize * kPageSize - bufferOffset_ - used_);
  if (auto written = sink_->write({buffer_.get(), used_}, payload.first(now)); !written) {
    return giveUp(std::move(written.error()));
  }
  // The packets before this one, which has its record begun and is not counted yet.
  safe_ = lastWholePacket();
  bufferOffset_ += used_ + now;
  packetsBefore_ += packetEnds_.size();
  packetEnds_.clear();
  used_ = payload.size() - now;
  std::memcpy(buffer_.get(), payload.data() + now, used_);
  return {};
}

RecordWriter::Mark RecordWriter::lastWholePacket() const {
  Mark mark = safe_;
  const std::uint64_t readable = sink_->readableBytes();
  for (std::size_t i = 0; i < packetEnds_.size(); ++i) {
    if (bufferOffset_ + packetEnds_[i] > readable) break;
    mark = {.bytes = bufferOffset_ + packetEnds_[i], .packets = packetsBefore_ + i + 1};
  }
  return mark;
}

tl::unexpected<Error> RecordWriter::giveUp(Error error) {
  const Mark kept = lastWholePacket();
  error.hint = sink_->cutBack(kept.bytes)
                   ? fmt::format("It holds {} now, and no part of another.", countOf(kept.packets))
                   : fmt::format("{} had been written to it.", countOf(kept.packets));
  failure_ = std::move(error);
  return tl::unexpected(*failure_);
}

}  // namespace vsdump
