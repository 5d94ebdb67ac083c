// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_reader.h"

#include <fmt/format.h>

#include <utility>

#include "capture/file/likeness.h"
#include "capture/file/link_type.h"
#include "capture/file/pcap_joint.h"

namespace vsdump {

namespace {

constexpr const char* kHoldsAnother = "a packet is damaged, and another begins inside of it";

Error badHeader(std::string name, std::string reason) {
  return Error{.kind = ErrorKind::BadInput,
               .attempted = "read",
               .subject = std::move(name),
               .reason = std::move(reason)};
}

/// Nanoseconds since 1970. Cannot overflow: 2^32 seconds and 2^32 fractions are far from 2^63.
std::int64_t timeOf(const pcap::RecordHeader& header, std::uint32_t nsPerFraction) {
  return static_cast<std::int64_t>(header.seconds) * 1'000'000'000 +
         static_cast<std::int64_t>(header.fraction) * nsPerFraction;
}

}  // namespace

PcapReader::PcapReader(InputBuffer input, std::string name, const pcap::Dialect& dialect)
    : RecordReader(std::move(input), std::move(name)), dialect_(dialect), recogniser_(dialect) {
  interfaces_.push_back({.linkType = dialect.linkType,
                         .snapshotLength = dialect.snapshotLength,
                         .nanoseconds = dialect.nsPerFraction == 1});
}

Result<std::unique_ptr<PacketSource>> PcapReader::open(InputBuffer input, std::string name) {
  auto problem = input.fillTo(pcap::kFileHeaderSize, name);
  if (!problem) return tl::unexpected(std::move(problem.error()));
  const auto header = input.bytes();
  if (header.size() < pcap::kFileHeaderSize) {
    if (!problem->empty()) return tl::unexpected(badHeader(std::move(name), std::move(*problem)));
    return tl::unexpected(badHeader(
        std::move(name), fmt::format("cut short in the pcap file header: {} of {} bytes are there",
                                     header.size(), pcap::kFileHeaderSize)));
  }
  const auto dialect = pcap::parseFileHeader(header.first<pcap::kFileHeaderSize>());
  if (!dialect) return tl::unexpected(badHeader(std::move(name), dialect.error().reason));
  if (dialect->linkType != kLinkTypeVsock) {
    return tl::unexpected(wrongLinkType(std::move(name), dialect->linkType));
  }
  input.consume(pcap::kFileHeaderSize);
  return std::unique_ptr<PacketSource>(new PcapReader(std::move(input), std::move(name), *dialect));
}

RecordReader::Stop PcapReader::walk(Ahead ahead) {
  while (true) {
    Stop stop = walkFile(ahead);
    if (!stop.problem || !takeFileHeader()) return stop;
  }
}

/// walk(), but for a file that is joined to the end of another.
RecordReader::Stop PcapReader::walkFile(Ahead ahead) {
  while (true) {
    takeUsualPackets();
    const Bytes bytes = input_.bytes();
    Judgement packet = recogniser_.judge(bytes, lastSeconds_, ahead);
    if (packet.verdict == Verdict::NoRecord) {
      const bool mayBeFileHeader = ahead != Ahead::Nothing && bytes.size() < pcap::kFileHeaderSize;
      if (mayBeFileHeader && pcap::hasMagic(bytes)) return {.wanted = pcap::kFileHeaderSize};
      return {.problem = describeNoRecord(bytes)};
    }
    if (packet.verdict == Verdict::Record) packet.wanted = sizeOf(packet);
    if (packet.verdict != Verdict::Record || bytes.size() < packet.wanted) {
      if (ahead == Ahead::Nothing && !bytes.empty()) {
        if (Stop stop = checkCut(bytes, packet)) return stop;
      }
      return {.wanted = packet.wanted};
    }
    if (Stop stop = checkEnd(bytes, packet, ahead)) return stop;
    takePacket(bytes.data(), packet);
    input_.consume(sizeOf(packet));
  }
}

/// Takes packets from the front of the buffer as long as nothing is odd about them and those behind
/// them, as it is in almost all files: quickly.
void PcapReader::takeUsualPackets() {
  const PcapRecogniser recogniser = recogniser_;  // here nothing else can change it
  const std::size_t headerSize = dialect_.recordHeaderSize;
  const std::uint32_t nsPerFraction = dialect_.nsPerFraction;
  const Bytes bytes = input_.bytes();
  std::size_t at = 0;
  if (bytes.size() < headerSize) return;
  pcap::RecordHeader header = recogniser.headerAt(bytes.data());
  if (!recogniser.isUsual(header, lastSeconds_)) return;
  std::uint64_t number = packetRecords_;
  while (bytes.size() - at >= 2 * headerSize + header.captured) {
    const std::byte* const content = bytes.data() + at + headerSize;
    const pcap::RecordHeader next = recogniser.headerAt(content + header.captured);
    if (!recogniser.isUsual(next, header.seconds)) break;
    frames_.push_back({.bytes = {content, header.captured},
                       .timestampNs = timeOf(header, nsPerFraction),
                       .number = FrameNumber{++number},
                       .wireLengthBytes = header.onWire,
                       .interfaceIndex = 0});
    lastSeconds_ = header.seconds;
    at += headerSize + header.captured;
    header = next;
  }
  packetRecords_ = number;
  if (at > 0) lastCaptured_ = frames_.back().bytes.size();
  input_.consume(at);
}

/// Looks at what follows `packet` at the front of `bytes`: what to stop with where it is told by
/// that, or more is needed to tell, that bytes of it are missing. Repairs a length that is wrong.
RecordReader::Stop PcapReader::checkEnd(Bytes bytes, Judgement& packet, Ahead ahead) const {
  const std::size_t size = sizeOf(packet);
  const Bytes rest = bytes.subspan(size);
  if (rest.size() >= 4 && pcap::hasMagic(rest)) return {};
  const auto before = packet.hasStrayTime ? lastSeconds_ : std::optional(packet.header.seconds);
  const Judgement next = recogniser_.judge(rest, before, ahead);
  switch (next.verdict) {
    case Verdict::Record:
      break;
    case Verdict::NeedMore:
      return {.wanted = size + next.wanted};
    case Verdict::NoRecord:
      if (isCutAsOthers(packet.header)) return checkBadEnd(bytes, packet, ahead);
      if (const auto repaired = recogniser_.repaired(bytes, packet.header, lastSeconds_, ahead)) {
        packet.header = *repaired;
        packet.isRepaired = true;
        break;
      }
      return checkBadEnd(bytes, packet, ahead);
    case Verdict::Unknown:
      if (ahead == Ahead::Nothing && !rest.empty()) return checkAgainstEnd(bytes, size);
      break;
  }
  return {};
}

/// Whether there is as much of a packet as a snapshot length leaves, by the file's or by the packet
/// before: then it is not that bytes of it are missing.
bool PcapReader::isCutAsOthers(const pcap::RecordHeader& header) const {
  return header.captured == dialect_.snapshotLength || header.captured == lastCaptured_;
}

/// checkEnd() of a packet that is not followed by another one.
RecordReader::Stop PcapReader::checkBadEnd(Bytes bytes, const Judgement& packet,
                                           Ahead ahead) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  const std::size_t size = sizeOf(packet);
  // What begins before this one's end can reach that far into what follows.
  const std::size_t reach = size + 2 * headerSize + kMaxCapturedLength;
  if (ahead == Ahead::Unknown && bytes.size() < reach) return {.wanted = reach};

