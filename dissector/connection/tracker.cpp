// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/tracker.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "dissector/connection/credit.h"
#include "dissector/connection/tracker_parts.h"
#include "dissector/names/cid_names.h"

namespace vsdump {

namespace {

/// Years 1824 and 2115, beyond what a pcap file can tell: no difference of two times overflows, nor
/// the time that a timer is due.
constexpr std::int64_t kFarthestNs = 4'600'000'000 * kSecondNs;

/// A packet's name among RecentPackets.
std::uint64_t recentKey(ConnectionId id, Direction d, std::uint32_t signature) {
  return (std::uint64_t{raw(id)} << 32 | signature) ^ (std::uint64_t{index(d)} << 63);
}

/// Whether the CIDs can be two ends of one transport: a guest and the host, or loopback.
bool canTalk(const VirtioHeader& h) {
  const auto isEnd = [](Cid cid) { return cid != kCidAny && (raw(cid) >> 32) == 0; };
  if (!isEnd(h.src.cid) || !isEnd(h.dst.cid)) return false;
  if (isLoopback(h)) return true;
  return h.dst.cid != kCidLocal && h.src.cid != h.dst.cid;
}

/// Whether the packet by itself is one that takeUsual() follows.
bool mayBeUsual(const Packet& packet) {
  const VirtioHeader& h = packet.virtio;
  return packet.anomalies.empty() && h.type == VirtioType::Stream &&
         (h.op == VirtioOp::Rw || h.op == VirtioOp::CreditUpdate);
}

}  // namespace

Bytes payloadOf(const Frame& frame, const Packet& packet, const Observation& observation) {
  if (observation.payloadStart == 0) return packet.payload;
  Bytes rest = frame.bytes;
  const std::size_t start = kVsockmonHeaderBytes + packet.monitor.transportLengthBytes +
                            std::size_t{observation.payloadStart};
  rest = rest.subspan(std::min(start, rest.size()));
  return rest.first(std::min<std::size_t>(packet.payloadLengthBytes, rest.size()));
}

ConnectionTracker::ConnectionTracker(ConnectionConsumer& consumer, TrackerLimits limits,
                                     KeyHash hash)
    : consumer_(consumer), limits_(limits), hash_(hash) {}

ConnectionTracker::~ConnectionTracker() = default;

ConnectionTracker::Source& ConnectionTracker::addSource(std::uint32_t index) {
  if (index >= sources_.size()) sources_.resize(std::size_t{index} + 1);
  sources_[index] = std::make_unique<Source>();
  return *sources_[index];
}

void ConnectionTracker::takeFile(std::int64_t firstNs) {
  isNewFile_ = false;
  std::int64_t endNs = Flow::kNever;  // of the capture so far
  for (std::size_t i = firstSource_; i < sources_.size(); ++i) {
    if (sources_[i]) endNs = std::max(endNs, sources_[i]->nowNs);
  }
  if (endNs == Flow::kNever || firstNs >= endNs - kReorderNs) return;
  firstSource_ = static_cast<std::uint32_t>(sources_.size());
}

[[gnu::noinline]] std::int64_t ConnectionTracker::clampTime(Source& source, const Frame& frame) {
  const std::int64_t timeNs = std::clamp(frame.timestampNs, -kFarthestNs, kFarthestNs);
  if (timeNs < source.nowNs) {
    if (!std::exchange(source.hasSteppedBack, true)) {
      Connection none;
      const auto step =
          static_cast<std::uint64_t>(source.nowNs) - static_cast<std::uint64_t>(timeNs);
      raise(none, FindingCode::TimeSteppedBack, source.nowNs, {frame.number}, {.values = {step}});
    }
  } else {
    source.nowNs = timeNs;
  }
  return source.nowNs;
}

// The observation is filled where the caller has it: a copy would read at once what was written
// piece by piece, for which processors wait.
Observation ConnectionTracker::observe(const Frame& frame, const Packet& packet) {
  Observation seen;
  current_ = nullptr;
  seen.firstFinding = findings_;
  ++totals_.packets;
  if (packet.decoded != Decoded::Virtio) {
    ++totals_.untracked;
    if (!packet.anomalies.empty()) raiseOfRecord(frame, packet);
  } else {
    frame_ = frame.number;
    if (isNewFile_) takeFile(frame.timestampNs);
    const std::uint32_t from = firstSource_ + frame.interfaceIndex;
    Source& source = sourceOf(from);
    // Most packets come after all before them, at a time that can be.
    const bool goesOn = frame.timestampNs >= source.nowNs && frame.timestampNs <= kFarthestNs &&
                        source.nowNs != Flow::kNever;
    const std::int64_t now = goesOn ? source.nowNs = frame.timestampNs : clampTime(source, frame);
    if (now >= source.dueNs) expire(source, now);
    const bool isUsual = mayBeUsual(packet) && !source.recent;
    if (!isUsual || !takeUsual(frame, packet, from, now, seen)) {
      const std::uint32_t index = take(source, frame, packet, from, now, seen);
      if (isUsual) known_.remember(packet.virtio, from, index, seen);
    }
  }
  seen.findings = static_cast<std::uint8_t>(std::min(findings_ - seen.firstFinding, 255U));
  return seen;
}

/// Follows a packet whatever it is, and returns where its connection stands.
[[gnu::noinline]] std::uint32_t ConnectionTracker::take(Source& source, const Frame& frame,
                                                        const Packet& packet, std::uint32_t from,
                                                        std::int64_t now, Observation& seen) {
  const VirtioHeader& header = packet.virtio;
  const KeyedEnd end = keyOf(header, from);
  const std::uint32_t hash = hash_(end.key);
  const auto hasKey = [&](std::uint32_t i) { return at(i).key == end.key; };
  std::uint32_t index = table_.find(hash, hasKey);
  const std::uint32_t signature = signatureOf(packet);
  const auto directionIn = [&](const Connection& c) {
    return end.isFromLow == c.clientIsLow ? Direction::ToServer : Direction::ToClient;
  };
  bool mayMix = false;
  if (index != KeyTable::kNone) {
    Connection& c = at(index);
    const Direction d = directionIn(c);
    if (isDuplicate(source, c, d, header.op, now, signature)) {
      takeDuplicate(source, c, d, now, seen);
      return index;
    }
    if (isRequest(header.op) && !isAnsweredAlready(c, d, now)) {
      mayMix = giveWay(c, d, now);
      retire(index);
      index = KeyTable::kNone;
    }
  }
  if (index == KeyTable::kNone) {
    index = begin(end, hash, frame, header, now);
    if (mayMix) {
      at(index).mayMix = true;
      for (Flow& flow : at(index).flows) flow.countsFromStart = false;
    }
    seen.beginsConnection = true;
    if (source.recent && !isRequest(header.op)) {
      source.recent->isSecond(recentKey(at(index).id, directionIn(at(index)), signature), now);
    }
  }

  Connection& c = at(index);
  const Direction d = directionIn(c);
  const bool wasOver = isOver(c.state);
  const std::int64_t silentNs = c.flow(d).packets == 0 ? 0 : now - c.flow(d).lastNs;
  c.flow(d).signature = signature;
  seen.connection = c.id;
  seen.direction = d;
  count(c, d, frame, packet, now);
  if (c.type() != VirtioType::Dgram) takeCredit(c, d, header, now, silentNs);
  takePayload(c, d, frame, packet, now, seen);
  if (c.type() != VirtioType::Dgram) takeOp(c, d, header, now);

  const Flow& sender = c.flow(d);
  const Flow& receiver = c.flow(opposite(d));
  if (knowsCredit(sender, receiver) && c.type() != VirtioType::Dgram) {
    seen.credit = creditLeft(sender, receiver);
    seen.window = receiver.bufAlloc;
    seen.isPossiblyBlocked = seen.credit != 0 && isPossiblyBlocked(sender, receiver);
  }
  if (!wasOver && isOver(c.state)) {
    seen.endsConnection = true;
    linger(index, source);
  }
  current_ = &c;
  return index;
}

bool ConnectionTracker::isDuplicate(Source& source, const Connection& c, Direction d, VirtioOp op,
                                    std::int64_t now, std::uint32_t signature) {
  const Flow& flow = c.flow(d);
  if (flow.packets == 0) return false;
  const bool isLikeNewest =
      flow.signature == signature && now - flow.lastNs <= RecentPackets::kApartNs;
  // Neither is sent again while the connection lasts; the same payload may well be.
  if (op == VirtioOp::Response && isLikeNewest && !isOver(c.state)) return true;
  if (isRequest(op)) {
    return !isOver(c.state) && !c.isPartial && d == Direction::ToServer &&
           now - c.startNs <= RecentPackets::kApartNs && (isLikeNewest || flow.packets > 1);
  }
  if (!source.recent) return false;
  if (isLikeNewest && raw(flow.lastPacket) < raw(source.recentSince)) return true;
  if (source.recent->isSecond(recentKey(c.id, d, signature), now)) return true;
  if (source.recent->isOver()) source.recent.reset();
  return false;
}

void ConnectionTracker::takeDuplicate(Source& source, Connection& c, Direction d, std::int64_t now,
                                      Observation& seen) {
  seen.connection = c.id;
  seen.direction = d;
  seen.isDuplicate = true;
  ++totals_.duplicates;
  if (!source.recent) {
    source.recent = std::make_unique<RecentPackets>();
    source.recentSince = frame_;
  }
  if (!std::exchange(source.hasDuplicates, true)) {
    raise(c, FindingCode::DuplicatePackets, now, {c.flow(d).lastPacket, frame_});
  }
  current_ = &c;
}

std::uint32_t ConnectionTracker::begin(const KeyedEnd& end, std::uint32_t hash, const Frame& frame,
                                       const VirtioHeader& header, std::int64_t now) {
  Source& source = sourceOf(end.key.source);
  if (live_ >= limits_.live) evict(source);
  if (free_.empty()) {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * kChunk);
    chunks_.push_back(std::make_unique<Connection[]>(kChunk));
    for (std::uint32_t i = kChunk; i-- > 0;) free_.push_back(first + i);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  table_.insert(hash, index);
  Connection& c = at(index);
  c = Connection{};
  c.key = end.key;
  c.id = ConnectionId{nextId_++};
  c.startNs = now;
  c.firstPacket = frame.number;
  const bool isDgram = header.type == VirtioType::Dgram;
  c.isPartial = !isRequest(header.op) && !isDgram;
  // Clients get their ports from the kernel, which hands out large ones.
  bool isFromServer = c.isPartial && raw(header.src.port) < raw(header.dst.port);
  if (header.op == VirtioOp::Response) isFromServer = true;
  c.clientIsLow = end.isFromLow != isFromServer;
  c.clientPort = isFromServer ? header.dst.port : header.src.port;
  c.serverPort = isFromServer ? header.src.port : header.dst.port;
  c.serverCid = isFromServer ? header.src.cid : header.dst.cid;
  c.state = isRequest(header.op) ? ConnectionState::Requested : ConnectionState::Open;
  for (Flow& flow : c.flows) flow.countsFromStart = !c.isPartial;
  ++totals_.connections;
  ++live_;
  if (!canTalk(header)) raise(c, FindingCode::WrongDirectionCid, now, {frame.number});
  if (isRequest(header.op)) {
    source.add(source.requests, {index, c.id, now + 2 * kSecondNs});
    findServer(c);
  } else {
    source.add(source.awake, {index, c.id, now + kLookNs});
  }
  return index;
}

void ConnectionTracker::count(Connection& c, Direction d, const Frame& frame, const Packet& packet,
                              std::int64_t now) {
  Flow& flow = c.flow(d);
  if (flow.packets++ == 0) {
    flow.firstNs = now;
  } else {
    flow.largestGapNs = std::max(flow.largestGapNs, now - flow.lastNs);
  }
  flow.lastNs = now;
  flow.lastPacket = frame.number;
  c.flow(opposite(d)).hasOpenCreditRequest = false;
  if (c.isQuiet) {
    c.isQuiet = false;
    if (c.server < servers_.size()) --servers_[c.server].quiet;
  }
  if (!packet.anomalies.empty()) raiseAnomalies(c, packet, now);
}

void ConnectionTracker::raiseAnomalies(Connection& c, const Packet& packet, std::int64_t now) {
  for (const AnomalyRow& row : anomalyCatalogue()) {
    // What a snapshot length cuts off is no fault of the traffic.
    if (!packet.anomalies.has(row.anomaly) || row.anomaly == Anomaly::PayloadTruncated) continue;
    raiseOnce(c, codeOf(row.anomaly), now, {frame_});
  }
}

/// A record that belongs to no connection that is known: each kind of anomaly is found once.
[[gnu::noinline]] void ConnectionTracker::raiseOfRecord(const Frame& frame, const Packet& packet) {
  Connection none;
  none.findings = recordFindings_;
  frame_ = frame.number;
  raiseAnomalies(none, packet, std::clamp(frame.timestampNs, -kFarthestNs, kFarthestNs));
  recordFindings_ = none.findings;
}

void ConnectionTracker::takePayload(Connection& c, Direction d, const Frame& frame,
                                    const Packet& packet, std::int64_t now, Observation& seen) {
  Flow& flow = c.flow(d);
  seen.streamOffset = flow.bytes + flow.lostBytes;
  if (packet.virtio.op != VirtioOp::Rw) return;
  const std::uint32_t length = packet.payloadLengthBytes;
  if (packet.anomalies.has(Anomaly::TapExcess)) {
    const std::size_t offset = kVsockmonHeaderBytes + packet.monitor.transportLengthBytes;
    const Bytes tapped = frame.bytes.subspan(std::min(offset, frame.bytes.size()));
    const auto tappedLength = static_cast<std::uint32_t>(
        std::max<std::size_t>(frame.wireLengthBytes, frame.bytes.size()) - offset);
    seen.payloadStart = flow.split.startOf(tapped, tappedLength, length);
  } else {
    flow.split.takeWhole();
  }
  if (flow.wait == Flow::Wait::CreditIsBack) {
    endWait(c, d, now, flow.waitEndedBy, goesOnPromptly(flow, now));
  } else if (flow.wait == Flow::Wait::OwnBufferFull) {
    flow.isUncapped = true;  // this sender does not stop at its own buffer
    flow.wait = Flow::Wait::None;
  } else if (flow.wait == Flow::Wait::NoCredit && length != 0) {
    flow.wait = Flow::Wait::None;  // nor does it stop without credit
  }
  flow.bytes += length;
  totals_.bytes += length;
  if (c.firstByteNs == Flow::kNever && length != 0) c.firstByteNs = now;
  if (flow.dataPackets != UINT32_MAX) ++flow.dataPackets;
  if (c.type() == VirtioType::Seqpacket) {
    seen.endsMessage = (packet.virtio.flags & kSeqpacketEndOfMessage) != 0;
    seen.endsRecord = (packet.virtio.flags & kSeqpacketEndOfRecord) != 0;
    if (seen.endsMessage && flow.messages != UINT32_MAX) ++flow.messages;
  }
  if (flow.dataPackets == kTinyPackets && flow.bytes < flow.dataPackets * std::uint64_t{44}) {
    raiseOnce(c, FindingCode::TinyPackets, now, {frame.number},
              {.direction = d, .values = {flow.dataPackets, flow.bytes}});
  }
  if (c.type() == VirtioType::Dgram) {
    seen.endsMessage = true;
    return;
  }

  const Flow& receiver = c.flow(opposite(d));
  flow.sent += length;
  if (knowsCredit(flow, receiver)) {
    const std::uint32_t used = inFlight(flow, receiver);
    const std::uint32_t room = std::max(receiver.bufAlloc, receiver.largestBuffer);
    if (used > room && flow.doubt == Flow::Doubt::None && length != 0) {
      flow.doubt = Flow::Doubt::Excess;
      flow.doubtNs = now;
      flow.doubtPacket = frame.number;
      flow.doubtBytes = used - room;
    }
    beginWait(c, d, now);
  }
  checkAfterShutdown(c, d, length, now);
}

/// Payload that comes although one of the two ends has said that there will be none.
void ConnectionTracker::checkAfterShutdown(Connection& c, Direction d, std::uint32_t length,
                                           std::int64_t now) {
  const Flow& own = c.flow(d);
  const Flow& other = c.flow(opposite(d));
  if ((own.shutdownFlags | other.shutdownFlags) == 0 || c.mayMix) return;
  if ((own.shutdownFlags & kShutdownSend) != 0) {
    raiseOnce(c, FindingCode::DataAfterShutdown, now, {frame_},
              {.direction = d, .values = {length}});
  } else if (other.shutdownFlags == (kShutdownSend | kShutdownReceive) && !isOver(c.state)) {
    raiseOnce(c, FindingCode::HalfCloseTurnedFull, now, {c.shutdownPacket, frame_},
              {.detail = FindingDetail::DataToClosedPeer, .direction = d, .values = {length}});
  } else if (other.shutdownFlags == kShutdownReceive) {
    raiseOnce(c, FindingCode::DataAfterShutdown, now, {frame_},
              {.detail = FindingDetail::AfterReceiveClosed, .direction = d, .values = {length}});
  }
}

void ConnectionTracker::raise(Connection& c, FindingCode code, std::int64_t now,
                              std::initializer_list<FrameNumber> packets, Finding details) {
  details.number = findings_++;
  details.code = code;
  details.timeNs = now;
  details.connection = c.id;
  details.client = c.client();
  details.server = c.serverAddress();
  for (const FrameNumber packet : packets) {
    if (packet == FrameNumber{} || details.packetCount == details.packets.size()) continue;
    details.packets[details.packetCount++] = packet;
  }
  c.findings |= std::uint64_t{1} << static_cast<unsigned>(code);
  consumer_.found(details);
}

void ConnectionTracker::over(Connection& c, ConnectionState state, Side by, std::int64_t now) {
  atTheEnd(c, state == ConnectionState::Reset ? EndedBy::Reset : EndedBy::EndOfCapture, now);
  c.state = state;
  c.endedBy = by;
  c.endNs = now;
  ++totals_.over;
  --live_;
  if (c.isQuiet && c.server < servers_.size()) --servers_[c.server].quiet;
  c.isQuiet = false;
}

void ConnectionTracker::linger(std::uint32_t index, Source& source) {
  source.add(source.lingering, {index, at(index).id, source.nowNs + 60 * kSecondNs});
  while (source.lingering.size() > limits_.lingering) {
    const Timer oldest = source.lingering.front();
    source.lingering.pop_front();
    if (at(oldest.index).id == oldest.id) retire(oldest.index);
  }
}

void ConnectionTracker::retire(std::uint32_t index) {
  Connection& c = at(index);
  consumer_.ended(c);
  table_.erase(hash_(c.key), index);
  c.id = kNoConnection;
  free_.push_back(index);
}

}  // namespace vsdump
