// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vsdump::filter {

/// What a filter can ask of a record as a number.
enum class Field : std::uint8_t {
  Len,
  Caplen,
  SrcCid,
  DstCid,
  SrcPort,
  DstPort,
  MonitorOp,
  Transport,
  TransportLen,
  PayloadLen,
  Type,
  Op,
  Flags,
  BufAlloc,
  FwdCnt,
};

/// Which part of a record holds a field, and so which records have it at all.
enum class FieldHome : std::uint8_t {
  Record,   ///< no bytes: what the capture says about the record
  Monitor,  ///< the vsockmon header: every record has it
  Virtio,   ///< the virtio header: records of the virtio transport with a whole header have it
};

/// Where a field is. The bytes of all of them have the least significant one first.
/// **Source** linux include/uapi/linux/{vsockmon,virtio_vsock}.h
struct FieldRow {
  Field field;
  FieldHome home;
  std::uint8_t offset;     ///< from the record's first byte
  std::uint8_t sizeBytes;  ///< 2, 4 or 8
  std::string_view word;   ///< in relations; empty where a primitive has taken the word
};

/// A row for each field, in the order of the enumeration.
inline constexpr std::array kFieldTable = {
    FieldRow{Field::Len, FieldHome::Record, 0, 0, "len"},
    FieldRow{Field::Caplen, FieldHome::Record, 0, 0, "caplen"},
    FieldRow{Field::SrcCid, FieldHome::Monitor, 0, 8, "src_cid"},
    FieldRow{Field::DstCid, FieldHome::Monitor, 8, 8, "dst_cid"},
    FieldRow{Field::SrcPort, FieldHome::Monitor, 16, 4, "src_port"},
    FieldRow{Field::DstPort, FieldHome::Monitor, 20, 4, "dst_port"},
    FieldRow{Field::MonitorOp, FieldHome::Monitor, 24, 2, ""},
    FieldRow{Field::Transport, FieldHome::Monitor, 26, 2, ""},
    FieldRow{Field::TransportLen, FieldHome::Monitor, 28, 2, ""},
    FieldRow{Field::PayloadLen, FieldHome::Virtio, 56, 4, "payload_len"},
    FieldRow{Field::Type, FieldHome::Virtio, 60, 2, ""},
    FieldRow{Field::Op, FieldHome::Virtio, 62, 2, ""},
    FieldRow{Field::Flags, FieldHome::Virtio, 64, 4, "flags"},
    FieldRow{Field::BufAlloc, FieldHome::Virtio, 68, 4, "buf_alloc"},
    FieldRow{Field::FwdCnt, FieldHome::Virtio, 72, 4, "fwd_cnt"},
};

constexpr const FieldRow& rowOf(Field field) {
  return kFieldTable[static_cast<std::size_t>(field)];
}

/// The field that relations call so, or nullptr.
const FieldRow* findField(std::string_view word);

}  // namespace vsdump::filter