  const Bytes content = bytes.subspan(headerSize, packet.header.captured);
  const Likeness likeness = vsockLikeness(content);
  const bool isRecognised =
      (content.size() < kSmallestRecognised && isCutAsOthers(packet.header)) ||
      (likeness.isBothHeaders() ? likeness.expectedLength <= packet.header.onWire
                                : likeness.isHeader());
  for (std::size_t at = pcap::nextMagic(bytes, 1, size); at < size;
       at = pcap::nextMagic(bytes, at + 1, size)) {
    const auto file = pcap::fileStart(bytes.subspan(at));
    if (file && at + *file > size) return {.problem = kHoldsAnother};
  }
  const std::uint32_t seconds = lastSeconds_.value_or(packet.header.seconds);
  const Judgement inside =
      recogniser_.recordInside(bytes, size, seconds, ahead, PcapRecogniser::Inside::Across);
  if (inside.verdict == Verdict::NeedMore) return {.wanted = inside.wanted};
  if (inside.verdict == Verdict::Record) return {.problem = kHoldsAnother};
  if (!isRecognised) return {.problem = "a packet is damaged"};
  return {};
}

/// Looks at `packet`, which the end of the input seems to cut.
RecordReader::Stop PcapReader::checkCut(Bytes bytes, const Judgement& packet) const {
  if (recogniser_.isCredible(bytes, packet.header)) return checkAgainstEnd(bytes, bytes.size());
  if (!search(bytes.subspan(1), Ahead::Nothing).found) return {};
  return {.problem = kHoldsAnother};
}

/// Where the lengths of a packet that begins in the first `size` bytes, and of those behind it,
/// lead to the very end, bytes before it are missing, and not the end.
RecordReader::Stop PcapReader::checkAgainstEnd(Bytes bytes, std::size_t size) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  if (bytes.size() < headerSize) return {};
  std::vector<bool> leadsToEnd(bytes.size() + 1);
  leadsToEnd.back() = true;
  for (std::size_t at = bytes.size() - headerSize; at > 0; --at) {
    const pcap::RecordHeader header = recogniser_.headerAt(bytes.data() + at);
    const std::size_t end = at + headerSize + header.captured;
    leadsToEnd[at] = header.onWire > 0 && end <= bytes.size() && leadsToEnd[end];
  }
  for (std::size_t at = 1; at < size; ++at) {
    if (!leadsToEnd[at]) continue;
    const Judgement inside = recogniser_.recognise(bytes.subspan(at), lastSeconds_, Ahead::Nothing);
    if (inside.verdict == Verdict::Record) return {.problem = kHoldsAnother, .damaged = at};
  }
  return {};
}

