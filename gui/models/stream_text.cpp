// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/stream_text.h"

#include <QSaveFile>
#include <algorithm>
#include <string>

#include "dissector/text/escape.h"

namespace vsdump::gui {

namespace {

constexpr std::size_t kHexWidth = 16;

/// Lines as they are, everything that could move or hide text escaped.
QString readable(Bytes bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    appendEscaped(result, line);
    result += '\n';
    begin = end + 1;
  }
  if (begin < text.size()) {
    appendEscaped(result, text.substr(begin));
    result += '\n';
  }
  return QString::fromStdString(result);
}

}  // namespace

QString hexDump(Bytes bytes, std::uint64_t firstOffset) {
  static constexpr char kDigits[] = "0123456789abcdef";
  QString text;
  for (std::size_t at = 0; at < bytes.size(); at += kHexWidth) {
    const Bytes line = bytes.subspan(at, std::min(kHexWidth, bytes.size() - at));
    text += QStringLiteral("%1 ").arg(firstOffset + at, 6, 16, QLatin1Char('0'));
    for (std::size_t i = 0; i < kHexWidth; ++i) {
      if (i == kHexWidth / 2) text += ' ';
      if (i < line.size()) {
        const auto value = std::to_integer<unsigned>(line[i]);
        text += ' ';
        text += QLatin1Char(kDigits[value >> 4]);
        text += QLatin1Char(kDigits[value & 15]);
      } else {
        text += QStringLiteral("   ");
      }
    }
    text += QStringLiteral("  ");
    for (const std::byte byte : line) {
      const auto value = std::to_integer<char>(byte);
      text += value >= ' ' && value < 0x7F ? QLatin1Char(value) : QLatin1Char('.');
    }
    text += '\n';
  }
  return text;
}

StreamContents streamOf(const Trace& trace, const Rows& rows, StreamForm form,
                        StreamBounds bounds) {
  StreamContents contents;
  for (const Row row : *rows) {
    const Observation& seen = trace.observation(row);
    const std::uint32_t length = trace.streamLength(row);
    if (length == 0) continue;
    contents.bytes += length;
    // What follows the bound is counted and not shown, or it would seem to follow without a gap.
    const bool isOver = contents.shownBytes < contents.bytes - length;
    if (isOver || contents.bytes > bounds.bytes || contents.pieces.size() >= bounds.pieces) {
      continue;
    }
    const PacketBytes packet = trace.read(row);
    const Bytes payload = payloadOf(packet.frame, packet.packet, seen);
    contents.shownBytes += length;
    contents.pieces.push_back({.packet = row,
                               .direction = seen.direction,
                               .text = form == StreamForm::Hex ? hexDump(payload, seen.streamOffset)
                                                               : readable(payload)});
    if (payload.size() < length) {
      contents.pieces.back().text +=
          QStringLiteral("[%1 bytes were not captured]\n").arg(length - payload.size());
    }
  }
  return contents;
}

Result<void> saveStream(const Trace& trace, ConnectionId connection, Direction direction,
                        const std::string& path, const std::stop_token& stop) {
  QSaveFile file(QString::fromStdString(path));
  const auto failure = [&] {
    return tl::unexpected(Error{.kind = ErrorKind::Io,
                                .attempted = "write",
                                .subject = escaped(path),
                                .reason = file.errorString().toStdString()});
  };
  if (!file.open(QIODevice::WriteOnly)) return failure();
  for (Row row = 0; row < trace.packetCount() && !stop.stop_requested(); ++row) {
    const Observation& seen = trace.observation(row);
    const bool isOfIt = seen.connection == connection && seen.direction == direction;
    if (!isOfIt || trace.streamLength(row) == 0) continue;
    const PacketBytes packet = trace.read(row);
    const Bytes payload = payloadOf(packet.frame, packet.packet, seen);
    const auto size = static_cast<qint64>(payload.size());
    if (file.write(reinterpret_cast<const char*>(payload.data()), size) != size) return failure();
  }
  // A file that was begun and not finished is not left behind.
  if (stop.stop_requested()) return {};
  if (!file.commit()) return failure();
  return {};
}

}  // namespace vsdump::gui
