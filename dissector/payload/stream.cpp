// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/stream.h"

#include <algorithm>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/payload/announcements.h"
#include "dissector/payload/registry.h"

namespace vsdump::payload {

namespace {

/// How much is put together at once for a decoder that does not say how much it wants.
constexpr std::size_t kChunk = 4096;
/// How many packets of a connection that began before the capture are looked at.
constexpr std::uint8_t kMostTrials = 16;
constexpr std::uint8_t kMostTurns = 4;

}  // namespace

Stream::Stream(const StreamFacts& facts, Surroundings& around, const Protocol* forced)
    : facts_(facts), around_(around), waiting_(around.consumer, around.limits.waiting) {
  if (facts_.type == VirtioType::Dgram) turnRound();
  if (forced != nullptr) decode(*forced);
}

Stream::~Stream() {
  for (const Way& way : ways_) around_.buffered -= way.kept.size();
}

/// The host's datagrams to a socket of TSI go to the port of that, from port 0 of the guest itself.
/// **Source** libkrun src/devices/src/virtio/vsock/tsi_dgram.rs, init_pkt.
void Stream::turnRound() {
  if (facts_.client.port != Port{} || facts_.server.cid != kCidHost) return;
  const Address socket{facts_.client.cid, facts_.server.port};
  if (!shared<Announcements>().knows({facts_.source, facts_.type, socket})) return;
  facts_.client = socket;
  facts_.isOfTsisHost = true;
}

void Stream::take(Direction d, const Piece& piece) {
  if (facts_.isOfTsisHost) d = opposite(d);
  Way& way = this->way(d);
  timeNs = piece.timeNs;
  packet = piece.packet;
  packetEndsMessage_ = piece.endsMessage && piece.bytes.size() >= piece.lengthBytes;
  if (piece.offset > way.next) lack(d, piece.offset - way.next);
  way.next = piece.offset + piece.lengthBytes;
  if (isOver()) return;
  // Datagrams of one socket may stand for exchanges with several addresses.
  if (!hasHeard_ || facts_.type == VirtioType::Dgram) hearOf(d);
  if (state_ == State::Recognising) {
    recognise(d, piece.bytes);
  } else {
    run(d, piece.bytes);
  }
  if (piece.bytes.size() < piece.lengthBytes) lack(d, piece.lengthBytes - piece.bytes.size());
  if (facts_.type == VirtioType::Dgram) endDatagram(d);
}

/// Whatever a datagram was, the next one may go to somebody else.
void Stream::endDatagram(Direction d) {
  drop(d, way(d).kept.size());
  if (!isOver() || isUnwanted_) return;
  beginAnew();
}

/// What comes next is recognised by itself.
void Stream::beginAnew() {
  waiting_.settleAll(Outcome::Unknown);
  for (Way& each : ways_) {
    around_.buffered -= each.kept.size();
    each = Way{.kept = {}, .next = each.next};
  }
  decoder_.reset();
  state_ = State::Recognising;
}

/// Tells what other connections have said of this one.
void Stream::hearOf(Direction d) {
  hasHeard_ = true;
  const Announcements::Announcement* known = shared<Announcements>().of(facts_);
  if (known == nullptr || known->standsFor == facts_.standsFor) return;
  facts_.standsFor.clear();  // the message says it itself
  const Direction direction = facts_.isOfTsisHost ? d : Direction::ToServer;
  Message made = message(known->protocol, direction, std::string(known->call));
  made.details = known->details;
  facts_.standsFor = known->standsFor;
  tell(std::move(made));
  if (facts_.type == VirtioType::Dgram && state_ == State::Decoding) beginAnew();
}

/// Looks for a protocol in what the connection begins with, or in a packet from its middle.
void Stream::recognise(Direction d, Bytes bytes) {
  const bool isAlone = !facts_.isFromStart || (ways_[0].kept.empty() && ways_[1].kept.empty());
  if (!isAlone) keep(d, bytes);
  if (isOver()) return;
  Opening opening{.facts = facts_};
  const auto shown = [&](Direction which) -> Bytes {
    if (!isAlone) return way(which).kept;
    return which == d ? bytes : Bytes{};
  };
  opening.toServer = shown(Direction::ToServer);
  opening.toClient = shown(Direction::ToClient);
  bool needsMore = false;
  for (const Protocol* protocol : protocols()) {
    const Verdict verdict = protocol->recognise(opening);
    if (verdict == Verdict::NeedMore) needsMore = true;
    if (verdict != Verdict::Yes) continue;
    decode(*protocol);
    if (isAlone) return run(d, bytes);
    // What came before is shown first: a request before its reply.
    for (const Direction which : {opposite(d), d}) {
      const std::vector<std::byte> kept = std::exchange(way(which).kept, {});
      around_.buffered -= kept.size();
      if (state_ == State::Decoding) run(which, kept);
    }
    return;
  }
  if (!facts_.isFromStart) {
    if (++trials_ == kMostTrials) state_ = State::Over;
    return;
  }
  if (needsMore && isAlone) keep(d, bytes);
  if (needsMore && way(d).kept.size() <= around_.limits.openingBytes) return;
  stop(Outcome::Unknown);
}

void Stream::decode(const Protocol& protocol) {
  protocol_ = &protocol;
  isUnwanted_ = !around_.consumer.recognised(facts_.id, protocol.name);
  if (isUnwanted_) return stop(Outcome::Unknown);
  state_ = State::Decoding;
  decoder_ = protocol.make(facts_);
}

/// Shows the decoder the bytes that come next, together with what it wanted to see again.
void Stream::run(Direction d, Bytes bytes) {
  Way& way = this->way(d);
  if (way.isOutOfStep) {
    if (!decoder_->mayBegin(d, bytes)) return;
    way.isOutOfStep = false;
  }
  while (state_ == State::Decoding && !way.isOutOfStep) {
    if (way.skip != 0) {
      const std::size_t passed = std::min<std::uint64_t>(way.skip, way.kept.size());
      drop(d, passed);
      if (way.skip == Taken::kAll) return;
      way.skip -= passed;
      const std::size_t count = std::min<std::uint64_t>(way.skip, bytes.size());
      bytes = bytes.subspan(count);
      way.skip -= count;
      if (way.skip != 0) return;
    }
    Bytes shown = bytes;
    const bool isKept = !way.kept.empty() || bytes.size() < way.wants;
    if (isKept) {
      const std::size_t lacks = way.wants > way.kept.size() ? way.wants - way.kept.size() : kChunk;
      const std::size_t count = std::min(lacks, bytes.size());
      keep(d, bytes.first(count));
      bytes = bytes.subspan(count);
      if (isOver() || way.kept.size() < way.wants) return;
      shown = way.kept;
    }
    endsMessage = packetEndsMessage_ && (!isKept || bytes.empty());
    const bool isAtLimit = way.wants >= limit() && shown.size() >= limit();
    const Taken taken = show(d, upTo(shown, limit()), isAtLimit ? Cut::Limit : Cut::No);
    if (isKept) {
      drop(d, taken.consumed);
    } else {
      bytes = bytes.subspan(std::min(taken.consumed, bytes.size()));
    }
    if (!goesOn(d, taken, bytes)) return;
    if (taken.consumed == 0 && taken.skip == 0) {
      if (isAtLimit) return stop(Outcome::Unknown);
      way.wants = std::min(std::max(taken.wants, shown.size() + 1), limit());
      if (!isKept && shown.size() < limit()) return keep(d, bytes);
      if (bytes.empty() && way.kept.size() < limit()) return;
      continue;
    }
    way.wants = 0;
    way.skip = taken.skip;
    if (bytes.empty() && way.kept.empty() && way.skip == 0) return;
  }
}

Taken Stream::show(Direction d, Bytes bytes, Cut reason) {
  cut = reason;
  if (reason == Cut::Limit) ++around_.totals.cutMessages;
  Taken taken = decoder_->take(d, bytes, *this);
  taken.consumed = std::min(taken.consumed, bytes.size());
  cut = Cut::No;
  return taken;
}

/// Whether this way goes on after what the decoder has decided. `rest` was not consumed.
bool Stream::goesOn(Direction d, const Taken& taken, Bytes rest) {
  switch (taken.then) {
    case Taken::Then::GoOn:
      return true;
    case Taken::Then::Resync:
      loseStep(d);
      return false;
    case Taken::Then::GiveUp:
      stop(Outcome::Unknown);
      return false;
    case Taken::Then::Turn:
      turn(d, rest);
      return false;
  }
  return false;
}

/// Bytes that the capture does not have.
void Stream::lack(Direction d, std::uint64_t count) {
  Way& way = this->way(d);
  if (state_ == State::Recognising) {
    waiting_.doubt(d);
    for (const Direction which : {Direction::ToServer, Direction::ToClient}) {
      drop(which, this->way(which).kept.size());
    }
    facts_.isFromStart = false;
    wasInterrupted_ = true;
    return;
  }
  while (state_ == State::Decoding && !way.isOutOfStep && way.skip != Taken::kAll) {
    const bool wasSkipping = way.skip != 0;
    const std::uint64_t passed = std::min(way.skip, count);
    way.skip -= passed;
    count -= passed;
    if (way.skip != 0) return;
    if (wasSkipping) {
      run(d, {});
      if (way.skip != 0) continue;
    }
    if (count == 0) return;
    if (way.kept.empty() || state_ != State::Decoding) break;
    const Taken taken = show(d, way.kept, Cut::Gap);
    drop(d, taken.consumed);
    if (!goesOn(d, taken, {})) return;
    way.wants = 0;
    way.skip = taken.skip;
    if (taken.consumed == 0 && taken.skip == 0) break;
  }
  if (state_ == State::Decoding && count != 0 && way.skip != Taken::kAll) loseStep(d);
}

void Stream::loseStep(Direction d) {
  Way& way = this->way(d);
  drop(d, way.kept.size());
  way.skip = 0;
  way.wants = 0;
  way.isOutOfStep = true;
  wasInterrupted_ = true;
  waiting_.doubt(d);
  decoder_->lost(d, *this);
}

/// Another protocol begins, with what is left of both ways.
void Stream::turn(Direction d, Bytes rest) {
  std::vector<std::byte> left(way(d).kept);
  left.insert(left.end(), rest.begin(), rest.end());
  drop(d, way(d).kept.size());
  waiting_.settleForTurn(Outcome::Unknown);
  const bool isInStep =
      !way(Direction::ToServer).isOutOfStep && !way(Direction::ToClient).isOutOfStep;
  for (Way& each : ways_) {
    each.isOutOfStep = false;
    each.skip = 0;
    each.wants = 0;
  }
  decoder_.reset();
  facts_.isFromStart = isInStep;
  facts_.service = {};
  if (++turns_ > kMostTurns) return stop(Outcome::Unknown);
  state_ = State::Recognising;
  if (!left.empty()) recognise(d, left);
}

void Stream::endWay(Direction d, std::int64_t when, FrameNumber number) {
  Way& way = this->way(d);
  timeNs = when;
  packet = number;
  if (std::exchange(way.hasEnded, true)) return;
  while (state_ == State::Decoding && !way.isOutOfStep && way.skip != Taken::kAll) {
    missing = std::exchange(way.skip, 0);
    const Taken taken = show(d, way.kept, Cut::End);
    missing = 0;
    drop(d, taken.consumed);
    if (!goesOn(d, taken, {})) return;
    if (taken.consumed == 0 || way.kept.empty()) break;
  }
}

void Stream::end(bool isCut) {
  if (isOver()) return;
  if (!isCut) {
    for (const Direction d : {Direction::ToServer, Direction::ToClient}) endWay(d, timeNs, packet);
    if (decoder_) decoder_->ended(*this);
  }
  stop(Outcome::Unanswered);
}

/// No more is decoded.
void Stream::stop(Outcome outcome) {
  waiting_.settleAll(outcome);
  for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
    drop(d, way(d).kept.size());
    way(d).kept.shrink_to_fit();
  }
  state_ = State::Over;
}

