// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dissector/wire/types.h"
#include "dissector/wire/virtio.h"
#include "dissector/wire/vsockmon.h"

namespace vsdump {

/// The names of one value of a protocol field.
struct FieldName {
  std::uint64_t value;
  std::string_view name;  ///< for people: "CREDIT_UPDATE"
  std::string_view word;  ///< for programs (JSON, filters): "credit_update"
};

/// The values that have a name, in the order of their values.
std::span<const FieldName> monitorOpNames();
std::span<const FieldName> transportNames();
std::span<const FieldName> virtioTypeNames();
std::span<const FieldName> virtioOpNames();

/// The bits of the flags field that have a name for packets of this type and op; empty where the
/// field has no meaning.
std::span<const FieldName> flagNames(VirtioType type, VirtioOp op);

/// The row of a value, or nullptr when the value has no name.
const FieldName* find(std::span<const FieldName> names, std::uint64_t value);

inline const FieldName* findName(MonitorOp op) {
  return find(monitorOpNames(), static_cast<std::uint64_t>(op));
}
inline const FieldName* findName(Transport transport) {
  return find(transportNames(), static_cast<std::uint64_t>(transport));
}
inline const FieldName* findName(VirtioType type) {
  return find(virtioTypeNames(), static_cast<std::uint64_t>(type));
}
inline const FieldName* findName(VirtioOp op) {
  return find(virtioOpNames(), static_cast<std::uint64_t>(op));
}

}  // namespace vsdump
