// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/protocol_names.h"

#include <array>

namespace vsdump {

namespace {

constexpr std::array kMonitorOps = {
    FieldName{0, "UNKNOWN", "unknown"},       FieldName{1, "CONNECT", "connect"},
    FieldName{2, "DISCONNECT", "disconnect"}, FieldName{3, "CONTROL", "control"},
    FieldName{4, "PAYLOAD", "payload"},
};

constexpr std::array kTransports = {
    FieldName{0, "UNKNOWN", "unknown"},
    FieldName{1, "NO_INFO", "no_info"},
    FieldName{2, "VIRTIO", "virtio"},
};

constexpr std::array kVirtioTypes = {
    FieldName{1, "STREAM", "stream"},
    FieldName{2, "SEQPACKET", "seqpacket"},
    FieldName{3, "DGRAM", "dgram"},
};

constexpr std::array kVirtioOps = {
    FieldName{0, "INVALID", "invalid"},
    FieldName{1, "REQUEST", "request"},
    FieldName{2, "RESPONSE", "response"},
    FieldName{3, "RST", "rst"},
    FieldName{4, "SHUTDOWN", "shutdown"},
    FieldName{5, "RW", "rw"},
    FieldName{6, "CREDIT_UPDATE", "credit_update"},
    FieldName{7, "CREDIT_REQUEST", "credit_request"},
    FieldName{8, "TSI_REQUEST_EX", "tsi_request_ex"},
    FieldName{9, "TSI_WRAP_LISTEN", "tsi_wrap_listen"},
    FieldName{10, "TSI_WRAP_CLOSE", "tsi_wrap_close"},
    FieldName{11, "TSI_RESPONSE_EX", "tsi_response_ex"},
};

constexpr std::array kShutdownFlags = {
    FieldName{kShutdownReceive, "RCV", "rcv"},
    FieldName{kShutdownSend, "SEND", "send"},
};

constexpr std::array kSeqpacketFlags = {
    FieldName{kSeqpacketEndOfMessage, "EOM", "eom"},
    FieldName{kSeqpacketEndOfRecord, "EOR", "eor"},
};

}  // namespace

std::span<const FieldName> monitorOpNames() {
  return kMonitorOps;
}
std::span<const FieldName> transportNames() {
  return kTransports;
}
std::span<const FieldName> virtioTypeNames() {
  return kVirtioTypes;
}
std::span<const FieldName> virtioOpNames() {
  return kVirtioOps;
}

std::span<const FieldName> flagNames(VirtioType type, VirtioOp op) {
  if (op == VirtioOp::Shutdown) return kShutdownFlags;
  if (op == VirtioOp::Rw && type == VirtioType::Seqpacket) return kSeqpacketFlags;
  return {};
}

const FieldName* find(std::span<const FieldName> names, std::uint64_t value) {
  // Every table counts up without holes, so the row of a value is found by its distance from the
  // first.
  const std::uint64_t index = value - names.front().value;
  if (index >= names.size() || names[index].value != value) return nullptr;
  return &names[index];
}

}  // namespace vsdump
