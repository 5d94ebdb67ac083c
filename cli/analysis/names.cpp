// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/names.h"

#include "cli/text/timestamp.h"

namespace vsdump {

namespace {

void putKey(LineBuffer& out, std::string_view key) {
  out.put(",\"");
  out.put(key);
  out.put("\":");
}

}  // namespace

std::string_view directionWord(Direction direction) {
  return direction == Direction::ToServer ? "to_server" : "to_client";
}

void putAddressKey(LineBuffer& out, std::string_view key, const Address& address) {
  const std::string_view quote = raw(address.cid) > kLargestExactNumber ? "\"" : "";
  putKey(out, key);
  out.put("{\"cid\":");
  out.put(quote);
  out.putDecimal(raw(address.cid));
  out.put(quote);
  out.put(",\"port\":");
  out.putDecimal(raw(address.port));
  out.put('}');
}

void putTimeKey(LineBuffer& out, std::string_view key, std::int64_t timeNs) {
  putKey(out, key);
  if (timeNs == Flow::kNever) return out.put("null");
  out.put('"');
  putEpochSeconds(out, timeNs);
  out.put('"');
}

}  // namespace vsdump
