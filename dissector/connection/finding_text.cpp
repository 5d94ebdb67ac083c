// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/finding_text.h"

#include <algorithm>

#include "dissector/connection/credit.h"
#include "dissector/names/cid_names.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

std::string cidText(Cid cid, bool numeric) {
  const std::string_view name = numeric ? std::string_view{} : cidName(cid);
  return name.empty() ? std::to_string(raw(cid)) : std::string(name);
}

/// The words that messages are made of.
struct Words {
  explicit Words(const Finding& f)
      : client(endText(f.client, false)),
        server(endText(f.server, false)),
        sender(f.direction == Direction::ToServer ? client : server),
        receiver(f.direction == Direction::ToServer ? server : client) {}

  std::string client;
  std::string server;
  std::string sender;
  std::string receiver;
};

/// What two taps with clocks apart look like: their records cannot be told from packets that were
/// sent twice. Short, as Wireshark cuts a message after 240 characters.
constexpr std::string_view kMerged =
    " Or captures were merged whose clocks are more than 5 ms apart.";

std::string refusalText(const Finding& f, const Words& w) {
  const std::string start =
      w.server + " answered the REQUEST with RST after " + durationText(f.values[0]) + ". ";
  const std::string where = "On that side: ss --vsock -ln";
  switch (f.detail) {
    case FindingDetail::PortWasOpen:
      return start + "Connections of this type were accepted there before, so most likely the " +
             "listener's queue was full or it has gone. " + where;
    case FindingDetail::OtherTypeWasOpen:
      return start +
             "The port was open for the other socket type (STREAM or SEQPACKET), which is " +
             "the likely reason. " + where;
    default:
      return start +
             "Nobody listens there, the listener is of the other socket type, or its queue " +
             "is full: the packets cannot tell which. " + where;
  }
}

std::string unansweredText(const Finding& f, const Words& w) {
  if (f.detail == FindingDetail::AnsweredTooLate) {
    return w.server + " answered after " + durationText(f.values[0]) +
           ", when the client had given up (connect() waits 2 s unless told otherwise). See what "
           "kept the server's side busy, or raise SO_VM_SOCKETS_CONNECT_TIMEOUT.";
  }
  std::string text = f.code == FindingCode::ConnectPending
                         ? "The capture ends " + durationText(f.values[0]) +
                               " after the REQUEST, without an answer. "
                         : w.server + " did not answer the REQUEST. ";
  if (f.code == FindingCode::ConnectUnanswered && f.values[1] > 1) {
    text += "This is attempt " + grouped(f.values[1]) + " in a row. ";
  }
  if (f.detail == FindingDetail::SiblingGuest) {
    return text +
           "Both ends are guests: vhost drops packets between them, so let the host relay them. "
           "(A Nitro enclave and its parent may talk: there the other side may not be up.)";
  }
  if (f.code == FindingCode::ConnectPending) {
    return text + "connect() waits 2 s: capture a little longer to see whether it comes.";
  }
  return text +
         "The guest may not be up yet, may have another CID, or has no vsock driver. "
         "connect() gives up after 2 s; try again once the guest is up.";
}

std::string waitText(const Finding& f, const Words& w) {
  const std::string lasted = durationText(f.values[0]);
  const std::string window = counted(f.values[1], "byte");
  switch (f.code) {
    case FindingCode::PossiblyBlocked:
      return w.sender + " had as much on its way as its own buffer holds for " + lasted +
             " although " + w.receiver + " has room for " + window +
             ". Newer Linux kernels send no more than their own buffer size: raise "
             "SO_VM_SOCKETS_BUFFER_SIZE on the sending side too.";
    case FindingCode::CreditExhausted:
      return w.sender + " used up the " + window + " that " + w.receiver +
             " has room for; nothing shows that it wanted to send more.";
    case FindingCode::CreditStall: {
      std::string text =
          w.sender + " had no credit for " + lasted + ": the reader fell " + window + " behind. ";
      if (f.endedBy == EndedBy::CreditUpdate) {
        return text + w.receiver + " freed space with CREDIT_UPDATE, so it is slow, not stuck.";
      }
      return text + "Credit came with a packet of " + w.receiver +
             " that it sent for another reason; no CREDIT_UPDATE was needed.";
    }
    default:
      break;
  }
  std::string text = w.sender + " used up the " + window + " that " + w.receiver + " has room for";
  text += f.endedBy == EndedBy::Reset      ? ", and got no credit until the connection was reset"
          : f.endedBy == EndedBy::Shutdown ? ", and got no credit until the peer closed"
                                           : ", and got no credit until the capture ended";
  text += " (" + lasted + "). " + counted(f.values[2], "byte") + " were not read, as far as told. ";
  const std::uint64_t untold =
      f.values[1] > kLinuxTellsBelowBytes ? f.values[1] - kLinuxTellsBelowBytes : 0;
  if (f.values[2] < f.values[1]) {
    text += "The reader had read " + counted(f.values[1] - f.values[2], "byte") +
            " without saying so in time: it is slow, and Linux tells only below its threshold. ";
  } else if (untold != 0) {
    text += "Linux says nothing before " + counted(untold, "byte") +
            " are read or the queue is empty, so the reader may be slow as well as stuck. ";
  } else {
    text += "The reader reads nothing. ";
  }
  return text + "Look at what the receiving program waits for.";
}

