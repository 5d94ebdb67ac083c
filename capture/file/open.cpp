// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/open.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "capture/file/compressed_stream.h"
#include "capture/file/descriptor_stream.h"
#include "capture/file/input_buffer.h"
#include "capture/file/pcap_format.h"
#include "capture/file/pcap_reader.h"
#include "capture/file/pcapng_reader.h"

namespace vsdump {

namespace {

constexpr std::size_t kMagicSize = 4;

std::string displayName(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

Error notACapture(std::string name, std::string reason) {
  return Error{.kind = ErrorKind::BadInput,
               .attempted = "read",
               .subject = std::move(name),
               .reason = std::move(reason)};
}

std::string firstBytes(std::span<const std::byte> bytes) {
  // No more than has been waited for.
  const auto shown = bytes.first(std::min(bytes.size(), kMagicSize));
  std::string text;
  for (const std::byte byte : shown) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", std::to_integer<unsigned>(byte));
  }
  return text;
}

}  // namespace

Result<Descriptor> openInput(const std::string& path) {
  const int number = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (number < 0) return tl::unexpected(systemError("open", displayName(path), errno));
  return Descriptor(number);
}

Result<std::unique_ptr<PacketSource>> openCapture(std::unique_ptr<ByteStream> stream,
                                                  std::string name, StreamWait wait) {
  InputBuffer input(std::move(stream), wait);
  auto problem = input.fillTo(kMagicSize, name);
  if (!problem) return tl::unexpected(std::move(problem.error()));
  if (input.bytes().empty() && problem->empty()) {
    return tl::unexpected(notACapture(std::move(name), "it is empty"));
  }
  const Compression compression = compressionOf(input.bytes());
  std::size_t wanted = kMagicSize;
  if (compression != Compression::None) {
    input = InputBuffer(decompress(std::move(input), compression), std::move(wait));
    // So much that damage in a file header does not keep what follows it from being read.
    wanted = pcap::kFileHeaderSize;
  }
  problem = input.fillStart(wanted, name);
  if (!problem) return tl::unexpected(std::move(problem.error()));
  const auto start = input.bytes();
  if (start.size() >= kMagicSize && PcapReader::recognises(start)) {
    return PcapReader::open(std::move(input), std::move(name));
  }
  if (start.size() >= kMagicSize && PcapngReader::recognises(start)) {
    return PcapngReader::open(std::move(input), std::move(name));
  }
  if (!problem->empty()) return tl::unexpected(notACapture(std::move(name), std::move(*problem)));
  if (auto damages = input.takeDamages(); !damages.empty()) {
    return tl::unexpected(notACapture(std::move(name), std::move(damages.front().problem)));
  }
  const std::string what = compression == Compression::None
                               ? "it is"
                               : fmt::format("its {} data is", compressionName(compression));
  if (start.empty()) return tl::unexpected(notACapture(std::move(name), what + " empty"));
  return tl::unexpected(notACapture(
      std::move(name), fmt::format("{} neither a pcap nor a pcapng file (it begins with {})", what,
                                   firstBytes(start))));
}

Result<std::unique_ptr<PacketSource>> openCapture(Descriptor input, std::string name,
                                                  const FileOptions& options) {
  auto stream = DescriptorStream::open(std::move(input), name, options.follow);
  if (!stream) return tl::unexpected(std::move(stream.error()));
  return openCapture(std::move(*stream), std::move(name), options.wait);
}

Result<std::unique_ptr<PacketSource>> openCaptureFile(const std::string& path,
                                                      const FileOptions& options) {
  auto input = openInput(path);
  if (!input) return tl::unexpected(std::move(input.error()));
  return openCapture(std::move(*input), displayName(path), options);
}

}  // namespace vsdump
