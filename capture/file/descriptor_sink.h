// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "capture/file/byte_sink.h"
#include "capture/file/descriptor.h"
#include "capture/file/patient_writer.h"

namespace vsdump {

/// Writes to an open file, pipe, FIFO, socket or device, unbuffered.
class DescriptorSink final : public ByteSink {
 public:
  /// Takes over `descriptor`; writing starts at its position, and what stands before that is never
  /// touched. `name` is what messages call it. flush() finds out when a regular file is removed,
  /// unless it has no name from the start or `isInherited`: then others may read it without one.
  DescriptorSink(Descriptor descriptor, std::string name, bool isInherited);

  Result<void> write(std::span<const std::byte> first, std::span<const std::byte> second) override;
  bool takesPieces() const override { return true; }
  Result<void> flush() override;
  Result<void> close() override;
  std::uint64_t readableBytes() const override { return written_; }
  std::optional<std::uint64_t> cutBack(std::uint64_t bytes) override;
  std::optional<int> pollDescriptor() const override;

 private:
  Descriptor descriptor_;
  PatientWriter writer_;
  std::string name_;
  bool regular_ = false;
  bool needsName_ = false;
  std::uint64_t start_ = 0;  ///< position in a regular file
  std::uint64_t written_ = 0;
};

}  // namespace vsdump
