// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>

#include "dissector/names/service_names.h"
#include "dissector/payload/message.h"
#include "dissector/wire/bytes.h"

namespace vsdump::payload {

/// What is known of a connection besides its bytes.
struct StreamFacts {
  ConnectionId id = kNoConnection;
  VirtioType type = VirtioType::Stream;
  Address client{};
  Address server{};
  std::uint32_t source = 0;    ///< of the capture; CIDs of different ones have nothing in common
  bool isFromStart = true;     ///< the first bytes of the connection were captured
  std::string_view service{};  ///< what usually has the server's port; may be empty: a hint
  std::int64_t openedNs = 0;   ///< of its first packet
  std::string standsFor{};     ///< what other connections have said of it; see Announcements
  /// The host's datagrams to a socket of TSI: they name the guest as their sender, and port 0. The
  /// client is the guest's socket all the same, and they go to it.
  bool isOfTsisHost = false;
};

/// The first bytes of a connection. Where it was not captured from its start, one way has the
/// beginning of a packet and the other nothing.
struct Opening {
  const StreamFacts& facts;
  Bytes toServer{};
  Bytes toClient{};

  Bytes way(Direction d) const { return d == Direction::ToServer ? toServer : toClient; }
};

/// More bytes may change NeedMore and nothing else; the order in which they come may not matter.
enum class Verdict : std::uint8_t { No, NeedMore, Yes };

/// What a decoder did with the bytes that it was shown.
struct Taken {
  enum class Then : std::uint8_t {
    GoOn,
    Resync,  ///< this way is out of step: mayBegin() says where it is in step again
    GiveUp,  ///< this is not the protocol, or nothing more can be said
    Turn,    ///< what follows, both ways, is another protocol
  };

  std::size_t consumed = 0;
  /// How many bytes after those are of no interest; they need not be at hand.
  std::uint64_t skip = 0;
  /// Where nothing was consumed nor skipped: how many bytes must be at hand before it is worth
  /// asking again. 0 where that is not known.
  std::size_t wants = 0;
  Then then = Then::GoOn;

  /// Everything that this way has from here on.
  static constexpr std::uint64_t kAll = UINT64_MAX;

  static Taken some(std::size_t consumed, std::uint64_t skip = 0) {
    return {.consumed = consumed, .skip = skip};
  }
  static Taken nothing(std::size_t wants = 0) { return {.wants = wants}; }
  static Taken all() { return {.skip = kAll}; }
  static Taken resync() { return {.then = Then::Resync}; }
  static Taken giveUp() { return {.then = Then::GiveUp}; }
  static Taken turn(std::size_t consumed) { return {.consumed = consumed, .then = Then::Turn}; }
};

/// Why no byte will follow those at hand directly.
enum class Cut : std::uint8_t {
  No,     ///< more can come
  Gap,    ///< the capture lacks bytes here
  Limit,  ///< no more are kept
  End,    ///< the sender has ended its side
};

/// What decoders of one protocol share between connections; see Context::shared().
class Shared {
 public:
  virtual ~Shared() = default;
};

/// What a decoder is given with bytes, and where it puts what it finds.
class Context {
 public:
  virtual ~Context() = default;

  Cut cut = Cut::No;
  /// With Cut::End: how many of the bytes that were to be skipped never came.
  std::uint64_t missing = 0;
  bool endsMessage = false;  ///< a DGRAM, or the end of a SEQPACKET message, ends with these bytes
  std::int64_t timeNs = 0;   ///< of the packet
  FrameNumber packet{};

  virtual const StreamFacts& facts() const = 0;
  /// Whether messages may say what is secret.
  virtual bool showsSecrets() const = 0;
  /// How many bytes of one message are kept at most.
  virtual std::size_t limit() const = 0;
  /// How many bytes have gone one way, those that were skipped or not captured included.
  virtual std::uint64_t carried(Direction d) const = 0;

  /// A message that is complete with the packet at hand.
  virtual Message message(std::string_view protocol, Direction direction, std::string call) = 0;
  /// Gives a message away to which nothing replies. Its outcome is OneWay unless it has one.
  virtual void tell(Message message) = 0;
  /// Gives a request away. `key` is what the reply is known by; one that is in use loses its
  /// request.
  virtual void ask(std::uint64_t key, Message request) = 0;
  /// The request that waits under a key, to be added to; nullptr without one. **Lifetime** until
  /// the next call.
  virtual Message* asked(std::uint64_t key) = 0;
  /// The reply is complete with the packet at hand. Nothing happens where none waits.
  virtual void answer(std::uint64_t key, Outcome outcome, std::string error) = 0;
  /// Where the decoder turns: what follows answers the request, under another key.
  virtual void handOver(std::uint64_t key, std::uint64_t nextKey) = 0;
  /// None of the replies of those that wait can be told any more.
  virtual void forget() = 0;

  /// What decoders share: T is a Shared that is made by its default constructor.
  template <typename T>
  T& shared() {
    std::unique_ptr<Shared>& place = sharedPlace(typeid(T));
    if (!place) place = std::make_unique<T>();
    return static_cast<T&>(*place);
  }

 protected:
  virtual std::unique_ptr<Shared>& sharedPlace(std::type_index type) = 0;
};

/// Decodes one connection's payload.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Shown all bytes of one way that were not consumed or skipped, from a place that the decoder
  /// itself has chosen. Asked again until it consumes and skips nothing; also with no bytes, after
  /// what it skipped has passed, and once at the end of a way (Cut::End). With a cut, bytes at hand
  /// are all that will be: what is known of the message's length should be skipped.
  virtual Taken take(Direction d, Bytes bytes, Context& context) = 0;

  /// Bytes of this way are missing: what was begun is lost.
  virtual void lost(Direction, Context&) {}
  /// Whether a message can begin with these first bytes of a packet; asked after a gap.
  virtual bool mayBegin(Direction, Bytes) const { return false; }
  /// The connection is over.
  virtual void ended(Context&) {}
};

/// A payload protocol: the registry has a row for each.
struct Protocol {
  std::string_view name;
  std::string_view description;
  Verdict (*recognise)(const Opening&);
  std::unique_ptr<Decoder> (*make)(const StreamFacts&);
  std::string_view alsoName{};  ///< what some of its messages are of, if not of `name`
  bool mayTurn = false;         ///< another protocol may follow it
};

}  // namespace vsdump::payload
