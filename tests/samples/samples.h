// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dissector/wire/frame.h"
#include "tests/capture/file/capture_bytes.h"

namespace vsdump::test {

/// The bytes of both headers, in front of the payload.
inline constexpr std::size_t kHeaders = 76;

/// A file of samples/ with what is in it.
struct SampleFile {
  std::string name{};
  std::vector<std::byte> bytes{};
  std::vector<Packet> packets{};
};

/// All of them, read once. There is at least one, or the test program ends.
const std::vector<SampleFile>& sampleFiles();

/// At most `limit` packets of a sample: its first ones.
std::vector<Packet> firstPackets(const SampleFile& sample, std::size_t limit);

/// A frame over a packet's bytes.
Frame frameOf(const Packet& packet);

/// Decodes a record and prints it in several styles and as JSON, and expects of whatever it holds
/// what holds for every record: the payload lies inside the record, the text consists of whole
/// lines that a terminal shows and does not obey.
void expectPrintable(const Frame& frame);

}  // namespace vsdump::test