std::string resetText(const Finding& f, const Words& w) {
  if (f.detail == FindingDetail::GaveUp) {
    return w.sender +
           " had closed its socket before the answer came: a probe, or a connect() that was not "
           "waited for. See how long that program waits.";
  }
  std::string text = w.sender + " reset the connection without SHUTDOWN";
  text += f.code == FindingCode::ResetMidStream
              ? " while up to " + counted(f.values[0], "byte") + " were not read. They are lost. "
              : "; nothing was on its way as far as told. ";
  switch (f.detail) {
    case FindingDetail::AfterViolation:
      return text + "It does so because the other side did not keep to its credit.";
    case FindingDetail::NoSocket:
      return text +
             "Its RST speaks for no socket: that side knows nothing of the connection any more, as "
             "after a restart or a restored snapshot, or a device gave up. Open a new connection.";
    default:
      return text +
             "See why that side ended: closing sends SHUTDOWN, even of a killed program. A "
             "device that gives up or a time limit of its kernel sends RST.";
  }
}

std::string closeText(const Finding& f, const Words& w) {
  switch (f.code) {
    case FindingCode::CloseLeftDataUnread:
      return w.sender + " closed; " + w.receiver + " neither read what was left" +
             (f.values[0] != 0 ? " (up to " + counted(f.values[0], "byte") + ")" : std::string()) +
             " nor closed, and after " + durationText(f.values[1]) +
             " the kernel gave up with RST. Read to the end before closing.";
    case FindingCode::HalfCloseTurnedFull:
      if (f.detail == FindingDetail::DataToClosedPeer) {
        return w.receiver + " had shut both directions while " + w.sender +
               " was still sending; what comes after that is lost. To wait for the answer, shut "
               "down "
               "the sending side only (SHUT_WR).";
      }
      return w.sender +
             " answered the end of one direction with RST while the other was still "
             "open; what was to come there is lost. A device or proxy that takes a half "
             "close for a full one does this.";
    default:
      break;
  }
  if (f.detail == FindingDetail::AfterReceiveClosed) {
    return w.sender + " sent payload although " + w.receiver + " had shut its receiving side.";
  }
  return w.sender + " sent payload after its own SHUTDOWN of sending, against the protocol.";
}

}  // namespace

std::string endText(const Address& address, bool numeric) {
  return cidText(address.cid, numeric) + ':' + std::to_string(raw(address.port));
}

