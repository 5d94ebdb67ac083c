// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/open.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "capture/file/compressed_stream.h"
#include "capture/file/descriptor_stream.h"
#include "capture/file/input_buffer.h"
#include "capture/file/pcap_reader.h"

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

/// Sleeps until `stream` has more to give.
/// **Errors** Io when a signal interrupts it.
Result<void> waitForInput(const ByteStream& stream, const std::string& name) {
  constexpr int kGrowingFilePollMs = 100;
  const auto descriptor = stream.pollDescriptor();
  pollfd ready{.fd = descriptor.value_or(-1), .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, descriptor ? -1 : kGrowingFilePollMs) < 0) {
    return tl::unexpected(systemError("read", name, errno));
  }
  return {};
}

/// Reads until `size` bytes are at hand or the input is over. Returns what is wrong with it when
/// it is damaged before that, else nothing.
Result<std::string> fillTo(InputBuffer& input, std::size_t size, const std::string& name) {
  while (input.bytes().size() < size) {
    auto chunk = input.fill(size);
    if (!chunk) return tl::unexpected(std::move(chunk.error()));
    if (chunk->state == SourceState::Damaged) return std::move(chunk->problem);
    if (chunk->state == SourceState::End) break;
    if (chunk->state == SourceState::Waiting) {
      auto waited = waitForInput(input.stream(), name);
      if (!waited) return tl::unexpected(std::move(waited.error()));
    }
  }
  return std::string();
}

std::string firstBytes(std::span<const std::byte> bytes) {
  const auto shown = bytes.first(std::min<std::size_t>(bytes.size(), 8));
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
                                                  std::string name) {
  InputBuffer input(std::move(stream));
  auto problem = fillTo(input, kMagicSize, name);
  if (!problem) return tl::unexpected(std::move(problem.error()));
  if (input.bytes().empty() && problem->empty()) {
    return tl::unexpected(notACapture(std::move(name), "it is empty"));
  }
  const Compression compression = compressionOf(input.bytes());
  if (compression != Compression::None) {
    input = InputBuffer(decompress(std::move(input), compression));
  }
  problem = fillTo(input, PcapReader::kFileHeaderSize, name);
  if (!problem) return tl::unexpected(std::move(problem.error()));

  const auto start = input.bytes();
  if (!problem->empty() && start.size() < PcapReader::kFileHeaderSize) {
    return tl::unexpected(notACapture(std::move(name), std::move(*problem)));
  }
  if (start.size() >= kMagicSize && PcapReader::recognises(start)) {
    return PcapReader::open(std::move(input), std::move(name));
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
  return openCapture(std::move(*stream), std::move(name));
}

Result<std::unique_ptr<PacketSource>> openCaptureFile(const std::string& path,
                                                      const FileOptions& options) {
  auto input = openInput(path);
  if (!input) return tl::unexpected(std::move(input.error()));
  return openCapture(std::move(*input), displayName(path), options);
}

}  // namespace vsdump