void Stream::keep(Direction d, Bytes bytes) {
  Way& way = this->way(d);
  if (around_.buffered + bytes.size() > around_.limits.allBytes) {
    ++around_.totals.droppedStreams;
    return stop(Outcome::Unknown);
  }
  way.kept.insert(way.kept.end(), bytes.begin(), bytes.end());
  around_.buffered += bytes.size();
}

void Stream::drop(Direction d, std::size_t count) {
  Way& way = this->way(d);
  way.kept.erase(way.kept.begin(), way.kept.begin() + static_cast<std::ptrdiff_t>(count));
  around_.buffered -= count;
}

Message Stream::message(std::string_view protocol, Direction direction, std::string call) {
  Message made;
  made.timeNs = timeNs;
  made.packet = packet;
  made.connection = facts_.id;
  made.client = facts_.client;
  made.server = facts_.server;
  made.direction = direction;
  made.isCut = cut == Cut::Gap || cut == Cut::Limit;
  made.protocol = protocol;
  made.call = std::move(call);
  made.details.text("for", facts_.standsFor);
  return made;
}

void Stream::tell(Message told) {
  if (told.outcome == Outcome::Pending) told.outcome = Outcome::OneWay;
  around_.consumer.done(told);
}

void Stream::answer(std::uint64_t key, Outcome outcome, std::string error) {
  Message* const message = waiting_.find(key);
  if (message == nullptr) return;
  message->error = std::move(error);
  if (outcome != Outcome::OneWay) {
    message->replyTimeNs = timeNs;
    message->replyPacket = packet;
  }
  if (cut == Cut::Gap || cut == Cut::Limit) message->isCut = true;
  waiting_.settle(key, outcome);
}

}  // namespace vsdump::payload