std::string messageOf(const Finding& f) {
  const Words w(f);
  const auto& v = f.values;
  switch (f.code) {
    case FindingCode::ConnectRefused:
      return refusalText(f, w);
    case FindingCode::ConnectUnanswered:
    case FindingCode::ConnectPending:
      return unansweredText(f, w);
    case FindingCode::CreditStuck:
    case FindingCode::CreditStall:
    case FindingCode::CreditExhausted:
    case FindingCode::PossiblyBlocked:
      return waitText(f, w);
    case FindingCode::ResetMidStream:
    case FindingCode::ResetWithoutShutdown:
      return resetText(f, w);
    case FindingCode::CloseLeftDataUnread:
    case FindingCode::HalfCloseTurnedFull:
    case FindingCode::DataAfterShutdown:
      return closeText(f, w);
    case FindingCode::CreditViolation:
      return w.sender + " sent " + counted(v[0], "byte") + " more than the " +
             counted(v[1], "byte") + " that " + w.receiver +
             " has room for. Linux answers with RST; the sender's credit accounting is wrong.";
    case FindingCode::StalePeer:
      return w.sender + " went on with a connection that " + w.receiver +
             " does not know, as after a restart, a restored snapshot or a connect() that timed "
             "out. "
             "Open a new connection.";
    case FindingCode::CreditRequestUnanswered:
      return w.sender + " asked for credit with CREDIT_REQUEST and heard nothing from " +
             w.receiver + " for 1 s. It should answer at once with CREDIT_UPDATE.";
    case FindingCode::SlowReader:
      return w.sender + " waited for credit " + counted(v[2], "time") + ", " + durationText(v[0]) +
             " of " + durationText(v[1]) + ". The reading program at " + w.receiver +
             " is the bottleneck.";
    case FindingCode::WindowTooSmall:
      return w.receiver + " has room for " + counted(v[0], "byte") + " and frees it about every " +
             durationText(v[1]) + ", so no more than " +
             sizeText(v[0] * 1'000'000'000 / std::max<std::uint64_t>(v[1], 1)) +
             "/s can pass. Raise SO_VM_SOCKETS_BUFFER_SIZE there.";
    case FindingCode::LeakedConnections:
      return counted(v[0], "connection") + " to " + w.server + " of " + grouped(v[1]) +
             " opened are open and unused for 10 s or more. A side forgets to close: compare ss "
             "--vsock on both.";
    case FindingCode::CaptureLoss:
      if (f.detail == FindingDetail::ResponseMissing) {
        return "Traffic went on after the REQUEST, but the capture lacks the RESPONSE. Capture "
               "with "
               "a larger buffer (-B).";
      }
      return w.receiver + " has consumed " + counted(v[0], "byte") + " of " + w.sender +
             " that the capture lacks. Capture with a larger buffer (-B); credit is unknown from "
             "here.";
    case FindingCode::LateStart:
      return w.server + " answered " + durationText(v[2]) + " after the first of " +
             counted(v[0], "failed attempt") + " (" + grouped(v[1]) +
             " refused): so long it took to start, or to accept.";
    case FindingCode::TinyPackets:
      return w.sender + " sent " + counted(v[1], "byte") + " in " + counted(v[0], "packet") +
             ", less in each than the 44 bytes of its header. Collect more before sending.";
    case FindingCode::IdleConnection:
      return (f.detail == FindingDetail::NeverUsed ? "Not a byte was sent since it was opened"
                                                   : "Nothing was sent") +
             std::string(f.detail == FindingDetail::NeverUsed ? ", " : " for ") +
             durationText(v[0]) +
             (f.detail == FindingDetail::NeverUsed ? " ago. A probe that is never closed can block "
                                                     "a server that serves one at a time."
                                                   : ".");
    case FindingCode::TimeSteppedBack:
      if (v[0] < 1'000'000) {
        return "A packet is " + durationText(v[0]) +
               " older than the one before, as records made by two processors can be.";
      }
      return "A packet is " + durationText(v[0]) +
             " older than the one before: the clock was set, or captures were joined unsorted.";
    case FindingCode::ReusedWithoutClose:
      return "The next connection uses the same addresses, and the end of this one was not seen: a "
             "guest that restarts or is restored drops its connections without a packet." +
             std::string(kMerged);
    case FindingCode::ConnectionsEvicted:
      return "More than " + counted(v[0], "connection") +
             " were open at once; those idle for longest are no longer followed.";
    case FindingCode::CidCollision:
      return w.sender +
             " behaves as if two machines had its address: its counters go back again "
             "and again, or it answers twice. Give each virtual machine a CID of its own." +
             std::string(kMerged);
    case FindingCode::WrongDirectionCid:
      return w.client + " and " + w.server +
             " cannot talk: a guest reaches the host as CID 2, the host a guest by the CID that it "
             "was given, loopback is CID 1, and CIDs have 32 bits.";
    case FindingCode::DuplicatePackets:
      return "The capture holds packets twice; the second records are not counted. Capture on one "
             "device, or give captures of two machines as files of their own.";
    default:
      return std::string(describe(f.code).sentence);
  }
}

}  // namespace vsdump
