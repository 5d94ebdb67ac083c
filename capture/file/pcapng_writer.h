// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/file/create.h"
#include "capture/file/record_writer.h"

namespace vsdump {

/// Writes pcapng files of one section in this machine's byte order. Each vsock interface that is
/// described gets a block with its name, and times as fine as it has them. Comments of no packet in
/// particular come with the next packet; where they would make its block long, or none comes, in
/// blocks of their own, which resolve no names.
/// **Source** draft-ietf-opsawg-pcapng.
class PcapngWriter final : public RecordWriter {
 public:
  /// Writes the section header at once, with the operating system, `format.application` and
  /// `format.comments`.
  /// **Errors** Io. `name` is what messages call the output.
  static Result<std::unique_ptr<PacketWriter>> create(std::unique_ptr<ByteSink> sink,
                                                      std::string name, const OutputFormat& format);

  void beginSource() override { ids_.clear(); }
  Result<void> describe(std::span<const CaptureInterface> interfaces) override;
  Result<void> annotate(std::vector<Comment>&& comments) override;
  Result<void> write(std::span<const Frame> frames) override;
  Result<void> writeStatistics(std::span<const CaptureInterface> interfaces) override;
  Result<void> close() override;

 private:
  /// An interface of the source, as the file has it.
  struct Interface {
    std::uint32_t id = 0;
    std::uint32_t nsPerTick = 1;
  };

  using RecordWriter::RecordWriter;

  Result<void> writePacket(const Frame& frame, const Interface& interface);
  Result<void> takeComments(FrameNumber number);
  Result<void> writeApart(std::string_view comment);
  Result<void> writeLooseApart();

  std::vector<std::optional<Interface>> ids_;  ///< by the source's index; none for other link types
  std::uint32_t nextId_ = 0;
  std::vector<Comment> comments_;  ///< of the next write()'s frames, in their order
  std::size_t nextComment_ = 0;
  std::vector<std::byte> options_;  ///< of the block that is being written
};

}  // namespace vsdump
