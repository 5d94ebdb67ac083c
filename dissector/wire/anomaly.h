// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vsdump {

/// How much a finding matters to the person who reads it.
enum class Severity : std::uint8_t { Note, Warning, Error };

/// What can be wrong or unusual about a single record. anomalyCatalogue() has a row for each, in
/// this order.
enum class Anomaly : std::uint8_t {
  VsockmonHeaderTruncated,
  TransportHeaderTruncated,
  PayloadTruncated,
  PayloadMissing,
  CapturedExceedsLength,
  TransportLengthUnexpected,
  AddressMismatch,
  OpMismatch,
  TapExcess,
  PayloadUnexpected,
  UnknownTransport,
  UnknownType,
  UnknownOp,
  ReservedNotZero,
  CidBeyond32Bits,
};

/// What is known about an anomaly: a stable code for programs and a sentence for people.
struct AnomalyRow {
  Anomaly anomaly;
  std::string_view code;
  Severity severity;
  std::string_view sentence;
};

std::span<const AnomalyRow> anomalyCatalogue();

/// The catalogue's row of an anomaly.
const AnomalyRow& describe(Anomaly anomaly);

/// A set of anomalies, one bit each.
class Anomalies {
 public:
  constexpr void add(Anomaly anomaly) { bits_ |= bit(anomaly); }
  constexpr void addIf(bool condition, Anomaly anomaly) {
    bits_ |= static_cast<std::uint32_t>(condition) << static_cast<unsigned>(anomaly);
  }
  constexpr bool has(Anomaly anomaly) const { return (bits_ & bit(anomaly)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

  friend constexpr bool operator==(Anomalies, Anomalies) = default;

 private:
  static constexpr std::uint32_t bit(Anomaly anomaly) {
    return std::uint32_t{1} << static_cast<unsigned>(anomaly);
  }

  std::uint32_t bits_ = 0;
};

}  // namespace vsdump
