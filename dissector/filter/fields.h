// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
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
std::span<const FieldRow> fieldTable();

inline const FieldRow& rowOf(Field field) {
  return fieldTable()[static_cast<std::size_t>(field)];
}

/// The field that relations call so, or nullptr.
const FieldRow* findField(std::string_view word);

}  // namespace vsdump::filter