/// Goes on with a file that was joined to the end of the last one, if its header comes next.
bool PcapReader::takeFileHeader() {
  constexpr std::uint64_t kTold = 10;
  const auto dialect = pcap::vsockFileHeader(input_.bytes());
  if (!dialect) return false;
  if (++joinedFiles_ <= kTold) {
    addNotice(SourceNotice::Severity::Note, "another pcap file begins here and is read as well",
              input_.offset());
  }
  input_.consume(pcap::kFileHeaderSize);
  dialect_ = *dialect;
  recogniser_ = PcapRecogniser(*dialect);
  lastSeconds_.reset();
  lastCaptured_.reset();
  return true;
}

std::string PcapReader::describeNoRecord(Bytes bytes) const {
  if (bytes.size() >= dialect_.recordHeaderSize) {
    const pcap::RecordHeader header = dialect_.headerAt(bytes.data());
    if (header.captured > kMaxCapturedLength) {
      return fmt::format("packet {} claims {} captured bytes, and no packet can have more than {}",
                         packetRecords_ + 1, header.captured, kMaxCapturedLength);
    }
  }
  if (packetRecords_ == 0) return "the file does not begin with a packet";
  return fmt::format("what follows packet {}, whose end may be damaged too, is no packet",
                     packetRecords_);
}

RecordReader::Search PcapReader::search(Bytes bytes, Ahead ahead) const {
  std::size_t packetEnd = 0;  // file headers before it are in a packet
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const Bytes rest = bytes.subspan(at);
    const bool mayGrow = ahead != Ahead::Nothing && rest.size() < pcap::kFileStartSize;
    if (mayGrow && rest.size() >= 4 && pcap::hasMagic(rest)) {
      return {.passed = at, .wanted = pcap::kFileStartSize};
    }
    if (at >= packetEnd && pcap::fileStart(rest)) {
      const pcap::Joint joint = pcap::judgeJoint(rest, dialect_, lastSeconds_, ahead);
      if (joint.wanted > 0) return {.passed = at, .wanted = joint.wanted};
      if (!joint.isInPacket) return {.passed = at, .found = true};
      packetEnd = at + joint.end;
    }
    const Judgement judgement = recogniser_.recognise(rest, lastSeconds_, ahead);
    if (judgement.verdict == Verdict::NeedMore) return {.passed = at, .wanted = judgement.wanted};
    const bool isRecord = judgement.verdict == Verdict::Record;
    const bool isNear = !lastSeconds_ || recogniser_.isUsual(judgement.header, lastSeconds_);
    if (isRecord && isNear) return {.passed = at, .found = true};
    if (!isRecord && !judgement.isOutOfTime) continue;
    // The clock may have been set, or nothing was captured for long.
    if (!isFollowedOutOfTime(rest, judgement.header)) continue;
    const pcap::Chain chain = pcap::followRecords(rest, dialect_, ahead);
    if (chain.wanted > 0) return {.passed = at, .wanted = chain.wanted};
    if (chain.leadsOn) return {.passed = at, .found = true};
  }
  return {.passed = bytes.size(), .wanted = dialect_.recordHeaderSize};
}

/// Whether the record behind one whose time does not fit to the packet before does not fit either:
/// else the time alone is damaged, and the next record will do. Where a joined file is behind it, a
/// small number is no time.
bool PcapReader::isFollowedOutOfTime(Bytes bytes, const pcap::RecordHeader& header) const {
  const std::size_t size = dialect_.recordHeaderSize + header.captured;
  if (!lastSeconds_ || bytes.size() < size + dialect_.recordHeaderSize) return false;
  const Bytes rest = bytes.subspan(size);
  if (pcap::hasMagic(rest)) return !PcapRecogniser::isSmall(header.seconds);
  const pcap::RecordHeader next = recogniser_.headerAt(rest.data());
  return !recogniser_.isUsual(next, lastSeconds_) || next.seconds < *lastSeconds_;
}

void PcapReader::takePacket(const std::byte* record, const Judgement& packet) {
  const pcap::RecordHeader& header = packet.header;
  if (!packet.hasStrayTime) lastSeconds_ = header.seconds;
  lastCaptured_ = header.captured;
  frames_.push_back({.bytes = {record + dialect_.recordHeaderSize, header.captured},
                     .timestampNs = timeOf(header, dialect_.nsPerFraction),
                     .number = FrameNumber{++packetRecords_},
                     .wireLengthBytes = header.onWire,
                     .interfaceIndex = 0});
  if (!packet.isRepaired) return;
  addDamage(fmt::format("packet {} claims {} captured bytes, which is wrong: it has {}",
                        packetRecords_, dialect_.headerAt(record).captured, header.captured),
            input_.offset(), 0);
}

std::string PcapReader::describeCut(Bytes rest) const {
  const std::size_t headerSize = dialect_.recordHeaderSize;
  if (rest.size() < headerSize) {
    return fmt::format("cut short in the middle of a packet header: {} of {} bytes are there",
                       rest.size(), headerSize);
  }
  return fmt::format("cut short in the middle of a packet: {} of {} bytes are there",
                     rest.size() - headerSize, dialect_.headerAt(rest.data()).captured);
}

}  // namespace vsdump
