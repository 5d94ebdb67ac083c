// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/fields.h"

#include <array>
#include <span>
#include <vector>

#include "dissector/connection/connection.h"
#include "dissector/names/protocol_names.h"
#include "wireshark-plugin/capture_state.h"
#include "wireshark-plugin/field_row.h"

namespace vsdump {

Fields fields;
Subtrees subtrees;

namespace {

// Wireshark keeps pointers to all of these for as long as it runs.
std::vector<value_string> monitorOps;
std::vector<value_string> transports;
std::vector<value_string> ops;
std::vector<value_string> types;
std::vector<value_string> states;

/// Our table in Wireshark's form. The names are literals, so each ends with a zero byte.
std::vector<value_string> valueStrings(std::span<const FieldName> names) {
  std::vector<value_string> result;
  for (const FieldName& name : names) {
    result.push_back({static_cast<guint32>(name.value), name.name.data()});
  }
  result.push_back({0, nullptr});
  return result;
}

std::vector<value_string> stateStrings() {
  std::vector<value_string> result;
  for (auto state = ConnectionState::Requested; state <= ConnectionState::Lost;
       state = ConnectionState{static_cast<std::uint8_t>(static_cast<unsigned>(state) + 1)}) {
    result.push_back({static_cast<guint32>(state), stateWord(state).data()});
  }
  result.push_back({0, nullptr});
  return result;
}

constexpr value_string kDirections[] = {
    {static_cast<guint32>(Direction::ToServer), "to server"},
    {static_cast<guint32>(Direction::ToClient), "to client"},
    {0, nullptr},
};

constexpr value_string kResetCauses[] = {
    {static_cast<guint32>(ResetCause::Refused), "refuses the REQUEST"},
    {static_cast<guint32>(ResetCause::GaveUp), "withdraws the REQUEST"},
    {static_cast<guint32>(ResetCause::Closed), "answers SHUTDOWN"},
    {static_cast<guint32>(ResetCause::Waited), "comes because SHUTDOWN was not answered"},
    {static_cast<guint32>(ResetCause::Broken), "ends the connection without SHUTDOWN of both ways"},
    {static_cast<guint32>(ResetCause::Late), "comes after the end"},
    {0, nullptr},
};

}  // namespace

void registerFields(int protocol) {
  monitorOps = valueStrings(monitorOpNames());
  transports = valueStrings(transportNames());
  ops = valueStrings(virtioOpNames());
  types = valueStrings(virtioTypeNames());
  states = stateStrings();
  Fields& f = fields;
  static std::array rows = {
      row(f.src, "Sender", "vsockmon.src", FT_STRING, BASE_NONE, nullptr,
          "CID.port as the connection's other packets have it: loopback shows CID 1 for any"),
      row(f.dst, "Receiver", "vsockmon.dst", FT_STRING, BASE_NONE),
      row(f.end, "Sender or receiver", "vsockmon.end", FT_STRING, BASE_NONE),
      row(f.srcCid, "Source CID", "vsockmon.src_cid", FT_UINT64, BASE_DEC),
      row(f.dstCid, "Destination CID", "vsockmon.dst_cid", FT_UINT64, BASE_DEC),
      row(f.srcPort, "Source port", "vsockmon.src_port", FT_UINT32, BASE_DEC),
      row(f.dstPort, "Destination port", "vsockmon.dst_port", FT_UINT32, BASE_DEC),
      row(f.port, "Source or destination port", "vsockmon.port", FT_UINT32, BASE_DEC),
      row(f.service, "Service by its port", "vsockmon.service", FT_STRING, BASE_NONE, nullptr,
          "What usually listens on the server's port"),
      row(f.monitorOp, "Kernel's operation", "vsockmon.op", FT_UINT16, BASE_DEC, monitorOps.data()),
      row(f.transport, "Transport", "vsockmon.transport", FT_UINT16, BASE_DEC, transports.data()),
      row(f.op, "Operation", "vsockmon.virtio.op", FT_UINT16, BASE_DEC, ops.data()),
      row(f.type, "Socket type", "vsockmon.virtio.type", FT_UINT16, BASE_DEC, types.data()),
      row(f.flags, "Flags", "vsockmon.virtio.flags", FT_UINT32, BASE_HEX),
      row(f.flagReceive, "RCV", "vsockmon.virtio.flags.rcv", FT_BOOLEAN, 32, nullptr,
          "The sender receives no more", kShutdownReceive),
      row(f.flagSend, "SEND", "vsockmon.virtio.flags.send", FT_BOOLEAN, 32, nullptr,
          "The sender sends no more", kShutdownSend),
      row(f.flagEndOfMessage, "EOM", "vsockmon.virtio.flags.eom", FT_BOOLEAN, 32, nullptr,
          "The message ends with this packet", kSeqpacketEndOfMessage),
      row(f.flagEndOfRecord, "EOR", "vsockmon.virtio.flags.eor", FT_BOOLEAN, 32, nullptr,
          "The sender marked the message with MSG_EOR", kSeqpacketEndOfRecord),
      row(f.len, "Payload bytes announced", "vsockmon.virtio.len", FT_UINT32, BASE_DEC),
      row(f.bufAlloc, "Receive buffer of the sender", "vsockmon.virtio.buf_alloc", FT_UINT32,
          BASE_DEC),
      row(f.fwdCnt, "Bytes that the sender has consumed", "vsockmon.virtio.fwd_cnt", FT_UINT32,
          BASE_DEC),
      row(f.payloadLength, "Payload length", "vsockmon.payload_length", FT_UINT32, BASE_DEC,
          nullptr, "Without what the kernel's tap adds to split packets"),
      row(f.payload, "Payload", "vsockmon.payload", FT_BYTES, BASE_NONE),
      row(f.stream, "Connection", "vsockmon.stream", FT_UINT32, BASE_DEC, nullptr,
          "Number of the connection, as vsdump counts"),
      row(f.direction, "Direction", "vsockmon.direction", FT_UINT8, BASE_DEC, kDirections),
      row(f.state, "State after this packet", "vsockmon.state", FT_UINT8, BASE_DEC, states.data()),
      row(f.position, "Position in the stream", "vsockmon.position", FT_UINT64, BASE_DEC, nullptr,
          "Payload bytes that went this way before"),
      row(f.nextPosition, "Next position", "vsockmon.next_position", FT_UINT64, BASE_DEC),
      row(f.credit, "Credit left", "vsockmon.credit", FT_UINT32, BASE_DEC, nullptr,
          "Bytes that the sender may still send after this packet"),
      row(f.window, "Window", "vsockmon.window", FT_UINT32, BASE_DEC, nullptr,
          "The receive buffer that the credit is a part of"),
      row(f.possiblyBlocked, "Possibly blocked", "vsockmon.possibly_blocked", FT_BOOLEAN, BASE_NONE,
          nullptr, "A sender that keeps to its own buffer's size may send nothing now"),
      row(f.duplicate, "Duplicate", "vsockmon.duplicate", FT_BOOLEAN, BASE_NONE, nullptr,
          "A second record of the same packet"),
      row(f.sincePrevious, "Time since previous packet", "vsockmon.time_delta", FT_RELATIVE_TIME,
          BASE_NONE, nullptr, "In this connection"),
      row(f.previousIn, "Previous packet", "vsockmon.previous_in", FT_FRAMENUM, BASE_NONE),
      row(f.handshake, "Handshake", "vsockmon.handshake", FT_RELATIVE_TIME, BASE_NONE, nullptr,
          "From REQUEST to RESPONSE"),
      row(f.requestIn, "Request in", "vsockmon.request_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_REQUEST)),
      row(f.responseIn, "Answer in", "vsockmon.response_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE)),
      row(f.endIn, "Connection ends in", "vsockmon.end_in", FT_FRAMENUM, BASE_NONE),
      row(f.resetCause, "This RST", "vsockmon.rst.cause", FT_UINT8, BASE_DEC, kResetCauses),
      row(f.causeIn, "Caused by", "vsockmon.rst.cause_in", FT_FRAMENUM, BASE_NONE),
      row(f.finding, "Finding", "vsockmon.finding", FT_STRING, BASE_NONE, nullptr,
          "The code that vsdump report gives"),
  };
  static std::array<int*, 2> trees = {&subtrees.packet, &subtrees.flags};
  proto_register_field_array(protocol, rows.data(), static_cast<int>(rows.size()));
  proto_register_subtree_array(trees.data(), static_cast<int>(trees.size()));
}

}  // namespace vsdump
