// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

#include "dissector/payload/decoder.h"
#include "dissector/payload/waiting_requests.h"

namespace vsdump::payload {

struct PayloadLimits {
  std::size_t streamBytes = std::size_t{1} << 20;  ///< kept of one message
  std::size_t allBytes = std::size_t{256} << 20;   ///< kept of all connections at once
  std::size_t openingBytes = std::size_t{2}
                             << 10;            ///< a protocol that needs more to be told is none
  std::size_t waiting = std::size_t{4} << 10;  ///< requests without a reply, a connection
};

/// What could not be decoded for a reason that the user can change.
struct PayloadTotals {
  std::uint64_t cutMessages = 0;     ///< longer than what is kept of one
  std::uint64_t droppedStreams = 0;  ///< given up as all of them together held too much
};

/// What all streams of a capture have in common.
struct Surroundings {
  MessageConsumer& consumer;
  PayloadLimits limits{};
  bool showsSecrets = false;
  PayloadTotals totals{};
  std::size_t buffered = 0;
  std::map<std::type_index, std::unique_ptr<Shared>> shared{};
};

/// A piece of payload, as a packet has brought it.
struct Piece {
  Bytes bytes{};                  ///< at hand
  std::uint64_t offset = 0;       ///< in its way's stream
  std::uint32_t lengthBytes = 0;  ///< what the packet carried, captured or not
  bool endsMessage = false;       ///< of SEQPACKET, or a DGRAM
  std::int64_t timeNs = 0;
  FrameNumber packet{};
};

/// The payload of one connection: put together, recognised, decoded. Bytes are copied only where a
/// message lies in several packets.
class Stream final : public Context {
 public:
  /// `forced` is a protocol that the user has named.
  Stream(const StreamFacts& facts, Surroundings& around, const Protocol* forced);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void take(Direction d, const Piece& piece);
  /// Its sender sends no more this way.
  void endWay(Direction d, std::int64_t timeNs, FrameNumber packet);
  /// The connection is over; with `isCut`, the capture is, and more may have come.
  void end(bool isCut);

  /// Whether nothing more can come of it, so that it can be forgotten.
  bool isOver() const { return state_ == State::Over; }

  /// Whether bytes were missing or out of step: what comes after them is taken up where a packet
  /// begins, so that it matters how packets divide them.
  bool wasInterrupted() const { return wasInterrupted_; }

  /// What it was last recognised to be; nullptr for nothing.
  const Protocol* protocol() const { return protocol_; }

  const StreamFacts& facts() const override { return facts_; }
  bool showsSecrets() const override { return around_.showsSecrets; }
  std::size_t limit() const override { return around_.limits.streamBytes; }
  std::uint64_t carried(Direction d) const override { return ways_[index(d)].next; }
  Message message(std::string_view protocol, Direction direction, std::string call) override;
  void tell(Message message) override;
  void ask(std::uint64_t key, Message request) override { waiting_.add(key, std::move(request)); }
  Message* asked(std::uint64_t key) override { return waiting_.find(key); }
  void handOver(std::uint64_t key, std::uint64_t nextKey) override {
    waiting_.handOver(key, nextKey);
  }
  void answer(std::uint64_t key, Outcome outcome, std::string error) override;
  void forget() override { waiting_.settleAll(Outcome::Unknown); }

 protected:
  std::unique_ptr<Shared>& sharedPlace(std::type_index type) override {
    return around_.shared[type];
  }

 private:
  enum class State : std::uint8_t { Recognising, Decoding, Over };
  struct Way {
    std::vector<std::byte> kept;  ///< of what the decoder was shown and wants to see again
    std::uint64_t next = 0;       ///< the offset that the next byte should have
    std::uint64_t skip = 0;
    std::size_t wants = 0;
    bool isOutOfStep = false;
    bool hasEnded = false;
  };

  void turnRound();
  void hearOf(Direction d);
  void endDatagram(Direction d);
  void beginAnew();
  Way& way(Direction d) { return ways_[index(d)]; }
  void recognise(Direction d, Bytes bytes);
  void decode(const Protocol& protocol);
  void run(Direction d, Bytes bytes);
  Taken show(Direction d, Bytes bytes, Cut cut);
  bool goesOn(Direction d, const Taken& taken, Bytes rest);
  void lack(Direction d, std::uint64_t count);
  void loseStep(Direction d);
  void turn(Direction d, Bytes rest);
  void stop(Outcome outcome);
  void keep(Direction d, Bytes bytes);
  void drop(Direction d, std::size_t count);

  StreamFacts facts_;
  Surroundings& around_;
  const Protocol* protocol_ = nullptr;
  std::unique_ptr<Decoder> decoder_;
  std::array<Way, 2> ways_;
  WaitingRequests waiting_;
  State state_ = State::Recognising;
  bool packetEndsMessage_ = false;
  std::uint8_t turns_ = 0;
  std::uint8_t trials_ = 0;
  bool hasHeard_ = false;
  bool wasInterrupted_ = false;
  bool isUnwanted_ = false;  ///< that it was recognised is enough
};

}  // namespace vsdump::payload
