// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dissector/connection/tracker.h"
#include "dissector/payload/reader.h"
#include "dissector/wire/packet.h"
#include "wireshark-plugin/messages.h"
#include "wireshark-plugin/stream_units.h"

namespace vsdump {

/// Why a RST was sent, as far as the packets before it tell.
enum class ResetCause : std::uint8_t {
  None,     ///< the packet is no RST
  Refused,  ///< it answers a REQUEST
  GaveUp,   ///< the client withdraws its REQUEST
  Closed,   ///< it answers SHUTDOWN
  Waited,   ///< its sender's SHUTDOWN was not answered
  Broken,   ///< nothing had announced the end
  Late,     ///< the connection was over already
};

/// What is kept of a packet, so that it can be shown again at any time.
struct FrameFacts {
  Observation seen{};
  std::int64_t sincePreviousNs = 0;  ///< since the packet before in its connection
  std::uint32_t previousFrame = 0;   ///< that packet; 0 for a connection's first
  std::uint32_t causeFrame = 0;      ///< of a RST: the packet that it answers, or 0
  ConnectionState state = ConnectionState::Requested;  ///< after this packet
  ResetCause cause = ResetCause::None;
  bool isSeen = false;  ///< the frame is a packet of ours
  /// What its connection was known to carry by then: an index into payload::protocols().
  std::uint8_t protocol = kNoProtocol;

  static constexpr std::uint8_t kNoProtocol = 0xFF;
};

/// What is kept of a connection.
struct ConnectionFacts {
  Address client{};
  Address server{};  ///< as the client calls it
  std::int64_t startNs = 0;
  std::int64_t lastNs = 0;
  std::int64_t handshakeNs = 0;
  std::uint32_t firstFrame = 0;
  std::uint32_t lastFrame = 0;
  std::uint32_t openFrame = 0;  ///< of the RESPONSE to a REQUEST; 0 while there is none
  std::uint32_t endFrame = 0;   ///< the packet after which it was over
  VirtioType type{};
  ConnectionState state = ConnectionState::Requested;
};

/// All that is known about the packets of the capture file that is open. Each packet goes through
/// the tracker once, in the order of the file; whoever asks again gets the same facts.
///
/// Findings that their newest packet brings are known as soon as that packet is. Others come up
/// later: a REQUEST was not answered in time, credit never came back. They belong to their newest
/// packet, too, and are told to those who ask for it afterwards.
class CaptureState final : public ConnectionConsumer {
 public:
  explicit CaptureState(payload::DecodeAs decodeAs)
      : tracker_(*this), reader_(messages_, std::move(decodeAs)) {}

  /// The facts of a packet, observed now if it is new. Frames come in the order of their numbers
  /// at first. nullptr for a frame that was passed over in that pass.
  /// **Lifetime** until a new frame is observed.
  const FrameFacts* factsOf(const Frame& frame, const Packet& packet);

  /// The facts of a frame that was observed before, or nullptr.
  const FrameFacts* knownFacts(std::uint32_t frame) const;

  /// **Lifetime** until a new frame is observed; nullptr for kNoConnection.
  const ConnectionFacts* connection(ConnectionId id) const;

  /// The findings that belong to a frame, in the order in which they were found: numbers for
  /// finding(). **Lifetime** until a new frame is observed.
  std::span<const std::uint32_t> findingsOf(std::uint32_t frame) const;
  const Finding& finding(std::uint32_t number) const { return findings_[number]; }

  const KeptMessages& messages() const { return messages_; }
  /// What dissectors of payload are given.
  StreamUnits& units() { return units_; }

  /// The capture is complete: raises what only its end shows.
  void finish();

  void found(const Finding& finding) override;
  void ended(const Connection& connection) override { reader_.ended(connection.id); }

 private:
  void keep(std::uint32_t frame, FrameFacts& facts, const Packet& packet, std::int64_t timeNs);

  KeptMessages messages_;
  ConnectionTracker tracker_;
  payload::MessageReader reader_;
  StreamUnits units_;
  std::vector<FrameFacts> frames_;  ///< by frame number
  std::vector<ConnectionFacts> connections_;
  std::vector<Finding> findings_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> findingsByFrame_;
  std::uint32_t observing_ = 0;  ///< the frame that the tracker looks at
  bool isFinished_ = false;
};

/// The state of the open capture file, or nullptr: between files, and when memory ran out.
CaptureState* captureState();

/// Begins afresh, for another file or when all packets are dissected anew.
void resetCaptureState(payload::DecodeAs decodeAs);
void dropCaptureState();
/// Calls finish() of the state, if there is one.
void finishCaptureState();

}  // namespace vsdump
