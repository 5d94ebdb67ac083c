// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "capture/filter/decision_graph.h"
#include "dissector/filter/ast.h"

namespace vsdump {

/// Loads the bytes of a field as if the first of them counted most: one instruction.
NumberCode loadSwapped(const filter::FieldRow& field);

/// Loads `sizeBytes` (2 or 4) bytes of which the first counts least. The last one is asked for
/// first, so that nothing is decided by half a field.
NumberCode loadLittleEndian(std::uint32_t offset, std::uint8_t sizeBytes);

/// Computes a number. Scratch memory is used from `slot` on; nothing is returned when there is not
/// enough of it.
std::optional<NumberCode> compute(const filter::Number& number, std::uint32_t snapshotLengthBytes,
                                  std::uint32_t slot);

bpf_insn instruction(unsigned code, std::uint32_t k = 0);

}  // namespace vsdump
